import { InternalError } from '../../../core/errors.js'
import type { Arch } from '../../../host/facts.js'
import { actionText, returnValue } from '../action.js'
import { isWide } from '../arch.js'
import { maximum } from '../code/ranges.js'
import type { Conjunction, Test, Word64 } from '../condition/test.js'
import { answerOf, letsThrough } from '../listing/answers.js'
import type { Clause, Decision, Meaning, TableMeaning } from '../meaning.js'
import { always, makeBdds, never, type Bdd, type Bdds } from '../proof/bdd.js'
import { functionOfTest } from '../proof/function-of-decision.js'
import { answerFor } from './answers.js'
import { changesOf } from './changes.js'
import { cubesOf, type Cube } from './cubes.js'
import { lossesOf, type Loss } from './losses.js'
import { profileArch, type Profile, type ProfileAction, type ProfileEntry, type ProfileTest } from './profile.js'

export interface ExportedProfile {
  readonly profile: Profile
  readonly losses: readonly Loss[]
}

/** Entries that one call may come to; beyond, what would be let through is refused. */
const entriesMax = 256

const enosys = returnValue({ errno: 'ENOSYS' })
const eperm = returnValue({ errno: 'EPERM' })

/**
 * A profile of the OCI runtime specification that answers as a policy does, or more strictly. It is read again as a
 * runtime would, and compared with the policy for all arguments of every call: it never lets through what the policy
 * refuses, and every other difference is told.
 */
export function exportProfile(meaning: Meaning): ExportedProfile {
  const bdds = makeBdds()
  const defaultAction = defaultOf(meaning)
  const decisions = sharedDecisions(meaning)
  const drafts = decisions.map((decision) => draftOf(decision, defaultAction.value, bdds))
  const all = drafts.flatMap(({ entries: own }) => own)
  // First: libseccomp adds rules for socketcall to those for socket, and refuses them if two of them disagree (EEXIST).
  const entries = [...gathered(all.filter(isMultiplexer)), ...gathered(all.filter((entry) => !isMultiplexer(entry)))]
  const arches = meaning.tables.map(({ arch }) => arch)
  const profile: Profile = {
    defaultAction,
    architectures: arches.map((arch) => profileArch[arch].seccomp),
    archMap: null,
    flags: [],
    listener: 'none',
    entries,
  }
  const changes = meaning.tables.flatMap((table) => {
    return changesOf(table, ({ name }) => answerFor(name, entries, defaultAction), 'into-profile')
  })
  const weaker = changes.find(({ from, to }) => !letsThrough(from) && letsThrough(to))
  if (weaker !== undefined) throw new InternalError(`the exported profile is weaker: ${weaker.name} on ${weaker.arch}`)
  return { profile, losses: [...lossesOf(changes), ...generalLosses(meaning, defaultAction)] }
}

/** Calls of 32-bit tables that do what others do, with their arguments in memory. */
const multiplexers: readonly string[] = ['socketcall', 'ipc']

function isMultiplexer({ names }: ProfileEntry): boolean {
  return names.some((name) => multiplexers.includes(name))
}

/** Numbers that no table has must be refused, so a policy that lets everything else through names it all. */
function defaultOf({ tables }: Meaning): ProfileAction {
  const others = tables.flatMap(({ decisions }) => [...decisions.values()].map(({ otherwise }) => otherwise))
  if (others.includes('allow') || others.includes('log')) return { name: 'SCMP_ACT_ERRNO', value: enosys }
  if (others.includes('kill_process')) return { name: 'SCMP_ACT_KILL_PROCESS', value: returnValue('kill_process') }
  return { name: 'SCMP_ACT_ERRNO', value: eperm }
}

/** A profile has one answer a name. Where the tables differ, it is the one that refuses more. */
function sharedDecisions({ tables }: Meaning): readonly Decision[] {
  const names = new Set(tables.flatMap(({ table }) => [...table.byName.keys()]))
  return [...names].flatMap((name) => {
    const own = tables.flatMap((table) => decisionIn(table, name) ?? [])
    const [first, second] = own
    if (first === undefined) return []
    const whole = multiplexers.includes(name) ? withoutConditions(first) : first
    return [second === undefined || saysTheSame(first, second) ? whole : strictest(first, second)]
  })
}

