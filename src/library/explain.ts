import type { CompiledPlan } from '../compiler/compile.js'
import type { Answer } from '../compiler/explain-answer.js'
import { explainConnect } from '../compiler/explain-connect.js'
import { explainPath, type Access } from '../compiler/explain-path.js'
import { explainSyscall, knownCall } from '../compiler/explain-syscall.js'
import { userOf } from '../compiler/explain-view.js'
import { readTarget } from '../compiler/target-words.js'
import { UsageError } from '../core/errors.js'
import { hostFor } from '../host/inside.js'

/** One act of a program: `connect` is HOST:PORT, with `/udp` behind it for UDP; the others are paths, and a call. */
export type Act =
  | { readonly connect: string }
  | { readonly read: string }
  | { readonly write: string }
  | { readonly exec: string }
  | { readonly syscall: string }

/** The act in words, for messages. */
export function nameOf(act: Act): string {
  return Object.entries(act)
    .map(([verb, object]) => `${verb} ${object}`)
    .join(', ')
}

/** What the plan answers to an act. @throws UsageError when it is none. */
export function answerTo(plan: CompiledPlan, act: Act): Answer {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(act)
  const [verb, object] = entries[0] ?? ['', undefined]
  if (entries.length !== 1 || typeof object !== 'string') throw new UsageError(`one act at a time: ${verbs.join(', ')}`)
  if (verb === 'connect') return explainConnect(plan, readTarget(object, 'connect'))
  if (verb === 'syscall') return explainSyscall(plan, knownCall(object))
  const access = accesses.find((one) => one === verb)
  if (access === undefined) throw new UsageError(`no act ${verb}: one of ${verbs.join(', ')}`)
  return explainPath(plan, object, access, hostFor(userOf(plan)))
}

const accesses: readonly Access[] = ['read', 'write', 'exec']
const verbs: readonly string[] = ['connect', ...accesses, 'syscall']
