import type { Arch } from '../../../host/facts.js'
import { allArches, reachableArches } from '../arch.js'
import { bindAlternatives } from '../condition/bind.js'
import { everywhere, isSatisfiable, makeBudget, type Budget, type Region } from '../condition/cover.js'
import { toWords } from '../condition/words.js'
import { alternativesOf, isRuleFor, type FilterRequest, type Rule } from '../request.js'
import { meaningOf, type Meaning } from '../meaning.js'
import { syscallTable, type Syscall, type SyscallTable } from '../tables.js'

/** The part of a policy that says which calls may be made, for the table of one machine. */
export type PolicyPart = Omit<FilterRequest, 'arch'>

/** Who answers notifications: nobody in a run; whoever loads a filter that was only emitted. */
export type Listener = 'none' | 'elsewhere'

export interface Context {
  readonly part: PolicyPart
  readonly arch: Arch
  readonly tables: readonly SyscallTable[]
  readonly listener: Listener
  /** For all questions of one policy together. */
  readonly budget: Budget
  /** How many alternatives conditions may still come to, each counted on each arch. */
  readonly alternatives: { left: number }
  /** Regions that were asked for before. */
  readonly known: WeakMap<Rule, Map<Arch, Region>>
  /** What the policy grants without its rules, made when it is first asked for. */
  readonly grants: () => Meaning
}

/** Beyond, a policy takes long to compile whatever its conditions are; parentheses make 64 of one line. */
export const alternativesMax = 16_384

/** What all checks of one policy share. */
export function makeContext(part: PolicyPart, arch: Arch, listener: Listener): Context {
  let made: Meaning | null = null
  const grants = (): Meaning => (made ??= meaningOf({ ...part, arch, rules: [] }))
  return {
    part,
    arch,
    // Most policies have no rules, and ask about no table but their own.
    get tables() {
      return allArches.map(syscallTable)
    },
    listener,
    budget: makeBudget(),
    alternatives: { left: alternativesMax },
    known: new WeakMap(),
    grants,
  }
}

/** `regionOf` a rule that is right, which is asked for many times. */
export function knownRegion(rule: Rule, table: SyscallTable, { known, budget }: Context): Region {
  const regions = known.get(rule) ?? new Map<Arch, Region>()
  const region = regions.get(table.arch) ?? regionOf(rule, table, budget)
  known.set(rule, regions.set(table.arch, region))
  return region
}

/** A rule of the part, and its key in the policy. */
export interface PlacedRule {
  readonly rule: Rule
  readonly index: number
  readonly key: string
}

/** The tables that a rule is about: those that it names, or all that this machine's programs reach and that have it. */
export function tablesOf(rule: Rule, { arch, tables }: Context): readonly SyscallTable[] {
  const wanted = rule.arch === undefined ? reachableArches(arch) : allArches
  return tables.filter((table) => {
    return wanted.includes(table.arch) && isRuleFor(rule, table.arch) && table.byName.has(rule.syscall)
  })
}

/** The arguments for which a rule answers; its conditions must be right. Empty parts stay once a budget is spent. */
export function regionOf(
  { syscall, when }: Pick<Rule, 'syscall' | 'when'>,
  { arch, byName }: SyscallTable,
  budget?: Budget,
): Region {
  const call = byName.get(syscall)
  if (call === undefined) return []
  const alternatives = alternativesOf(when)
  if (alternatives === null) return everywhere
  return alternatives.flatMap((text) => regionsOfText(text, call, arch, budget))
}

function regionsOfText(text: string, call: Syscall, arch: Arch, budget?: Budget): Region {
  return bindAlternatives(text, call, arch).flatMap(({ tests }) => {
    return toWords(tests).filter((atoms) => isSatisfiable(atoms, budget))
  })
}
