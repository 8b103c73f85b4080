import { writeSync } from 'node:fs'
import { prepare } from '../launch/prepare.js'
import type { ExplainInvocation } from './command-line.js'

/** Answers a question about a policy from the plan that `run` would perform. */
export async function explain({ policy, argv }: ExplainInvocation): Promise<number> {
  const { plan } = await prepare(policy, argv, null)
  for (const { layer, protection, status, text } of plan.status) {
    writeSync(1, `${layer}: ${protection}: ${status}: ${text}\n`)
  }
  return 0
}
