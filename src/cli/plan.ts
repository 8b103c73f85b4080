import { prepareToTell } from '../launch/prepare.js'
import { printPlan } from '../plan/print.js'
import type { PlanInvocation } from './command-line.js'
import { writeLines, writeOut } from './output.js'

/** Prints the steps that the launcher would perform, without performing any. */
export async function plan({ policy, argv, format }: PlanInvocation): Promise<number> {
  const { plan: made } = await prepareToTell(policy, argv)
  if (format === 'json') writeOut(`${JSON.stringify(made, jsonValue, 2)}\n`)
  else writeLines(printPlan(made).trimEnd().split('\n'))
  return 0
}

/** 64-bit numbers as decimal text, because JSON readers round them; bytes as base64. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}
