import { machine } from 'node:os'
import { archOf } from '../host/probe.js'
import { networkProblems } from '../layers/network/problems.js'
import { seccompNotes, seccompProblems } from '../layers/seccomp/seccomp.js'
import { hostFiles } from '../host/files.js'
import { callerVariables, readPolicy } from '../launch/prepare.js'
import { describeMerged } from '../policy/describe.js'
import type { CheckInvocation } from './command-line.js'
import { writeLines, writeOut } from './output.js'

/** Prints the policy with its bases merged in, each line with the place that it comes from, and notes on its filter. */
export function check({ policy }: CheckInvocation): number {
  const loaded = readPolicy(policy, callerVariables(), hostFiles)
  const { network, syscalls } = loaded.policy
  const arch = archOf(machine())
  const problems = [...networkProblems(network), ...seccompProblems(syscalls, arch, 'elsewhere')]
  if (problems.length > 0) throw loaded.error(problems)
  writeOut(describeMerged(loaded))
  writeLines(seccompNotes(syscalls, arch).map(({ key, text }) => `# note: ${key}: ${text}`))
  return 0
}
