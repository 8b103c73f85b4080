/** What reading a piece of text came to. `refused` continues the sentence that begins with the text. */
export type Reading<T> = { readonly value: T } | Refusal

export interface Refusal {
  readonly refused: string
  /** The one change that would mend it, as an imperative sentence. */
  readonly fix?: string
}
