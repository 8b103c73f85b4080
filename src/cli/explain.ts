import type { Answer } from '../compiler/explain-answer.js'
import type { CompiledPlan } from '../compiler/compile.js'
import { explainConnect } from '../compiler/explain-connect.js'
import { nativeArch } from '../compiler/explain-filter.js'
import { explainKey } from '../compiler/explain-key.js'
import { explainPath } from '../compiler/explain-path.js'
import { describePlan } from '../compiler/explain-plan.js'
import { explainSyscall, knownCall } from '../compiler/explain-syscall.js'
import { userOf } from '../compiler/explain-view.js'
import { UsageError } from '../core/errors.js'
import type { Arch } from '../host/facts.js'
import { hostFor } from '../host/inside.js'
import { x32Bit } from '../layers/seccomp/arch.js'
import { actionText, evaluateSyscall, syscallName } from '../layers/seccomp/seccomp.js'
import { prepareToTell, type Prepared } from '../launch/prepare.js'
import { policyKeys } from '../policy/json-schema.js'
import { openingsOf } from '../policy/openings.js'
import { guess } from '../policy/suggest.js'
import type { ExplainInvocation, Question } from './command-line.js'
import { knownArch } from './explain-promise.js'
import { writeLines } from './output.js'

/** Answers a question about a policy from the plan that `run` would perform, so that the two cannot disagree. */
export async function explain({ policy, argv, question }: ExplainInvocation): Promise<number> {
  const prepared = await prepareToTell(policy, argv)
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
      return answerLines(explainConnect(plan, question))
    case 'syscall':
      return syscallLines(plan, question.name, question.arch)
  }
}

function answerLines({ answer, errno, because, change }: Answer): readonly string[] {
  const first = errno === null ? answer : `${answer}: ${errno}`
  return [first, ...because.map((line) => `  ${line}`), ...(change === null ? [] : [`change: ${change}`])]
}

function syscallLines(plan: CompiledPlan, asked: string, archName: string | null): readonly string[] {
  const arch = archName === null ? nativeArch(plan) : knownArch(archName)
  const number = /^(?:0x[0-9a-fA-F]{1,8}|[0-9]{1,10})$/.test(asked) ? Number(asked) : null
  const name = number === null ? knownCall(asked) : syscallName(arch, number)
  if (name === null) return unknownNumberLines(plan, arch, number ?? 0)
  const { conditions, ...answer } = explainSyscall(plan, name, arch)
  const title = number === null ? [] : [`${number} on ${arch} is ${name}`]
  return [...title, ...answerLines(answer), ...conditions.map((line) => `  ${line}`)]
}

/** The filter answers numbers that have no name too. */
function unknownNumberLines(plan: CompiledPlan, arch: Arch, number: number): readonly string[] {
  const actions = plan.steps.flatMap((step) =>
    step.op === 'seccomp.load-filter' ? [evaluateSyscall(step.filter, { arch, nr: number, args: [] })] : [],
  )
  const what =
    arch === 'x86_64' && number >= x32Bit ? 'an x32 call, which is always refused' : 'no call that we know of'
  return [`${number} on ${arch} is ${what}`, `denied: ${actions.map(actionText).join(', ')}`]
}

/** A key of the schema, a section of it, or an item of its lists. */
function knownKey(key: string): string {
  const keys = policyKeys()
  const plain = key.replaceAll(/\[\d+\]/g, '')
  const isKnown = keys.some((one) => one === plain || one.startsWith(`${plain}.`) || plain.startsWith(`${one}.`))
  if (isKnown) return key
  throw new UsageError(`no key ${key}${guess(plain, keys)}`)
}
