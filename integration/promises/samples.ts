import type { Arch } from '../../src/host/facts.js'
import { isWide } from '../../src/layers/seccomp/arch.js'
import { holds, type ArgumentValues, type Conjunction, type Word64 } from '../../src/layers/seccomp/condition/test.js'
import { decided, type Decision } from '../../src/layers/seccomp/meaning.js'
import type { Argument, Syscall } from '../../src/layers/seccomp/tables.js'

export interface Sample {
  readonly call: Syscall
  readonly args: ArgumentValues
}

export interface Samples {
  /** Within one of the conditions that `by` wrote, once for each value that it lists, without and with garbage. */
  readonly inside: readonly Sample[]
  /** Just outside every condition. */
  readonly outside: readonly Sample[]
}

/** Calls on both sides of each condition of a decision; `by`: whose clauses they are inside of. */
export function samplesOf(decision: Decision, arch: Arch, by: (clause: string) => boolean): Samples {
  const filled = harmless(decision.call, arch)
  const alternatives = decision.clauses.flatMap((clause) => {
    return (clause.when ?? [{ tests: [] }]).map(({ tests }) => ({
      tests,
      mine: clause.action === 'allow' && by(clause.by),
    }))
  })
  const pools = poolsOf(alternatives.map(({ tests }) => tests))
  const near = alternatives.flatMap(({ tests, mine }) => {
    return around(tests, filled, pools).map((args) => ({ args, mine: mine && holds(tests, args) }))
  })
  const allowed = (args: ArgumentValues): boolean => decided(decision, args) === 'allow'
  const tried = near.length === 0 ? [{ args: filled, mine: false }] : near
  const sample = ({ args }: { readonly args: ArgumentValues }): Sample => {
    return { call: decision.call, args: isWide(arch) ? args : args.map(({ lo }) => ({ hi: 0, lo })) }
  }
  return {
    inside: unique(tried.filter(({ args, mine }) => mine && allowed(args)).map(sample)),
    outside: unique(tried.filter(({ args }) => !allowed(args)).map(sample)),
  }
}

/** Arguments that meet a condition, and those with one argument changed to each value of its pool. */
function around(tests: Conjunction, filled: ArgumentValues, pools: Pools): readonly ArgumentValues[] {
  const mentioned = [...new Set(tests.map(({ argument }) => argument))]
  const base = mentioned.reduce<ArgumentValues>((args, argument) => {
    const own = tests.filter((test) => test.argument === argument)
    const fits = (pools.get(argument) ?? []).find((value) => holds(own, args.with(argument, value)))
    if (fits === undefined) throw new Error(`no value of argument ${argument} meets ${JSON.stringify(own)}`)
    return args.with(argument, fits)
  }, filled)
  return [
    base,
    ...mentioned.flatMap((argument) => (pools.get(argument) ?? []).map((value) => base.with(argument, value))),
  ]
}

type Pools = ReadonlyMap<number, readonly Word64[]>

/** For each argument: every value that a test names, its neighbours, and combinations of masked ones. */
function poolsOf(alternatives: readonly Conjunction[]): Pools {
  const tests = alternatives.flat()
  return new Map(
    [...new Set(tests.map(({ argument }) => argument))].map((argument) => {
      const own = tests.filter((test) => test.argument === argument)
      const masked = own.filter(({ mask }) => mask.lo !== 0xffffffff)
      const joined = masked.flatMap(({ values }) => values)
      const unions = joined.flatMap((one) => joined.map((other) => word(one.hi | other.hi, one.lo | other.lo)))
      const named = own.flatMap(({ mask, values }) => values.flatMap((value) => neighbours(value, mask)))
      return [argument, distinct([...own.flatMap(({ values }) => values), ...unions, ...named, ...extremes])]
    }),
  )
}

const extremes = [word(0, 0), word(0, 1), word(0, 0xffffffff), word(0xffffffff, 0xffffffff)]

function neighbours(value: Word64, mask: Word64): readonly Word64[] {
  const bits = Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0)
  return [
    // What the mask removes must not count, nor the upper half where the kernel drops it.
    word(value.hi | ~mask.hi, value.lo | ~mask.lo),
    word(value.hi ^ 0xdead0000, value.lo),
    word(value.hi ^ 1, value.lo),
    word(value.hi, value.lo + 1),
    word(value.hi, value.lo - 1),
    ...(mask.lo === 0xffffffff
      ? []
      : bits.filter((bit) => (mask.lo & bit) !== 0).map((bit) => word(value.hi, value.lo ^ bit))),
  ]
}

function word(hi: number, lo: number): Word64 {
  return { hi: hi >>> 0, lo: lo >>> 0 }
}

/**
 * Arguments with which an allowed call fails, waits until it is interrupted, or changes its own process alone: no such
 * descriptor, no such process, an address that is not mapped, unknown flags, length 0.
 */
function harmless(call: Syscall, arch: Arch): ArgumentValues {
  return Array.from({ length: 6 }, (_, index) => {
    const argument = call.arguments[index]
    return argument === undefined ? word(0, 0) : (byName.get(argument.name) ?? byClass(argument, arch))
  })
}

// With IPC_CREAT a queue would stay; sigsuspend's mask would keep the interruption out; clone's child needs a stack.
const byName: ReadonlyMap<string, Word64> = new Map([
  ...['msgflg', 'semflg', 'shmflg', 'mask', 'unused1', 'unused2', 'newsp'].map((name) => [name, word(0, 0)] as const),
  ...['pid', 'tgid', 'upid', 'who'].map((name) => [name, word(0, 0x7ffffffe)] as const),
])

function byClass({ class: type }: Argument, arch: Arch): Word64 {
  switch (type) {
    case 'w32':
    case 's32':
    case 'u16':
      return word(isWide(arch) ? 0xffffffff : 0, 0xffffffff)
    case 'pointer':
    case 'maybe-pointer32':
    case 'maybe-pointer64':
      return word(0, 1)
    case 'u64':
    case 's64':
    case 'split':
      return word(0, 0)
  }
}

function distinct(words: readonly Word64[]): readonly Word64[] {
  return [...new Map(words.map((one) => [`${one.hi} ${one.lo}`, one])).values()]
}

function unique(samples: readonly Sample[]): readonly Sample[] {
  return [...new Map(samples.map((one) => [sampleText(one), one])).values()]
}

/** `socket(0x2, 0x1, 0x0)`: only the arguments that the call has. */
export function sampleText({ call, args }: Sample): string {
  return `${call.name}(${call.arguments.map((_, index) => hex(args[index] ?? word(0, 0))).join(', ')})`
}

/** The line for calls.c. */
export function sampleLine({ call, args }: Sample): string {
  return [call.number, ...args.map(hex)].join(' ')
}

function hex({ hi, lo }: Word64): string {
  return `0x${((BigInt(hi) << 32n) | BigInt(lo)).toString(16)}`
}
