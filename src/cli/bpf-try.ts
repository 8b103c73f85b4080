import { UsageError } from '../core/errors.js'
import type { Arch } from '../host/facts.js'
import { generate } from '../layers/seccomp/code/generate.js'
import { meaningOf } from '../layers/seccomp/meaning.js'
import type { FilterRequest } from '../layers/seccomp/request.js'
import { CallError, parseCall, type TrialCall } from '../layers/seccomp/trial/call.js'
import { tryCall, type Trial } from '../layers/seccomp/trial/trial.js'
import type { Filter } from './bpf.js'
import { writeLines } from './output.js'

/** Status when a call is refused. */
const refused = 1

/** Tries calls under a filter and says what happens to each: 0 if all are let through, else 1. */
export function tryAll({ program, request, possible }: Filter, texts: readonly string[], arch: Arch): number {
  const calls = texts.map((text) => callOf(text, arch))
  const trials = calls.map((call) => tryCall(program, call, arch, request))
  const strict = request === null || possible.length === 0 ? null : withRules(request, possible)
  const notes = trials.map((trial) =>
    strict === null ? [] : noteLines(trial, tryCall(strict, trial.call, arch, null)),
  )
  writeLines(
    trials.flatMap((trial, index) => [
      ...(index === 0 ? [] : ['']),
      ...trialLines(trial, arch),
      ...(notes[index] ?? []),
    ]),
  )
  return trials.every(({ outcome }) => outcome === 'allowed') ? 0 : refused
}

function callOf(text: string, arch: Arch): TrialCall {
  try {
    return parseCall(text, arch)
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    throw new UsageError(`--try '${text}': ${error.message} (at character ${error.offset + 1})`, { cause: error })
  }
}

function trialLines(
  { call, words, outcome, answer, steps, cache, because, change }: Trial,
  arch: Arch,
): readonly string[] {
  const number = call.number > 0x7fffffff ? `0x${call.number.toString(16)}` : String(call.number)
  const ran = steps === 1 ? '1 instruction runs' : `${steps} instructions run`
  return [
    `${call.text}: ${outcome === 'allowed' ? answer : words}`,
    `  ${call.name ?? 'no call'} (${arch} ${number})${argumentsText(call)}`,
    ...(because === null ? [] : [`  because: ${because}`]),
    cache === 'answered from the cache'
      ? `  cost: none since Linux 5.11, the kernel remembers the answer; ${ran} before`
      : `  cost: ${ran} for each such call`,
    ...(change === null ? [] : [`  change: ${change}`]),
  ]
}

function withRules(request: FilterRequest, first: Filter['possible']): Filter['program'] {
  return generate(meaningOf({ ...request, rules: [...first, ...(request.rules ?? [])] }))
}

/** `strict` is the same call under all rules that `run` can add. */
function noteLines({ outcome, call }: Trial, strict: Trial): readonly string[] {
  if (outcome === 'refused' || strict.outcome === 'allowed') return []
  return [
    `  note: run can answer ${strict.answer} (docs/bpf.md); of this host tells explain --syscall ${call.name ?? call.number}`,
  ]
}

function argumentsText({ args }: TrialCall): string {
  return args.length === 0
    ? ''
    : ` with ${args.map((value) => (value < 1024n ? String(value) : `0x${value.toString(16)}`)).join(', ')}`
}
