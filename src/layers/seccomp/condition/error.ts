/** A piece of a condition as written. */
export interface Word {
  readonly text: string
  /** In UTF-16 units from the start of the condition. */
  readonly offset: number
}

/** Something wrong with a condition, and the piece of it that is to blame. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError'
  /** In UTF-16 units from the start of the condition. */
  readonly offset: number
  readonly length: number
  constructor(
    message: string,
    at: Word,
    readonly fix: string | null = null,
  ) {
    super(message)
    this.offset = at.offset
    this.length = at.text.length
  }
}
