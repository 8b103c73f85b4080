/**
 * The language of conditions on arguments, for `when` in policies and in promises.ts:
 *
 *   condition = test { "and" test }
 *   test      = argument [ "&" value ] ( order value | [ "not" ] "in" "[" value { "," value } "]" )
 *   order     = "==" | "!=" | "<" | "<=" | ">" | ">="
 *   value     = [ "~" ] ( item | "(" item { "|" item } ")" ) | item { "|" item }
 *   item      = NUMBER | NAME
 *   argument  = NAME
 *
 *   family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK == SOCK_STREAM
 *   prot & PROT_EXEC == 0
 *
 * The mask binds tighter than the comparison (not as in C). NUMBER is decimal or 0x hexadecimal and may be negative.
 * An argument is named as the kernel names it, or `arg0` to `arg5` by position. Alternatives are a list of conditions.
 * What the words mean is checked in bind.ts; here is only the form.
 */
export interface ConditionSyntax {
  readonly tests: readonly TestSyntax[]
}

export interface TestSyntax {
  readonly argument: Word
  readonly mask: ValueSyntax | null
  readonly relation: Relation
  readonly values: readonly ValueSyntax[]
}

export type Relation = 'in' | 'not in' | '<' | '<=' | '>' | '>='

/** One or more items joined by `|`; `complement` for `~`. */
export interface ValueSyntax {
  readonly complement: 'none' | 'complement'
  readonly items: readonly Word[]
}

export interface Word {
  readonly text: string
  /** In UTF-16 units from the start of the condition. */
  readonly offset: number
}

/** Something wrong with a condition, at `offset`. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError'
  constructor(
    message: string,
    readonly offset: number,
    readonly fix: string | null = null,
  ) {
    super(message)
  }
}

/** Reads a condition; throws `ConditionError`. */
export function parseCondition(text: string): ConditionSyntax {
  const words = tokenize(text)
  const cursor = new Cursor(words, text.length)
  const tests = [parseTest(cursor)]
  while (!cursor.atEnd()) {
    const joint = cursor.take('"and"')
    if (joint.text === 'or' || joint.text === '||') {
      const fix = 'make `when` a list: each entry is one alternative'
      throw new ConditionError('there is no "or" in a condition', joint.offset, fix)
    }
    if (joint.text !== 'and') throw new ConditionError(`expected "and", found "${joint.text}"`, joint.offset)
    tests.push(parseTest(cursor))
  }
  return { tests }
}

const token = /\s*(?:(-?[0-9][0-9A-Za-z_]*|[A-Za-z_][A-Za-z0-9_]*|==|!=|<=|>=|&&|\|\||[<>&|~()[\],])|(\S))/y

function tokenize(text: string): readonly Word[] {
  const words: Word[] = []
  token.lastIndex = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const word = match[1] ?? match[2] ?? ''
    const offset = token.lastIndex - word.length
    if (match[1] === undefined) throw new ConditionError(`unexpected character "${word}"`, offset)
    words.push({ text: word, offset })
  }
  return words
}

/** The words not yet read. */
class Cursor {
  #next = 0
  constructor(
    readonly words: readonly Word[],
    readonly end: number,
  ) {}

  atEnd(): boolean {
    return this.#next >= this.words.length
  }

  peek(): string {
    return this.words[this.#next]?.text ?? ''
  }

  take(expected: string): Word {
    const word = this.words[this.#next]
    if (word === undefined) throw new ConditionError(`expected ${expected}, found the end`, this.end)
    this.#next += 1
    return word
  }

  takeExactly(text: string): void {
    const word = this.take(`"${text}"`)
    if (word.text !== text) throw new ConditionError(`expected "${text}", found "${word.text}"`, word.offset)
  }
}

function parseTest(cursor: Cursor): TestSyntax {
  const argument = cursor.take('the name of an argument')
  if (!/^[A-Za-z_]/.test(argument.text) || keywords.has(argument.text)) {
    throw new ConditionError(`expected the name of an argument, found "${argument.text}"`, argument.offset)
  }
  let mask: ValueSyntax | null = null
  if (cursor.peek() === '&') {
    cursor.take('"&"')
    mask = parseValue(cursor)
  }
  const word = cursor.take('a comparison (== != < <= > >= in, not in)')
  switch (word.text) {
    case '==':
      return { argument, mask, relation: 'in', values: [parseValue(cursor)] }
    case '!=':
      return { argument, mask, relation: 'not in', values: [parseValue(cursor)] }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { argument, mask, relation: word.text, values: [parseValue(cursor)] }
    case 'in':
      return { argument, mask, relation: 'in', values: parseList(cursor) }
    case 'not':
      cursor.takeExactly('in')
      return { argument, mask, relation: 'not in', values: parseList(cursor) }
    default:
      throw new ConditionError(`expected a comparison (== != < <= > >= in, not in), found "${word.text}"`, word.offset)
  }
}

const keywords: ReadonlySet<string> = new Set(['and', 'or', 'in', 'not'])

function parseList(cursor: Cursor): readonly ValueSyntax[] {
  cursor.takeExactly('[')
  const values = [parseValue(cursor)]
  while (cursor.peek() === ',') {
    cursor.take('","')
    values.push(parseValue(cursor))
  }
  cursor.takeExactly(']')
  return values
}

function parseValue(cursor: Cursor): ValueSyntax {
  const complement = cursor.peek() === '~' ? 'complement' : 'none'
  if (complement === 'complement') cursor.take('"~"')
  if (cursor.peek() === '(') {
    cursor.take('"("')
    const items = parseItems(cursor)
    cursor.takeExactly(')')
    return { complement, items }
  }
  return { complement, items: complement === 'complement' ? [parseItem(cursor)] : parseItems(cursor) }
}

function parseItems(cursor: Cursor): readonly Word[] {
  const items = [parseItem(cursor)]
  while (cursor.peek() === '|') {
    cursor.take('"|"')
    items.push(parseItem(cursor))
  }
  return items
}

function parseItem(cursor: Cursor): Word {
  const item = cursor.take('a number or a constant')
  if (!/^[-0-9A-Za-z_]/.test(item.text) || keywords.has(item.text)) {
    throw new ConditionError(`expected a number or a constant, found "${item.text}"`, item.offset)
  }
  return item
}
