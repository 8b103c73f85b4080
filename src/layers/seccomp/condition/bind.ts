import { InternalError } from '../../../core/errors.js'
import type { Arch } from '../../../host/facts.js'
import { nearest } from '../../../policy/suggest.js'
import { isWide } from '../arch.js'
import { constantOf, syscallTable, type Argument, type Syscall } from '../tables.js'
import { checkArgument, checkCommands } from './arguments.js'
import { ConditionError, type Word } from './error.js'
import { checkMask, checkMasked } from './fields.js'
import { parseCondition, type AlternativeSyntax, type TestSyntax } from './grammar.js'
import type { Conjunction, Test } from './test.js'
import { toWord64 } from './test.js'
import { bindValue } from './values.js'

/** One alternative of a condition: its tests, and how they are written. */
export interface BoundAlternative {
  readonly text: string
  readonly tests: Conjunction
  /** The tests as written, one by one. */
  readonly sources: readonly Word[]
}

/** Gives a condition its meaning for one call on one arch; throws `ConditionError`. */
export function bindAlternatives(text: string, call: Syscall, arch: Arch): readonly BoundAlternative[] {
  const alternatives = parseCondition(text)
  return alternatives.map((one) => ({
    text: alternatives.length === 1 ? text : one.map(({ source }) => source.text).join(' and '),
    tests: bindAll(one, call, arch),
    sources: one.map(({ source }) => source),
  }))
}

/** The same for a condition without `or`, as those of promises.ts are. */
export function bindCondition(text: string, call: Syscall, arch: Arch): Conjunction {
  const [first, second] = bindAlternatives(text, call, arch)
  if (first === undefined || second !== undefined) throw new InternalError(`alternatives in ${text}`)
  return first.tests
}

function bindAll(alternative: AlternativeSyntax, call: Syscall, arch: Arch): Conjunction {
  const bound = alternative.map((syntax) => ({ syntax, ...bindTest(syntax, call, arch) }))
  checkCommands(bound, call)
  return bound.map(({ test }) => test)
}

function bindTest(syntax: TestSyntax, call: Syscall, arch: Arch): { readonly argument: Argument; readonly test: Test } {
  const position = positionOf(syntax.argument, call, arch)
  const argument = call.arguments[position]
  if (argument === undefined) throw unknownArgument(syntax.argument, call, arch)
  checkMask(syntax)
  checkArgument(syntax, argument, call, arch)
  const place = { argument, arch, width: widthOf(argument, arch) }
  const full = toWord64((1n << BigInt(place.width)) - 1n)
  const mask = syntax.mask === null ? full : bindValue(syntax.mask, place, 'mask')
  const values = syntax.values.map((value) => bindValue(value, place, 'value'))
  checkMasked(syntax, mask, values)
  return { argument, test: { argument: position, mask, relation: syntax.relation, values } }
}

function positionOf(word: Word, call: Syscall, arch: Arch): number {
  const named = call.arguments.findIndex((argument) => argument.name === word.text)
  if (named !== -1) return named
  const position = /^arg([0-9]+)$/.exec(word.text)?.[1]
  if (position === undefined || Number(position) >= call.arguments.length) throw unknownArgument(word, call, arch)
  return Number(position)
}

function unknownArgument(word: Word, call: Syscall, arch: Arch): ConditionError {
  const names = call.arguments.map(({ name }) => name)
  if (names.length === 0) {
    const message = `${call.name} on ${arch} has no argument that a filter could test`
    return new ConditionError(message, word, 'remove the condition')
  }
  const whole = wideArchesOf(word.text, call, arch)
  if (whole.length > 0) {
    const halves = call.arguments.filter((one) => one.class === 'split' && !one.name.startsWith('__'))
    return new ConditionError(
      `${word.text} of ${call.name} is split in two on ${arch} (${halves.map(({ name }) => name).join(', ')}), and ` +
        'halves cannot be compared',
      word,
      `make the rule for ${whole.join(', ')} only, by arch`,
    )
  }
  const message = `${call.name} on ${arch} has no argument "${word.text}"; it has ${names.join(', ')}`
  if (constantOf(word.text, arch).kind !== 'unknown') {
    return new ConditionError(message, word, 'write the argument first, the constant after it')
  }
  const guess = nearest(word.text, names)
  return new ConditionError(message, word, guess === null ? `use one of ${names.join(', ')}` : `write ${guess}`)
}

/** Where an argument of that name is one 64-bit value, while the call has halves here. */
function wideArchesOf(name: string, call: Syscall, arch: Arch): readonly Arch[] {
  if (isWide(arch) || !call.arguments.some((argument) => argument.class === 'split')) return []
  return (['x86_64', 'aarch64', 'riscv64'] as const).filter((wide) => {
    const same = syscallTable(wide).byName.get(call.name)
    return same?.arguments.some((argument) => argument.name === name && /^[us]64$/.test(argument.class)) ?? false
  })
}

function widthOf(argument: Argument, arch: Arch): 16 | 32 | 64 {
  if (argument.class === 'u16') return 16
  const wide = argument.class === 'u64' || argument.class === 's64' || argument.class === 'maybe-pointer64'
  return isWide(arch) && (wide || argument.class === 'pointer') ? 64 : 32
}
