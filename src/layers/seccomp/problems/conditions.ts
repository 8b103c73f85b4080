/** What is wrong with a condition, each with its place in the text. */
import { ComplexityError, type Problem } from '../../../core/errors.js'
import type { Arch } from '../../../host/facts.js'
import { lets } from '../action.js'
import { bindAlternatives, type BoundAlternative } from '../condition/bind.js'
import { everywhere, isSatisfiable, isSpent, isWithin, type Budget } from '../condition/cover.js'
import { ConditionError, type Word } from '../condition/error.js'
import { unmaskedChoice } from '../condition/fields.js'
import { parseCondition, type TestSyntax } from '../condition/grammar.js'
import type { Conjunction } from '../condition/test.js'
import { toWords } from '../condition/words.js'
import { alternativesOf } from '../request.js'
import { constantOf, type SyscallTable } from '../tables.js'
import { alternativesMax, type Context, type PlacedRule } from './context.js'

/** At most one problem for each condition: what is wrong on one arch is mostly wrong on the other. */
export function conditionProblems(
  placed: PlacedRule,
  tables: readonly SyscallTable[],
  context: Context,
): readonly Problem[] {
  const { rule, key } = placed
  return (alternativesOf(rule.when) ?? []).flatMap((text, index) => {
    const at = typeof rule.when === 'string' ? `${key}.when` : `${key}.when[${index}]`
    const error = mistakeIn(text, placed, tables, context)
    if (error === null) return []
    const within = { start: error.offset, end: error.offset + error.length }
    const problem: Problem = { key: at, message: error.message, within }
    return [error.fix === null ? problem : { ...problem, fix: error.fix }]
  })
}

function mistakeIn(
  text: string,
  placed: PlacedRule,
  tables: readonly SyscallTable[],
  context: Context,
): ConditionError | null {
  if (context.alternatives.left < 0) return null
  const found = tables.map((table) => ({ arch: table.arch, error: mistakeOn(text, placed, table, context) }))
  const wrong = found.flatMap(({ error }) => (error === null ? [] : [error]))[0]
  if (wrong === undefined) return mistakeAcross(text, placed, tables)
  const right = found.filter(({ error }) => error === null).map(({ arch }) => arch)
  if (right.length === 0 || context.alternatives.left < 0) return wrong
  return new ConditionError(wrong.message, wordOf(text, wrong), `write arch: ${archText(right)} in the rule`)
}

function archText(arches: readonly Arch[]): string {
  return arches.length === 1 ? arches.join() : `[${arches.join(', ')}]`
}

function wordOf(text: string, { offset, length }: ConditionError): Word {
  return { text: text.slice(offset, offset + length), offset }
}

function mistakeOn(
  text: string,
  { rule }: PlacedRule,
  table: SyscallTable,
  { budget, alternatives: counted }: Context,
): ConditionError | null {
  const call = table.byName.get(rule.syscall)
  if (call === undefined) return null
  try {
    const alternatives = bindAlternatives(text, call, table.arch)
    counted.left -= alternatives.length
    if (counted.left < 0) return tooMany(text)
    const idle = alternatives.flatMap((one) => idleTests(one, budget))[0]
    if (idle !== undefined) return idle
    const impossible = alternatives.find(({ tests }) => !canHold(tests, budget))
    return impossible === undefined ? null : contradiction(text, impossible, alternatives.length, budget)
  } catch (error) {
    if (error instanceof ConditionError) return error
    if (!(error instanceof ComplexityError)) throw error
    return new ConditionError(error.message, { text, offset: 0 }, 'test fewer 64-bit arguments under masks in one rule')
  }
}

/** Told once: what comes after it is not looked at. */
function tooMany(text: string): ConditionError {
  const message = `up to here, the conditions of all rules come to more than ${alternativesMax} alternatives`
  return new ConditionError(message, { text, offset: 0 }, 'use in [...] for values of one argument')
}

/** True also where the budget is spent: then compiling tells of what has too many alternatives. */
function canHold(tests: Conjunction, budget: Budget): boolean {
  if (isSpent(budget)) return true
  const alternatives = toWords(tests)
  budget.steps -= alternatives.length * (1 + tests.length)
  return alternatives.some((atoms) => isSatisfiable(atoms, budget))
}

