/**
 * The language of conditions on arguments, for `when` in policies and in promises.ts. docs/conditions.md has the
 * grammar; each rule of it is one function here. What the words mean is checked in bind.ts; here is only the form.
 */
import { ConditionError, type Word } from './error.js'
import { Cursor, tokenize } from './tokens.js'

/** Alternatives, one of which must hold; each is one or more tests that must all hold. */
export type ConditionSyntax = readonly AlternativeSyntax[]
export type AlternativeSyntax = readonly TestSyntax[]

export interface TestSyntax {
  readonly argument: Word
  readonly mask: ValueSyntax | null
  readonly relation: Relation
  readonly values: readonly ValueSyntax[]
  /** The test as written. */
  readonly source: Word
}

export type Relation = 'in' | 'not in' | '<' | '<=' | '>' | '>='

/** One or more items joined by `|`; `complement` for `~`. */
export interface ValueSyntax {
  readonly complement: 'none' | 'complement'
  readonly items: readonly Word[]
  /** The value as written. */
  readonly source: Word
}

/** Most alternatives that one condition may come to when its parentheses are multiplied out. */
const alternativesMax = 64
const depthMax = 8

/** Reads a condition; throws `ConditionError`. */
export function parseCondition(text: string): ConditionSyntax {
  const reader: Reader = { text, cursor: new Cursor(tokenize(text), text.length) }
  const condition = parseAny(reader, 0)
  if (!reader.cursor.atEnd()) throw wrongJoint(reader.cursor.take('"and"'), '"and" or "or"')
  return condition
}

interface Reader {
  readonly text: string
  readonly cursor: Cursor
}

/** condition = all { "or" all } */
function parseAny(reader: Reader, depth: number): ConditionSyntax {
  const { cursor } = reader
  let alternatives = parseAll(reader, depth)
  while (cursor.peek() === 'or') {
    const joint = cursor.take('or')
    alternatives = limited([...alternatives, ...parseAll(reader, depth)], joint)
  }
  return alternatives
}

/** all = part { "and" part }: the alternatives of both sides are multiplied out */
function parseAll(reader: Reader, depth: number): ConditionSyntax {
  const { cursor } = reader
  let alternatives = parsePart(reader, depth)
  while (cursor.peek() === 'and') {
    const joint = cursor.take('and')
    const right = parsePart(reader, depth)
    alternatives = limited(
      alternatives.flatMap((one) => right.map((other) => [...one, ...other])),
      joint,
    )
  }
  return alternatives
}

function limited(alternatives: ConditionSyntax, joint: Word): ConditionSyntax {
  if (alternatives.length <= alternativesMax) return alternatives
  const message = `the condition comes to more than ${alternativesMax} alternatives`
  throw new ConditionError(message, joint, 'use in [...] for values of one argument, or write several rules')
}

/** part = test | "(" condition ")" */
function parsePart(reader: Reader, depth: number): ConditionSyntax {
  const { cursor } = reader
  if (cursor.peek() !== '(') return [[parseTest(reader)]]
  const open = cursor.take('(')
  if (depth >= depthMax) throw new ConditionError(`parentheses are nested deeper than ${depthMax}`, open)
  const inner = parseAny(reader, depth + 1)
  const close = cursor.take('")"', 'close the parenthesis')
  if (close.text !== ')') throw wrongJoint(close, '"and", "or" or ")"')
  return inner
}

function wrongJoint(word: Word, wanted: string): ConditionError {
  const expected = `expected ${wanted}, found "${word.text}"`
  const fixes = new Map([
    ['&&', 'write and'],
    ['AND', 'write and'],
    [',', 'write and'],
    ['||', 'write or'],
    ['OR', 'write or'],
    [')', 'remove it'],
  ])
  const chained = relations.has(word.text) ? 'write two tests joined by and' : null
  return new ConditionError(expected, word, fixes.get(word.text) ?? chained)
}

