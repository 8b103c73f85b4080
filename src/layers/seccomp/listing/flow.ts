import type { Arch } from '../../../host/facts.js'
import { auditArch } from '../arch.js'
import { field, opcode, type Instruction } from '../code/bpf.js'
import { complement, everything, intersect, maximum, rangesOf, span, type Range, type Ranges } from '../code/ranges.js'

/** What is known where an instruction runs. */
export interface Place {
  /** What the accumulator holds; null: nothing that a listing can name. */
  readonly held: { readonly offset: number; readonly mask: number } | null
  /** The calls that can come here: numbers by arch. */
  readonly calls: Calls
  /** Whether a test of the number leads here. */
  readonly entry: 'entry' | 'inside'
}

export type KnownArch = Arch | 'other'
export type Calls = ReadonlyMap<KnownArch, Ranges>

export const arches: readonly Arch[] = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64']

/** More ranges than this at one place are drawn together: a listing of a hostile program must end. */
const rangesMax = 256

/**
 * What is known at each instruction of a program that the kernel accepts; undefined: nothing leads there. All jumps go
 * forward, so one pass suffices.
 */
export function placesOf(program: readonly Instruction[]): readonly (Place | undefined)[] {
  const places: (Place | undefined)[] = program.map(() => undefined)
  const everywhere = new Map<KnownArch, Ranges>([...arches, 'other' as const].map((arch) => [arch, everything]))
  places[0] = { held: null, calls: everywhere, entry: 'inside' }
  for (const [index, instruction] of program.entries()) {
    const place = places[index]
    if (place === undefined) continue
    for (const [target, next] of successors(instruction, index, place)) {
      const before = places[target]
      places[target] = before === undefined ? next : joined(before, next)
    }
  }
  return places
}

type Successor = readonly [target: number, place: Place]

function successors({ code, jt, jf, k }: Instruction, index: number, place: Place): readonly Successor[] {
  const inside: Place = { ...place, entry: 'inside' }
  switch (code) {
    case opcode.return:
    case 0x16:
      return []
    case opcode.jumpAlways:
      return [[index + 1 + k, place]]
    case opcode.load:
      return [[index + 1, { ...inside, held: { offset: k, mask: maximum } }]]
    case opcode.and: {
      const held = place.held === null ? null : { ...place.held, mask: (place.held.mask & k) >>> 0 }
      return [[index + 1, { ...inside, held }]]
    }
  }
  if ((code & 7) !== 5) return [[index + 1, changesAccumulator(code) ? { ...inside, held: null } : inside]]
  const tested = place.held?.mask === maximum ? place.held.offset : null
  const withConstant = (code & 8) === 0
  const isOrder = withConstant && code !== opcode.jumpSet
  const known = (isOrder && tested === field.arch) || (withConstant && tested === field.number) ? tested : null
  const entry = tested === field.number ? 'entry' : 'inside'
  const sets: readonly (readonly [distance: number, set: Ranges])[] = [
    [jt, known === null ? everything : setOf(code, k)],
    [jf, known === null ? everything : code === opcode.jumpSet ? withoutBits(k) : complement(setOf(code, k))],
  ]
  return sets.flatMap(([distance, set]): readonly Successor[] => {
    const calls = known === null ? place.calls : narrowed(place.calls, known, set)
    return calls.size === 0 ? [] : [[index + 1 + distance, { held: place.held, calls, entry }]]
  })
}

/** ST, STX, TAX and LDX leave it alone. */
function changesAccumulator(code: number): boolean {
  return ![0x02, 0x03, 0x07, 0x01, 0x61, 0x81].includes(code)
}

/** Numbers up to here are looked at one by one. */
const smallMax = 1023

function setOf(code: number, k: number): Ranges {
  if (code === opcode.jumpSet)
    return united(
      small((number) => (number & k) !== 0),
      span(smallMax + 1, maximum),
    )
  if (code === opcode.jumpEqual) return span(k, k)
  return span(code === opcode.jumpGreater ? k + 1 : k, maximum)
}

/** Of large numbers only what is sure is left out. */
function withoutBits(k: number): Ranges {
  const large = (k | smallMax) >>> 0 === maximum ? [] : span(smallMax + 1, maximum)
  return united(
    small((number) => (number & k) === 0),
    large,
  )
}

function small(holds: (number: number) => boolean): Ranges {
  return rangesOf(Array.from({ length: smallMax + 1 }, (_, number) => number).filter(holds))
}

function narrowed(calls: Calls, tested: number, set: Ranges): Calls {
  const left = [...calls].map(([arch, numbers]): readonly [KnownArch, Ranges] => {
    if (tested === field.number) return [arch, intersect(numbers, set)]
    const possible = arch === 'other' || intersect(span(auditArch[arch], auditArch[arch]), set).length > 0
    return [arch, possible ? numbers : []]
  })
  return new Map(left.filter(([, numbers]) => numbers.length > 0))
}

function joined(a: Place, b: Place): Place {
  const same = a.held !== null && a.held.offset === b.held?.offset && a.held.mask === b.held.mask
  const calls = new Map(a.calls)
  for (const [arch, numbers] of b.calls) calls.set(arch, united(calls.get(arch) ?? [], numbers))
  return { held: same ? a.held : null, calls, entry: a.entry === 'entry' ? 'entry' : b.entry }
}

function united(a: Ranges, b: Ranges): Ranges {
  const all = [...a, ...b].toSorted((one, other) => one.from - other.from)
  const merged = all.reduce<Range[]>((done, range) => {
    const last = done.at(-1)
    if (last === undefined || range.from > last.to + 1) done.push(range)
    else done[done.length - 1] = { from: last.from, to: Math.max(last.to, range.to) }
    return done
  }, [])
  const [first, last] = [merged[0], merged.at(-1)]
  return merged.length > rangesMax && first !== undefined && last !== undefined ? span(first.from, last.to) : merged
}
