import { ComplexityError } from '../../../core/errors.js'

/** Does some work on conditions; where it is too much, the error says what they are on: `the conditions on mmap`. */
export function naming<T>(subject: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ComplexityError)) throw error
    const told = error.message.startsWith('too ') ? `are ${error.message}` : `are too complex: ${error.message}`
    const message = `${subject} ${told}\n  fix: use fewer alternatives that test several arguments`
    throw new ComplexityError(message, { cause: error })
  }
}