const comparisons = 'a comparison (== != < <= > >= in, not in)'
const relations: ReadonlyMap<string, Relation> = new Map([
  ['==', 'in'],
  ['!=', 'not in'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
])

/** test = argument [ "&" value ] ( order value | [ "not" ] "in" list ) */
function parseTest(reader: Reader): TestSyntax {
  const { cursor } = reader
  const start = cursor.offset()
  const argument = parseArgument(cursor)
  const masked = cursor.peek() === '&'
  if (masked) cursor.take('&')
  const mask = masked ? parseValue(reader) : null
  const word = cursor.take(comparisons, 'say what the argument is compared with')
  const made = (relation: Relation, values: readonly ValueSyntax[]): TestSyntax => {
    return { argument, mask, relation, values, source: between(reader, start) }
  }
  const relation = relations.get(word.text)
  if (relation !== undefined) return made(relation, [parseValue(reader)])
  if (word.text === 'in') return made('in', parseList(reader))
  if (word.text === 'not') {
    cursor.takeExactly('in', 'write not in [...], or !=')
    return made('not in', parseList(reader))
  }
  throw new ConditionError(`expected ${comparisons}, found "${word.text}"`, word, comparisonFix(word, masked))
}

function comparisonFix({ text }: Word, masked: boolean): string | null {
  if (text === ')' && masked) return 'leave the parentheses out: the mask binds tighter than the comparison'
  if (text === 'is') return 'write =='
  if (text === '|' || text === '~') return 'a mask begins with &'
  return null
}

/** argument = NAME */
function parseArgument(cursor: Cursor): Word {
  const argument = cursor.take('the name of an argument')
  if (/^[A-Za-z_]/.test(argument.text) && !keywords.has(argument.text)) return argument
  const message = `expected the name of an argument, found "${argument.text}"`
  if (argument.text === 'not') throw new ConditionError(message, argument, 'turn the test around: != or not in [...]')
  const isNumber = /^[-0-9]/.test(argument.text)
  throw new ConditionError(message, argument, isNumber ? 'write the argument first, the value after it' : null)
}

const keywords: ReadonlySet<string> = new Set(['and', 'or', 'in', 'not'])

/** list = "[" value { "," value } "]" */
function parseList(reader: Reader): readonly ValueSyntax[] {
  const { cursor } = reader
  cursor.takeExactly('[', 'write the values as [A, B]; one value is compared with ==')
  const values = [parseValue(reader)]
  while (cursor.peek() === ',') {
    cursor.take(',')
    values.push(parseValue(reader))
  }
  const close = cursor.take('"]"', 'close the list')
  if (close.text === ']') return values
  throw new ConditionError(`expected "," or "]", found "${close.text}"`, close, 'put commas between the values')
}

/** value = [ "~" ] ( item | "(" items ")" ) | items */
function parseValue(reader: Reader): ValueSyntax {
  const { cursor } = reader
  const start = cursor.offset()
  const complement = cursor.peek() === '~' ? 'complement' : 'none'
  if (complement === 'complement') cursor.take('~')
  if (cursor.peek() === '(') {
    cursor.take('(')
    const items = parseItems(cursor)
    cursor.takeExactly(')', 'close the parenthesis')
    return { complement, items, source: between(reader, start) }
  }
  const items = complement === 'complement' ? [parseItem(cursor)] : parseItems(cursor)
  return { complement, items, source: between(reader, start) }
}

/** items = item { "|" item } */
function parseItems(cursor: Cursor): readonly Word[] {
  const items = [parseItem(cursor)]
  while (cursor.peek() === '|') {
    cursor.take('|')
    items.push(parseItem(cursor))
  }
  return items
}

/** item = NUMBER | NAME */
function parseItem(cursor: Cursor): Word {
  const item = cursor.take('a number or a constant')
  if (/^[-0-9A-Za-z_]/.test(item.text) && !keywords.has(item.text)) return item
  const fix = item.text === ']' ? 'a list holds one value or more' : null
  throw new ConditionError(`expected a number or a constant, found "${item.text}"`, item, fix)
}

function between({ text, cursor }: Reader, start: number): Word {
  return { text: text.slice(start, cursor.lastEnd()), offset: start }
}
