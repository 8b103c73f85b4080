import { readPolicy } from '../launch/prepare.js'
import { describeMerged } from '../policy/describe.js'
import type { CheckInvocation } from './command-line.js'
import { writeOut } from './output.js'

/** Prints the policy with its bases merged in, each line with the place that it comes from. */
export function check({ policy }: CheckInvocation): number {
  writeOut(describeMerged(readPolicy(policy)))
  return 0
}