function decisionIn({ table, decisions }: TableMeaning, name: string): Decision | undefined {
  const call = table.byName.get(name)
  return call === undefined ? undefined : decisions.get(call.number)
}

function saysTheSame(a: Decision, b: Decision): boolean {
  const form = ({ clauses, otherwise }: Decision): string => {
    return JSON.stringify([clauses.map(({ when, action }) => [when?.map(({ tests }) => tests), action]), otherwise])
  }
  return form(a) === form(b)
}

/** Two tables that answer in two ways: only what both let through whatever the arguments is let through. */
function strictest(a: Decision, b: Decision): Decision {
  const refusing = [a, b].map(withoutConditions).find(({ otherwise }) => !letsThrough(returnValue(otherwise)))
  return refusing ?? withoutConditions(a)
}

/**
 * libseccomp makes of a rule for socket(2) on i386 one for socketcall(2) without its conditions: only an entry for
 * socketcall that holds for all arguments takes that back. The same goes for ipc(2).
 */
function withoutConditions({ call, clauses, otherwise }: Decision): Decision {
  const answers = [
    ...clauses.map(({ action }) => action),
    ...(clauses.some(({ when }) => when === null) ? [] : [otherwise]),
  ]
  const refusing = answers.find((action) => !letsThrough(returnValue(action)))
  return { call, clauses: [], otherwise: refusing ?? answers[0] ?? otherwise }
}

interface Draft {
  readonly entries: readonly ProfileEntry[]
}

function draftOf(decision: Decision, byDefault: number, bdds: Bdds): Draft {
  const { call, clauses } = decision
  const [first] = clauses
  if (first === undefined || first.when === null) {
    const value = valueFor(returnValue(first?.action ?? decision.otherwise))
    return { entries: constantEntries(call.name, value, byDefault) }
  }
  const last: Clause = { when: null, action: decision.otherwise, by: 'otherwise' }
  const regions = regionsOf([...clauses, last], byDefault, bdds)
  const entries = regions.flatMap(({ value, args }) => args.map((tests) => entryOf(call.name, value, tests)))
  const [whole] = entries.filter(({ args }) => args.length === 0)
  if (whole !== undefined && regions.every(({ value }) => value === whole.action.value)) return { entries: [whole] }
  return { entries: entries.length > entriesMax ? [] : entries }
}

/** An entry for what the default says anyway is left out by runtimes, and libseccomp's own for socketcall would stay. */
function constantEntries(name: string, value: number, byDefault: number): readonly ProfileEntry[] {
  if (value !== byDefault) return [entryOf(name, value, [])]
  return multiplexers.includes(name) ? [entryOf(name, byDefault === enosys ? eperm : enosys, [])] : []
}

/** Where nobody listens, the kernel answers ENOSYS; a profile with SCMP_ACT_NOTIFY wants a listener. */
function valueFor(value: number): number {
  return answerOf(value).name === 'user_notif' ? enosys : value
}

interface Region {
  readonly value: number
  readonly args: readonly (readonly ProfileTest[])[]
}

/** Where each clause answers, as entries: what lets through and what refuses never overlap, so their order is all one. */
function regionsOf(clauses: readonly Clause[], byDefault: number, bdds: Bdds): readonly Region[] {
  const regions: Region[] = []
  // Entries that let through may overlap where their answer is one.
  const letting = new Set(clauses.map(({ action }) => returnValue(action)).filter(letsThrough))
  let left: Bdd = always
  let unrefused: Bdd = always
  for (const { when, action } of clauses) {
    const value = valueFor(returnValue(action))
    const lets = letsThrough(value)
    const room = lets && letting.size === 1 ? unrefused : left
    for (const tests of when?.map((one) => one.tests) ?? [[]]) {
      if (value === byDefault) continue
      const plain = room === always ? plainTests(tests) : null
      const where = bdds.either(conjunction(bdds, tests), room, never)
      const cubes = plain === null ? cubesOf(bdds, where, entriesMax) : null
      // What takes too many entries falls to the default, which refuses.
      if (plain !== null) regions.push({ value, args: [plain] })
      else if (cubes !== null) regions.push({ value, args: cubes.map(testsOf) })
    }
    const holds =
      when === null
        ? always
        : when.reduce<Bdd>((sum, one) => bdds.either(conjunction(bdds, one.tests), always, sum), never)
    left = bdds.either(holds, never, left)
    if (!lets) unrefused = bdds.either(holds, never, unrefused)
  }
  return regions
}

