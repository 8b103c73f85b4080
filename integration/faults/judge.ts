import type { Call } from './faults.js'
import { reviewOf } from './reviewed.js'
import type { Run } from './sweep.js'

/** A call that was made to fail, and when: `late` is after the process has done all that the start needs of it. */
export interface Trial {
  readonly call: Call
  readonly error: string
  readonly when: 'before' | 'late'
}

/**
 * What a run with one failing call showed. `refused`: the program never ran, and a message names key, step, call and
 * errno. Anything that is neither that nor reviewed is a `problem`.
 */
export type Verdict = 'refused' | 'in force' | 'told by another' | 'late' | { readonly problem: string }

/** `sound` is the same plan's run without a failure. */
export function judge(trial: Trial, run: Run, sound: Run): Verdict {
  if (run.left > 0 || run.status === null) return problem('left something behind', trial, run)
  // The supervisor may have ended the others before they come to their last calls.
  if (!run.acted) return trial.when === 'late' ? 'late' : problem('never came to the call', trial, run)
  const outcome = outcomeOf(trial, run, sound)
  if (outcome === 'refused' || outcome === 'nonsense') {
    return outcome === 'refused' ? outcome : problem('neither refused nor in force', trial, run)
  }
  if (trial.when === 'late') return 'late'
  const allowed = reviewOf(trial.call, trial.error)?.outcomes ?? []
  return allowed.includes(outcome) ? outcome : problem(`${outcome}, which nobody has reviewed`, trial, run)
}

type Outcome = 'refused' | 'in force' | 'told by another' | 'nonsense'

function outcomeOf({ call, error, when }: Trial, { status, stdout, stderr }: Run, sound: Run): Outcome {
  const message = messageForm.exec(stderr)?.groups
  const ran = stdout !== ''
  const late = when === 'late' && ran && message !== undefined && sound.stdout.startsWith(stdout)
  if (late && status === ours) return 'told by another'
  if (ran) return stdout === sound.stdout && stderr === '' && status === 0 ? 'in force' : 'nonsense'
  if (status === ours && refusal.test(stderr)) return 'refused'
  if (message === undefined && stderr.startsWith('sandbox-exec: '))
    return status === ours ? 'told by another' : 'nonsense'
  if (message === undefined) return 'nonsense'
  if (status !== ours && !(call.name === 'execve' && [126, 127].includes(status ?? -1))) return 'nonsense'
  return message['errno'] === error && namesCall(call, message['call'] ?? '') ? 'refused' : 'told by another'
}

const ours = 125

/** Before the plan is decoded there is no step to name. */
const messageForm =
  /^sandbox-exec: (?:(?<key>[a-z-]+(?:\.[a-z-]+|\[\d+\])*): (?<step>[a-z]+\.[a-z-]+)|cannot start|cannot read the plan): (?<call>\w+): (?<errno>E[A-Z0-9]+)(?:\n  fix: .*)?\n$/

/** Of a plan in a file: not read, or not what the host is like. There is no step to name either. */
const refusal = /^sandbox-exec: (?:--plan \S+: .+|\w+: E[A-Z]+|cannot find the compiler: .+)\n$/

function namesCall(call: Call, named: string): boolean {
  return named === call.name || (otherNames[call.name] ?? []).includes(named)
}

/** A call that carries a request is named for the request, a write of a file of /proc for the file. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  sendto: ['RTM_NEWLINK', 'RTM_NEWADDR', 'RTM_NEWROUTE'],
  recvfrom: ['RTM_NEWLINK', 'RTM_NEWADDR', 'RTM_NEWROUTE'],
  fcntl: ['F_SETFL'],
  ioctl: ['SIOCGIFINDEX', 'SIOCGSKNS', 'NS_GET_USERNS', 'SECCOMP_IOCTL_NOTIF_RECV', 'SECCOMP_IOCTL_NOTIF_SEND'],
  openat: ['setgroups', 'uid_map', 'gid_map'],
  write: ['setgroups', 'uid_map', 'gid_map'],
}

function problem(what: string, { call, error }: Trial, { status, left, stdout, stderr }: Run): Verdict {
  const where = `${call.process}: ${call.name} #${call.nth} (${call.first}) = ${error}`
  return { problem: `${where}: ${what}; status ${status}, left ${left}, ${stderr.trim()} | ${stdout.slice(0, 80)}` }
}