/** A test that every value meets, or none, is a slip. */
function idleTests({ tests, sources }: BoundAlternative, budget: Budget): readonly ConditionError[] {
  if (isSpent(budget)) return []
  return tests.flatMap((test, index) => {
    const source = sources[index] ?? { text: '', offset: 0 }
    if (!canHold([test], budget))
      return [new ConditionError('no value meets this test', source, 'remove or mend the test')]
    if (!isWithin(everywhere, toWords([test]), budget)) return []
    return [new ConditionError('every value meets this test, so it says nothing', source, 'remove the test')]
  })
}

function contradiction(
  text: string,
  { tests, sources }: BoundAlternative,
  alternatives: number,
  budget: Budget,
): ConditionError {
  const pairs = sources.flatMap((_, right) => sources.slice(0, right).map((__, left) => [left, right] as const))
  const [left, right] =
    pairs.find((pair) => {
      const two = tests.filter((___, at) => pair.includes(at))
      return !canHold(two, budget)
    }) ?? []
  const [first, second] = [sources[left ?? -1], sources[right ?? -1]]
  const which = alternatives === 1 ? 'the condition' : 'one alternative'
  if (first === undefined || second === undefined) {
    return new ConditionError(`${which} can never be true`, { text, offset: 0 }, 'remove tests until it can')
  }
  const message = `${which} can never be true: "${first.text}" and "${second.text}" exclude each other`
  return new ConditionError(message, second, 'remove one of them, or join them with or')
}

/** What is right on each arch, and does not mean the same on both, or not what the author means. */
function mistakeAcross(text: string, placed: PlacedRule, tables: readonly SyscallTable[]): ConditionError | null {
  for (const test of parseCondition(text).flat()) {
    const error = repeated(test) ?? differingConstant(test, tables) ?? twoNames(test, tables) ?? gapOf(test, placed)
    if (error !== null) return error
  }
  return null
}

function repeated({ values }: TestSyntax): ConditionError | null {
  const again = values.find((value, index) => values.findIndex((one) => one.source.text === value.source.text) < index)
  return again === undefined
    ? null
    : new ConditionError(`${again.source.text} is listed twice`, again.source, 'remove one')
}

function differingConstant({ mask, values }: TestSyntax, tables: readonly SyscallTable[]): ConditionError | null {
  for (const item of [...(mask === null ? [] : [mask]), ...values].flatMap(({ items }) => items)) {
    const known = tables.flatMap(({ arch }) => {
      const found = constantOf(item.text, arch)
      return found.kind === 'value' ? [{ arch, value: found.value }] : []
    })
    const numbers = new Set(known.map(({ value }) => BigInt.asUintN(32, value)))
    if (numbers.size < 2) continue
    const listed = known.map(({ arch, value }) => `0x${BigInt.asUintN(32, value).toString(16)} on ${arch}`)
    const message = `${item.text} is ${listed.join(' and ')}: one rule cannot mean both`
    const fix = `write a rule for each: ${known.map(({ arch }) => `arch: ${arch}`).join(', ')}`
    return new ConditionError(message, item, fix)
  }
  return null
}

/** AF_UNIX and AF_LOCAL are one number: a list with both is longer than it looks. Some are one on some arches only. */
function twoNames({ values }: TestSyntax, tables: readonly SyscallTable[]): ConditionError | null {
  const names = values.flatMap(({ items, source }) => (items.length === 1 ? [source] : []))
  const pairs = names.flatMap((right, index) => names.slice(0, index).map((left) => ({ left, right })))
  const same = pairs.find(({ left, right }) =>
    tables.every(({ arch }) => {
      const [one, other] = [constantOf(left.text, arch), constantOf(right.text, arch)]
      return one.kind === 'value' && other.kind === 'value' && one.value === other.value
    }),
  )
  if (same === undefined) return null
  return new ConditionError(`${same.right.text} is the number of ${same.left.text}`, same.right, 'remove one')
}

/** `type == SOCK_STREAM` does not hold for SOCK_STREAM | SOCK_CLOEXEC. */
function gapOf(test: TestSyntax, { rule }: PlacedRule): ConditionError | null {
  const found = unmaskedChoice(test)
  if (found === null || test.relation !== (lets(rule.action) ? 'not in' : 'in')) return null
  const argument = test.argument.text
  return new ConditionError(
    `${argument} of ${rule.syscall} holds flags beside ${found.choice}: a program gets around this by adding one`,
    test.source,
    `write ${argument} & ${found.mask} ${test.relation === 'in' ? '==' : '!='} ${found.choice}`,
  )
}
