import { readFileSync } from 'node:fs'
import type { Arch } from '../../src/host/facts.js'
import type { Action } from '../../src/layers/seccomp/action.js'
import { auditArch } from '../../src/layers/seccomp/arch.js'
import { toWord64, type Test } from '../../src/layers/seccomp/condition/test.js'
import type { Clause, Decision, Meaning, TableMeaning } from '../../src/layers/seccomp/meaning.js'
import { errnoName, syscallTable, type ArgumentClass, type Syscall } from '../../src/layers/seccomp/tables.js'
import * as z from 'zod'

const comparison = z.object({
  index: z.number(),
  value: z.number(),
  valueTwo: z.number().optional(),
  op: z.string(),
})
const when = z.object({ caps: z.array(z.string()).optional(), arches: z.array(z.string()).optional() }).nullish()
const profile = z.object({
  defaultAction: z.literal('SCMP_ACT_ERRNO'),
  defaultErrnoRet: z.number(),
  syscalls: z.array(
    z.object({
      names: z.array(z.string()),
      action: z.enum(['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO']),
      errnoRet: z.number().optional(),
      args: z.array(comparison).nullish(),
      includes: when,
      excludes: when,
    }),
  ),
})

/** One entry of a profile that counts for x86_64 without capabilities. */
export interface ProfileRule {
  readonly names: readonly string[]
  /** null: allow. */
  readonly errno: number | null
  readonly tests: readonly ProfileTest[]
}

export interface ProfileTest {
  readonly argument: number
  readonly relation: 'EQ' | 'NE' | 'LT' | 'LE' | 'GT' | 'GE' | 'MASKED_EQ'
  readonly value: bigint
  /** What MASKED_EQ compares with; `value` is its mask. */
  readonly masked: bigint
}

export interface Profile {
  readonly defaultErrno: number
  readonly rules: readonly ProfileRule[]
}

/** A Docker or Podman profile, as it is for x86_64 and a container without capabilities. */
export function readProfile(path: string): Profile {
  const { defaultErrnoRet, syscalls } = profile.parse(JSON.parse(readFileSync(path, 'utf8')))
  const rules = syscalls.flatMap(({ names, action, errnoRet, args, includes, excludes }): readonly ProfileRule[] => {
    const included = (includes?.caps ?? []).length === 0 && (includes?.arches?.includes('amd64') ?? true)
    const excluded = excludes?.arches?.includes('amd64') ?? false
    if (!included || excluded) return []
    return [{ names, errno: action === 'SCMP_ACT_ALLOW' ? null : (errnoRet ?? 1), tests: (args ?? []).map(readTest) }]
  })
  return { defaultErrno: defaultErrnoRet, rules }
}

function readTest({ index, value, valueTwo, op }: z.infer<typeof comparison>): ProfileTest {
  const relation = z.enum(['EQ', 'NE', 'LT', 'LE', 'GT', 'GE', 'MASKED_EQ']).parse(op.replace('SCMP_CMP_', ''))
  return { argument: index, relation, value: BigInt(value), masked: BigInt(valueTwo ?? 0) }
}

/** What a profile means; every other arch ends the process. Rules that always hold win, as they do in libseccomp. */
export function profileMeaning({ defaultErrno, rules }: Profile, arches: readonly Arch[]): Meaning {
  const otherwise = errnoAction(defaultErrno)
  const tables = arches.map((arch): TableMeaning => {
    const table = syscallTable(arch)
    const decisions = [...table.byName.values()].map((call): readonly [number, Decision] => {
      const own = rules.filter(({ names }) => names.includes(call.name))
      const always = own.find(({ tests }) => tests.length === 0)
      const clauses = (always === undefined ? own : [always]).map((rule) => clauseOf(rule, call))
      return [call.number, { call, clauses, otherwise }]
    })
    return {
      arch,
      audit: auditArch[arch],
      table,
      decisions: new Map(decisions),
      unknown: otherwise,
      x32: arch === 'x86_64' ? otherwise : null,
    }
  })
  return { tables, otherArch: 'kill_process' }
}

function errnoAction(number: number): Action {
  return { errno: errnoName(number) ?? 'EPERM' }
}

function clauseOf({ errno, tests }: ProfileRule, call: Syscall): Clause {
  const action = errno === null ? 'allow' : errnoAction(errno)
  const bound = tests.map((test) => bind(test, call.arguments[test.argument]?.class ?? 'u64'))
  return { when: bound.length === 0 ? null : [{ text: '', tests: bound }], action, by: 'profile' }
}

const relations = { EQ: 'in', NE: 'not in', LT: '<', LE: '<=', GT: '>', GE: '>=', MASKED_EQ: 'in' } as const

/** Of an argument of 32 bits the kernel drops the upper half, so nothing there may decide. */
function bind({ argument, relation, value, masked }: ProfileTest, kind: ArgumentClass): Test {
  const width = kind === 'w32' || kind === 's32' ? 32 : 64
  const mask = relation === 'MASKED_EQ' ? value : -1n
  const values = [toWord64(BigInt.asUintN(width, relation === 'MASKED_EQ' ? masked : value))]
  return { argument, mask: toWord64(BigInt.asUintN(width, mask)), relation: relations[relation], values }
}
