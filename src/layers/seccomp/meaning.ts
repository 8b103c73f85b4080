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
import { alternativesOf, isRuleFor, type FilterRequest } from './request.js'
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

/** The decision on one call alone; null: the arch has no such call, or no program of the kernel reaches the arch. */
export function decisionOf(request: FilterRequest, arch: Arch, name: string): Decision | null {
  if (!reachableArches(request.arch).includes(arch)) return null
  const { table, decisions } = tableMeaning(request, arch, name)
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

/** `only`: the one call that decisions are wanted for. */
function tableMeaning(request: FilterRequest, arch: Arch, only: string | null): TableMeaning {
  const table = syscallTable(arch)
  const calls = [...table.byName.values()].filter(({ name }) => only === null || name === only)
  const denied: Action = request.denied === 'kill' ? 'kill_process' : { errno: 'EPERM' }
  const absent: Action = { errno: 'ENOSYS' }
  const refused: Action = request.denied === 'kill' ? 'kill_process' : { errno: 'ENOSYS' }
  const grants = grantedClauses(request, new Map(calls.map((call) => [call.name, call])), arch)
  const withheld = withheldCalls(request, arch)
  const probed = new Set(probes.filter((probe) => isFor(probe, arch)).flatMap((probe) => probe.calls.split(' ')))
  const decisions = calls.map((call): readonly [number, Decision] => {
    const clauses = [...ruleClauses(request, call, arch), ...(grants.get(call.name) ?? [])]
    const otherwise =
      isTooNew(call, request) || withheld.has(call.name)
        ? absent
        : otherwiseAction(request, probed.has(call.name) ? absent : denied)
    return [call.number, { call, clauses: guarded(clauses, otherwise, call, arch, denied), otherwise }]
  })
  return {
    arch,
    audit: auditArch[arch],
    table,
    decisions: new Map(decisions),
    unknown: { errno: 'ENOSYS' },
    x32: arch === 'x86_64' ? refused : null,
  }
}

/** Newer than the policy's baseline: what nothing grants is answered as by that kernel. */
export function isTooNew({ since }: Syscall, { minimumKernel }: Pick<FilterRequest, 'minimumKernel'>): boolean {
  return minimumKernel !== undefined && isNewer(since, minimumKernel)
}

function ruleClauses(request: FilterRequest, call: Syscall, arch: Arch): readonly Clause[] {
  return (request.rules ?? []).flatMap((rule, index): readonly Clause[] => {
    if (rule.syscall !== call.name || !isRuleFor(rule, arch)) return []
    return [makeClause(alternativesOf(rule.when), call, arch, rule.action, `rules[${index}]`)]
  })
}

function makeClause(when: readonly string[] | null, call: Syscall, arch: Arch, action: Action, by: PolicyKey): Clause {
  const bound =
    when?.flatMap((text) => bindAlternatives(text, call, arch).map((one) => ({ text: one.text, tests: one.tests }))) ??
    null
  return { when: bound, action, by }
}

function isFor(grant: Grant, arch: Arch): boolean {
  return grant.arches === undefined || grant.arches.includes(arch)
}

/** What the promises and `allow` grant, by the name of the call. An unconditional grant replaces all conditional ones. */
function grantedClauses(
  request: FilterRequest,
  calls: ReadonlyMap<string, Syscall>,
  arch: Arch,
): ReadonlyMap<string, readonly Clause[]> {
  const clauses = new Map<string, readonly Clause[]>()
  const withheld = withheldCalls(request, arch)
  const add = (name: string, when: readonly string[] | null, by: string): void => {
    const call = calls.get(name)
    if (call === undefined || (by !== 'allow' && withheld.has(name))) return
    const known = clauses.get(name) ?? []
    if (known.some((one) => one.when === null)) return
    const added = makeClause(when, call, arch, 'allow', by)
    clauses.set(name, when === null ? [added] : [...known, added])
  }
  const names: readonly (PromiseName | ImplicitPromise)[] = [...implicitNames, ...request.promises]
  for (const name of request.allow ?? []) add(name, null, 'allow')
  for (const name of names) {
    for (const grant of promiseDefinition(name).grants) {
      if (!isFor(grant, arch) || !isAccompanied(grant, request)) continue
      for (const one of grant.calls.split(' ')) add(one, grant.when ?? null, name)
    }
  }
  for (const grant of openGrants(names)) {
    add(grant.call, grant.when.length === 0 ? null : grant.when, grant.by.join(' + '))
  }
  return clauses
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
  const guards = never
    .filter(({ syscall }) => syscall === call.name)
    .map(({ when }) => makeClause([when], call, arch, denied, 'never'))
  const first = clauses.findIndex(({ action }) => lets(action))
  if (first === -1) return lets(otherwise) ? [...clauses, ...guards] : clauses
  return [...clauses.slice(0, first), ...guards, ...clauses.slice(first)]
}
