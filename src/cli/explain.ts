import type { Answer } from '../compiler/explain-answer.js'
import type { CompiledPlan } from '../compiler/compile.js'
import { explainConnect } from '../compiler/explain-connect.js'
import { nativeArch } from '../compiler/explain-filter.js'
import { explainKey } from '../compiler/explain-key.js'
import { explainPath } from '../compiler/explain-path.js'
import { describePlan } from '../compiler/explain-plan.js'
import { explainSyscall } from '../compiler/explain-syscall.js'
import { userOf } from '../compiler/explain-view.js'
import { UsageError } from '../core/errors.js'
import type { Arch } from '../host/facts.js'
import { syscallTable } from '../layers/seccomp/tables.js'
import { prepare, type Prepared } from '../launch/prepare.js'
import { policyKeys } from '../policy/json-schema.js'
import { openingsOf } from '../policy/openings.js'
import { nearest } from '../policy/suggest.js'
import type { ExplainInvocation, Question } from './command-line.js'
import { hostFor } from './look.js'
import { writeLines } from './output.js'

/** Answers a question about a policy from the plan that `run` would perform, so that the two cannot disagree. */
export async function explain({ policy, argv, question }: ExplainInvocation): Promise<number> {
  const prepared = await prepare(policy, argv, null)
  writeLines(linesFor(prepared, question))
  return 0
}

function linesFor({ plan, policy }: Prepared, question: Question): readonly string[] {
  switch (question.about) {
    case 'policy': {
      const openings = openingsOf(policy.policy).map(({ key, reason }) => `${key}: ${reason}`)
      const { name, description } = policy.policy
      const title = description === undefined ? name : `${name}: ${description}`
      return [title, ...openings, ...describePlan(plan)]
    }
    case 'key':
      return explainKey(plan, knownKey(question.key))
    case 'path':
      return answerLines(explainPath(plan, question.path, question.access, hostFor(userOf(plan))))
    case 'connect':
      return answerLines(explainConnect(plan, question.host.replace(/^\[(.*)\]$/, '$1'), question.port))
    case 'syscall':
      return syscallLines(plan, question.name, question.arch)
  }
}

function answerLines({ answer, errno, because, change }: Answer): readonly string[] {
  const first = errno === null ? answer : `${answer}: ${errno}`
  return [first, ...because.map((line) => `  ${line}`), ...(change === null ? [] : [`change: ${change}`])]
}

function syscallLines(plan: CompiledPlan, name: string, archName: string | null): readonly string[] {
  const arch = archName === null ? nativeArch(plan) : knownArch(archName)
  const { conditions, ...answer } = explainSyscall(plan, knownCall(name), arch)
  return [...answerLines(answer), ...conditions.map((line) => `  ${line}`)]
}

const arches: readonly Arch[] = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64']

function knownArch(name: string): Arch {
  const arch = arches.find((one) => one === name)
  if (arch === undefined) throw new UsageError(`--arch is one of ${arches.join(', ')}, not ${name}`)
  return arch
}

function knownCall(name: string): string {
  const names = arches.flatMap((arch) => [...syscallTable(arch).byName.keys()])
  if (names.includes(name)) return name
  throw new UsageError(`no system call ${name}${guess(name, names)}`)
}

/** A key of the schema, a section of it, or an item of its lists. */
function knownKey(key: string): string {
  const keys = policyKeys()
  const plain = key.replaceAll(/\[\d+\]/g, '')
  const isKnown = keys.some((one) => one === plain || one.startsWith(`${plain}.`) || plain.startsWith(`${one}.`))
  if (isKnown) return key
  throw new UsageError(`no key ${key}${guess(plain, keys)}`)
}

function guess(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates)
  return near === null ? '' : `; did you mean ${near}?`
}