function conjunction(bdds: Bdds, tests: Conjunction): Bdd {
  return tests.reduce<Bdd>((rest, test) => bdds.either(functionOfTest(bdds, test), rest, never), always)
}

/** Tests that a profile has itself: one an argument, on all 64 bits, or for equality under a mask. null: others. */
function plainTests(tests: Conjunction): readonly ProfileTest[] | null {
  const plain = tests.flatMap((test) => plainTest(test) ?? [])
  const once = new Set(plain.map(({ index }) => index)).size === tests.length
  return plain.length === tests.length && once && tests.length > 0 ? plain : null
}

function plainTest({ argument: index, mask, relation, values }: Test): ProfileTest | null {
  const [value, second] = values
  if (value === undefined || second !== undefined) return null
  if (relation === 'in') return maskedTest({ index, mask, value })
  if (mask.hi !== maximum || mask.lo !== maximum) return null
  const op = ({ 'not in': 'NE', '<': 'LT', '<=': 'LE', '>': 'GT', '>=': 'GE' } as const)[relation]
  return { index, op, value: toBigint(value), valueTwo: 0n }
}

function testsOf(cube: Cube): readonly ProfileTest[] {
  return cube.map(maskedTest)
}

function maskedTest({ index, mask, value }: Cube[number]): ProfileTest {
  if (mask.hi === maximum && mask.lo === maximum) return { index, op: 'EQ', value: toBigint(value), valueTwo: 0n }
  return { index, op: 'MASKED_EQ', value: toBigint(mask), valueTwo: toBigint(value) }
}

function toBigint({ hi, lo }: Word64): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo)
}

const anywhere = { caps: [], arches: [], minKernel: null }

function entryOf(name: string, value: number, args: readonly ProfileTest[]): ProfileEntry {
  return {
    key: '',
    names: [name],
    action: { name: nameOf(value), value },
    args,
    includes: anywhere,
    excludes: anywhere,
  }
}

function nameOf(value: number): string {
  const { name } = answerOf(value)
  const words = new Map([
    ['allow', 'SCMP_ACT_ALLOW'],
    ['log', 'SCMP_ACT_LOG'],
    ['trap', 'SCMP_ACT_TRAP'],
    ['kill_process', 'SCMP_ACT_KILL_PROCESS'],
    ['kill_thread', 'SCMP_ACT_KILL_THREAD'],
  ])
  return words.get(name) ?? 'SCMP_ACT_ERRNO'
}

/** Entries with the same answer and the same tests become one. */
function gathered(entries: readonly ProfileEntry[]): readonly ProfileEntry[] {
  const groups = new Map<string, ProfileEntry>()
  for (const entry of entries) {
    const key = `${entry.action.value} ${entry.args.map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${valueTwo}`).join()}`
    const known = groups.get(key)
    groups.set(key, known === undefined ? entry : { ...known, names: [...new Set([...known.names, ...entry.names])] })
  }
  return [...groups.values()]
}

function generalLosses({ tables, otherArch }: Meaning, { value }: ProfileAction): readonly Loss[] {
  const losses: Loss[] = []
  const arches = tables.map(({ arch }) => arch)
  if (value !== enosys) {
    const text = `numbers that no table has: ENOSYS in the policy, ${answerOf(value).name} in the profile`
    losses.push({ kind: 'different', text: `${text} (a runtime may answer ENOSYS to calls newer than the profile)` })
  }
  const missing = arches.map(otherTable).find((arch) => arch !== null && !arches.includes(arch))
  if (missing !== undefined && missing !== null) {
    losses.push({
      kind: 'stricter',
      text: `calls of ${missing} end the thread: only with --tables all are they answered`,
    })
  }
  if (tables.some(({ x32 }) => x32 !== null)) {
    losses.push({
      kind: 'different',
      text: 'x32 calls, and number -1, end the thread as those of another architecture',
    })
  }
  losses.push({
    kind: 'note',
    text: `calls of another architecture: ${actionText(otherArch)} in the policy, the end of the thread in libseccomp`,
  })
  return losses
}

/** The 32-bit table that programs of an arch reach. */
function otherTable(arch: Arch): Arch | null {
  if (!isWide(arch) || arch === 'riscv64') return null
  return arch === 'x86_64' ? 'i386' : 'arm'
}
