import { ConditionError, type Word } from './error.js'

const token = /\s*(?:(-?[0-9][0-9A-Za-z_]*|[A-Za-z_][A-Za-z0-9_]*|==|!=|<=|>=|&&|\|\||[<>&|~()[\],])|(\S))/uy

/** The words and signs of a condition; throws `ConditionError` at a character that is no part of any. */
export function tokenize(text: string): readonly Word[] {
  const words: Word[] = []
  token.lastIndex = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const word = { text: match[1] ?? match[2] ?? '', offset: token.lastIndex - (match[1] ?? match[2] ?? '').length }
    if (match[1] === undefined) throw strange(word)
    words.push(word)
  }
  return words
}

function strange(word: Word): ConditionError {
  return new ConditionError(`unexpected character "${word.text}"`, word, meant.get(word.text) ?? null)
}

/** What an author of other languages means by a character that this one does not have. */
const meant: ReadonlyMap<string, string> = new Map([
  ['=', 'compare with =='],
  ['!', 'write != or not in [...]'],
  ['"', 'write names and numbers without quotes'],
  ["'", 'write names and numbers without quotes'],
  ['+', 'join flags with |'],
  ['-', 'write the sign right before the number'],
  ['{', 'a list is written [A, B]'],
  ['$', 'a condition has no variables'],
])

/** The words not yet read. */
export class Cursor {
  #next = 0
  constructor(
    readonly words: readonly Word[],
    readonly end: number,
  ) {}

  atEnd(): boolean {
    return this.#next >= this.words.length
  }

  /** Where the next word starts. */
  offset(): number {
    return this.words[this.#next]?.offset ?? this.end
  }

  /** Where the last word read ends. */
  lastEnd(): number {
    const last = this.words[this.#next - 1]
    return last === undefined ? 0 : last.offset + last.text.length
  }

  peek(): string {
    return this.words[this.#next]?.text ?? ''
  }

  take(expected: string, fix: string | null = null): Word {
    const word = this.words[this.#next]
    if (word === undefined) {
      throw new ConditionError(`expected ${expected}, found the end`, { text: '', offset: this.end }, fix)
    }
    this.#next += 1
    return word
  }

  takeExactly(text: string, fix: string | null = null): Word {
    const word = this.take(`"${text}"`, fix)
    if (word.text !== text) throw new ConditionError(`expected "${text}", found "${word.text}"`, word, fix)
    return word
  }
}
