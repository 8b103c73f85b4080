/** The C programs of the bench, compiled. */
import { join } from 'node:path'
import { must, run, searchPath } from '../world/process.js'

export interface Programs {
  /** Runs and times all others. */
  readonly timer: string
  readonly floor: string
  /** What every candidate runs. */
  readonly program: string
  /** What every candidate runs whose memory is measured. */
  readonly stands: string
  /** The libc of the last three. */
  readonly libc: 'musl' | 'glibc'
}

/** From build-test/integration/bench; what is not TypeScript is not copied there. */
const sources = join(import.meta.dirname, '../../../integration/bench')
const environment = { env: { PATH: searchPath } }
const warnings = ['-Wall', '-Wextra', '-Werror']

/**
 * All that is timed is static, and of musl where there is one: glibc asks the processor what it is with dozens of CPUID
 * instructions, which a virtual machine answers by an exit each, so its start would be what is measured.
 */
export async function compilePrograms(directory: string): Promise<Programs> {
  const libc = (await run(['sh', '-c', 'command -v musl-gcc'], environment)).code === 0 ? 'musl' : 'glibc'
  const compile = async (name: string, compiler: readonly string[]): Promise<string> => {
    const output = join(directory, name)
    await must([...compiler, '-O2', ...warnings, '-o', output, join(sources, `${name}.c`)], environment)
    return output
  }
  const machine = (await must(['cc', '-print-multiarch'], environment)).trim()
  // musl-gcc looks for nothing of the host's; the kernel's headers come after its own.
  const headers = ['/usr/include', `/usr/include/${machine}`].flatMap((path) => ['-idirafter', path])
  const fixed = libc === 'musl' ? ['musl-gcc', '-static', ...headers] : ['cc', '-static']
  const [timer, floor, program, stands] = await Promise.all([
    compile('time-runs', ['cc']),
    compile('floor', fixed),
    compile('true', fixed),
    compile('stands', fixed),
  ])
  return { timer, floor, program, stands, libc }
}
