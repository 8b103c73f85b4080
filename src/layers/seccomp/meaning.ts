import type { Arch } from '../../host/facts.js'
import type { PolicyKey } from '../../core/policy-key.js'
import { lets, type Action } from './action.js'
import { auditArch, reachableArches, x32Bit } from './arch.js'
import { bindAlternatives } from './condition/bind.js'
import { holds, type ArgumentValues, type Conjunction } from './condition/test.js'
import { isNewer } from './kernel-version.js'
import { withheldCalls } from './memory-calls.js'
import { openGrants } from './open-needs.js'
import { otherwiseAction } from './otherwise.js'
import {
  implicitNames,
  never,
  probes,
  promiseDefinition,
  type Grant,
  type ImplicitPromise,
  type PromiseName,
} from './promises.js'
import { boundTests } from './promises/bound.js'
import { alternativesOf, isRuleFor, type FilterRequest, type Rule } from './request.js'
import { syscallTable, type Syscall, type SyscallTable } from './tables.js'

/** What a filter is to do, before it is code: one decision for each call of each table. */
export interface Meaning {
  readonly tables: readonly TableMeaning[]
  /** Another arch than those of the tables: its numbers mean other calls. */
  readonly otherArch: Action
}

export interface TableMeaning {
  readonly arch: Arch
  readonly audit: number
  readonly table: SyscallTable
  readonly decisions: ReadonlyMap<number, Decision>
  /** A number that the table does not have: as on a kernel that is older than the call. */
  readonly unknown: Action
  /** Numbers with the x32 bit, -1 among them, on x86_64; null on other arches. */
  readonly x32: Action | null
}

/** The first clause that holds gives the answer. */
export interface Decision {
  readonly call: Syscall
  readonly clauses: readonly Clause[]
  readonly otherwise: Action
}

export interface Clause {
  /** Alternatives; `text` as written. null: always. */
  readonly when: readonly { readonly text: string; readonly tests: Conjunction }[] | null
  readonly action: Action
  /** Where it comes from: `rules[2]`, `stdio`, `allow`, `launcher`. */
  readonly by: PolicyKey
}

/** Gives a request its meaning. Conditions that do not fit throw `ConditionError`: problems.ts finds them before. */
export function meaningOf(request: FilterRequest): Meaning {
  return {
    tables: reachableArches(request.arch).map((arch) => tableMeaning(request, arch, null)),
    otherArch: 'kill_process',
  }
}

/** The meaning with decisions on some calls alone. */
export function meaningOfCalls(request: FilterRequest, names: ReadonlySet<string>): readonly TableMeaning[] {
  return reachableArches(request.arch).map((arch) => tableMeaning(request, arch, names))
}

/** The same decisions in the order of their numbers, in which most meanings are made. */
export function ascending(decisions: TableMeaning['decisions']): TableMeaning['decisions'] {
  let last = -1
  let ascends = true
  decisions.forEach((_, number) => {
    ascends &&= number > last
    last = number
  })
  return ascends ? decisions : new Map([...decisions].toSorted(([one], [other]) => one - other))
}

/** The decision on one call alone; null: the arch has no such call, or no program of the kernel reaches the arch. */
export function decisionOf(request: FilterRequest, arch: Arch, name: string): Decision | null {
  if (!reachableArches(request.arch).includes(arch)) return null
  const { table, decisions } = tableMeaning(request, arch, new Set([name]))
  const call = table.byName.get(name)
  return call === undefined ? null : (decisions.get(call.number) ?? null)
}

/** The answer to one call by the meaning alone: the reference for the proof. */
export function answer(meaning: Meaning, audit: number, number: number, args: ArgumentValues): Action {
  const table = meaning.tables.find((one) => one.audit === audit)
  if (table === undefined) return meaning.otherArch
  if (table.x32 !== null && number >= x32Bit) return table.x32
  const decision = table.decisions.get(number)
  return decision === undefined ? table.unknown : decided(decision, args)
}

/** The answer of one decision. */
export function decided(decision: Decision, args: ArgumentValues): Action {
  const index = decisiveClause(decision, args)
  return (index === null ? undefined : decision.clauses[index]?.action) ?? decision.otherwise
}

/** Index of the first clause that holds; null: none does. */
export function decisiveClause({ clauses }: Decision, args: ArgumentValues): number | null {
  const index = clauses.findIndex(({ when }) => when === null || when.some(({ tests }) => holds(tests, args)))
  return index === -1 ? null : index
}

