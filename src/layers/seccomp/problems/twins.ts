/** Rules that refuse a call while another name of it, or the same one on another table, is let through. */
import { ComplexityError } from '../../../core/errors.js'
import type { Arch } from '../../../host/facts.js'
import { lets } from '../action.js'
import { both, everywhere, isSatisfiable, isWithin, type Region } from '../condition/cover.js'
import { ConditionError } from '../condition/error.js'
import { toWords } from '../condition/words.js'
import { meaningOf, type Clause, type Decision, type TableMeaning } from '../meaning.js'
import { memoryCalls } from '../memory-calls.js'
import { implicitPromises } from '../promises.js'
import { isRuleFor, type Rule } from '../request.js'
import type { Syscall, SyscallTable } from '../tables.js'
import { flagsOf, twinsOf } from '../twins.js'
import { knownRegion, regionOf, tablesOf, type Context, type PlacedRule, type PolicyPart } from './context.js'

/** What a rule leaves open. */
export interface OpenTwin {
  readonly rule: Rule
  readonly key: string
  /** The name of the call that is let through; that of the rule, on another table, too. */
  readonly name: string
  readonly arch: Arch
  /** Rules of its own refuse it, for other arguments. */
  readonly isRefusedElse: boolean
}

/** All calls that do, or may do, what a rule refuses, and are let through without a rule of their own. */
export function openTwins(context: Context): readonly OpenTwin[] {
  const { part, arch } = context
  const refusing = (part.rules ?? []).flatMap((rule, index) => {
    const isHeld = lets(rule.action) || vital.has(rule.syscall)
    return isHeld ? [] : [{ rule, index, key: `syscalls.rules[${index}]` }]
  })
  if (refusing.length === 0) return []
  const { tables } = meaningOf({ ...part, arch })
  return refusing.flatMap((placed) => {
    const { rule, key } = placed
    const about = tablesOf(rule, context)
    const reached = about.filter((table) => tables.some((one) => one.arch === table.arch))
    // A rule for another machine alone refuses nothing here.
    const sources = reached.length === 0 ? about : reached
    const [source] = sources
    if (source === undefined) return []
    const names = [rule.syscall, ...twinsOf(rule.syscall)]
    return tables.flatMap((table) => {
      const open = names.filter((name) => isOpen({ placed, source, sources, name, table, context }))
      return open.map((name) => ({ rule, key, name, arch: table.arch, isRefusedElse: hasRefusal(name, table, part) }))
    })
  })
}

function hasRefusal(name: string, { arch }: TableMeaning, { rules = [] }: PolicyPart): boolean {
  return rules.some((rule) => rule.syscall === name && !lets(rule.action) && isRuleFor(rule, arch))
}

/** Refused alone, it would be an error of its own. */
const vital: ReadonlySet<string> = new Set(implicitPromises.core.grants[0].calls.split(' '))

interface Question {
  readonly placed: PlacedRule
  /** The first table that the rule is for, and all. */
  readonly source: SyscallTable
  readonly sources: readonly SyscallTable[]
  readonly name: string
  readonly table: TableMeaning
  readonly context: Context
}

/** Whether some of what the rule refuses is let through under this name, or it cannot be told. */
function isOpen({ placed: { rule, index }, source, sources, name, table, context }: Question): boolean {
  const isSame = name === rule.syscall
  const call = table.table.byName.get(name)
  const decision = table.decisions.get(call?.number ?? -1)
  if (call === undefined || decision === undefined || call.body === 'no-body') return false
  if (isSame && isRuleFor(rule, table.arch)) return false
  // Such a call is refused so that programs make the direct ones, which have their arguments where a filter sees them.
  if (isMemoryCall(rule.syscall, source.arch) && !(isSame && isMemoryCall(name, table.arch))) return false
  const earlier = (context.part.rules ?? []).filter((other, at) => {
    const isBefore = at < index && other.syscall === rule.syscall && lets(other.action)
    return isBefore && sources.every((one) => isRuleFor(other, one.arch))
  })
  const wanted = regionAs(rule, call, source, table.table, context) ?? everywhere
  const excepted = earlier.flatMap((other) => regionAs(other, call, source, table.table, context) ?? [])
  return isSomeLet(wanted, excepted, decision, isSame, context)
}

/** `isSame`: then a rule that allows is no answer to the refusal: it is the opening. */
function isSomeLet(
  wanted: Region,
  excepted: Region,
  { clauses, otherwise }: Decision,
  isSame: boolean,
  { budget }: Context,
): boolean {
  let answered = excepted
  for (const clause of [...clauses, { when: null, action: otherwise, by: 'otherwise' }]) {
    const region = clauseRegion(clause)
    const isMeant = clause.by.startsWith('rules[') && !isSame
    if (lets(clause.action) && !isMeant) {
      const met = region.length * wanted.length > pairsMax ? wanted : both(wanted, region)
      if (!isWithin(met, answered, budget)) return true
    }
    if (clause.when === null) return false
    answered = [...answered, ...region]
  }
  return false
}

/** Pairs of alternatives beyond which nobody looks which of them meet. */
const pairsMax = 1024

function clauseRegion({ when }: Pick<Clause, 'when'>): Region {
  if (when === null) return everywhere
  return when.flatMap(({ tests }) => toWords(tests).filter((atoms) => isSatisfiable(atoms)))
}

/** The rule's condition, written for another call; null: its arguments do not carry it. */
function regionAs(
  rule: Rule,
  call: Syscall,
  source: SyscallTable,
  table: SyscallTable,
  context: Context,
): Region | null {
  const own = source.byName.get(rule.syscall)
  const isSame = call.name === rule.syscall
  if (rule.when === undefined) return isSame ? everywhere : flagsRegion(flagsOf(rule.syscall), call, table)
  // A position means the same argument in the same call alone.
  if (isSame || !/\barg[0-9]/.test([rule.when].flat().join(' '))) {
    const region = boundRegion(rule, call, table)
    if (region !== null) return region
  }
  if (own === undefined || isSame || call.arguments.some(({ name }) => flagNames.includes(name))) return null
  // A call without flags does what its twin does with none, or with certain ones: of others the refusal is not about it.
  const done = flagsRegion(flagsOf(call.name), own, source) ?? noFlagsRegion(own, source)
  return done !== null && both(knownRegion(rule, source, context), done).length === 0 ? [] : null
}

const flagNames: readonly string[] = ['flags', 'flag', 'clone_flags']

function flagsRegion(test: string | null, call: Syscall, table: SyscallTable): Region | null {
  const name = call.arguments.find((one) => flagNames.includes(one.name))?.name
  return name === undefined || test === null ? null : boundRegion({ when: `${name} & ${test}` }, call, table)
}

function noFlagsRegion(call: Syscall, table: SyscallTable): Region | null {
  const name = call.arguments.find((one) => flagNames.includes(one.name))?.name
  return name === undefined ? null : boundRegion({ when: `${name} == 0` }, call, table)
}

function boundRegion({ when }: Pick<Rule, 'when'>, { name }: Syscall, table: SyscallTable): Region | null {
  try {
    return regionOf({ syscall: name, when }, table)
  } catch (error) {
    if (error instanceof ConditionError || error instanceof ComplexityError) return null
    throw error
  }
}

function isMemoryCall(name: string, arch: Arch): boolean {
  return memoryCalls.some((call) => call.name === name && call.arches.includes(arch))
}