/** `only`: the calls that decisions are wanted for; null: all. */
function tableMeaning(request: FilterRequest, arch: Arch, only: ReadonlySet<string> | null): TableMeaning {
  const table = syscallTable(arch)
  const { rules = [] } = request
  const ruled = new Set(rules.map(({ syscall }) => syscall))
  const denied: Action = request.denied === 'kill' ? 'kill_process' : { errno: 'EPERM' }
  const absent: Action = { errno: 'ENOSYS' }
  const refused: Action = request.denied === 'kill' ? 'kill_process' : { errno: 'ENOSYS' }
  const grants = grantedClauses(request, table, only)
  const withheld = withheldCalls(request, arch)
  const probed = new Set(probes.filter((probe) => isFor(probe, arch)).flatMap((probe) => probe.calls.split(' ')))
  const decisions = new Map<number, Decision>()
  table.calls.forEach((call) => {
    const { name, number } = call
    if (only !== null && !only.has(name)) return
    const granted = grants.get(name) ?? none
    const clauses = ruled.has(name) ? [...ruleClauses(rules, call, arch), ...granted] : granted
    const otherwise =
      isTooNew(call, request) || withheld.has(name)
        ? absent
        : otherwiseAction(request, probed.has(name) ? absent : denied)
    decisions.set(number, { call, clauses: guarded(clauses, otherwise, call, arch, denied), otherwise })
  })
  return {
    arch,
    audit: auditArch[arch],
    table,
    decisions,
    unknown: { errno: 'ENOSYS' },
    x32: arch === 'x86_64' ? refused : null,
  }
}

const none: readonly Clause[] = []

/** Newer than the policy's baseline: what nothing grants is answered as by that kernel. */
export function isTooNew(call: Syscall, { minimumKernel }: Pick<FilterRequest, 'minimumKernel'>): boolean {
  return minimumKernel !== undefined && isNewer(call.since, minimumKernel)
}

function ruleClauses(rules: readonly Rule[], call: Syscall, arch: Arch): readonly Clause[] {
  return rules.flatMap((rule, index): readonly Clause[] => {
    if (rule.syscall !== call.name || !isRuleFor(rule, arch)) return []
    return [makeClause(alternativesOf(rule.when), call, arch, rule.action, `rules[${index}]`)]
  })
}

function makeClause(when: readonly string[] | null, call: Syscall, arch: Arch, action: Action, by: PolicyKey): Clause {
  return { when: when === null ? null : when.flatMap((text) => boundAlternatives(text, call, arch)), action, by }
}

function boundAlternatives(text: string, call: Syscall, arch: Arch): NonNullable<Clause['when']> {
  const known = boundTests(text, call.name, arch)
  if (known !== null) return [{ text, tests: known }]
  return bindAlternatives(text, call, arch).map((one) => ({ text: one.text, tests: one.tests }))
}

function isFor(grant: Grant, arch: Arch): boolean {
  return grant.arches === undefined || grant.arches.includes(arch)
}

/** What the promises and `allow` grant, by the name of the call. An unconditional grant replaces all conditional ones. */
function grantedClauses(
  request: FilterRequest,
  { arch, byName }: SyscallTable,
  only: ReadonlySet<string> | null,
): ReadonlyMap<string, readonly Clause[]> {
  const clauses = new Map<string, readonly Clause[]>()
  const withheld = withheldCalls(request, arch)
  const add = (name: string, when: readonly string[] | null, by: string, whole: readonly Clause[]): void => {
    const call = byName.get(name)
    if (call === undefined || (only !== null && !only.has(name)) || (by !== 'allow' && withheld.has(name))) return
    const known = clauses.get(name)
    if (known !== undefined && known.some((one) => one.when === null)) return
    clauses.set(name, when === null ? whole : [...(known ?? none), makeClause(when, call, arch, 'allow', by)])
  }
  const names: readonly (PromiseName | ImplicitPromise)[] = [...implicitNames, ...request.promises]
  for (const name of request.allow ?? []) add(name, null, 'allow', wholly('allow'))
  for (const name of names) {
    const whole = wholly(name)
    for (const grant of promiseDefinition(name).grants) {
      if (!isFor(grant, arch) || !isAccompanied(grant, request)) continue
      for (const one of grant.calls.split(' ')) add(one, grant.when ?? null, name, whole)
    }
  }
  for (const grant of openGrants(names)) {
    const by = grant.by.join(' + ')
    add(grant.call, grant.when.length === 0 ? null : grant.when, by, wholly(by))
  }
  return clauses
}

function wholly(by: PolicyKey): readonly Clause[] {
  return [{ when: null, action: 'allow', by }]
}

function isAccompanied(grant: Grant, request: FilterRequest): boolean {
  return grant.with === undefined || request.promises.some((name) => name === grant.with)
}

/** Puts what is never allowed before the first clause that would allow it, or last if `otherwise` does. */
function guarded(
  clauses: readonly Clause[],
  otherwise: Action,
  call: Syscall,
  arch: Arch,
  denied: Action,
): readonly Clause[] {
  const conditions = neverOf.get(call.name)
  if (conditions === undefined) return clauses
  const guards = conditions.map(({ when }) => makeClause([when], call, arch, denied, 'never'))
  const first = clauses.findIndex(({ action }) => lets(action))
  if (first === -1) return lets(otherwise) ? [...clauses, ...guards] : clauses
  return [...clauses.slice(0, first), ...guards, ...clauses.slice(first)]
}

const neverOf: ReadonlyMap<string, typeof never> = new Map(
  never.map(({ syscall }) => [syscall, never.filter((one) => one.syscall === syscall)]),
)
