/** Limits of a unit, which the program in the sandbox cannot leave. */
import { readFileSync } from 'node:fs'
import { ask, show, type Check } from './guest.js'

const checks: readonly Check[] = [
  {
    name: 'TasksMax=64 of the unit ends a program that goes on making processes',
    expected: /^exit-code, [1-6]?\d of 200: .*Cannot fork/,
    found: () => nest('tasks-limited.service'),
  },
  {
    name: 'and it was the control group of the unit that refused',
    expected: /fork rejected by pids controller in \/system\.slice\/tasks-limited\.service/,
    found: async () => (await ask('dmesg')).stdout,
  },
  {
    name: 'control: without TasksMax, and below the same MemoryMax, it comes to its end',
    expected: 'success, 200 of 200: ',
    found: () => nest('tasks-free.service'),
  },
  {
    name: 'limits.pids of the policy does the same in a unit with Delegate=yes',
    expected: /^exit-code, 1?\d of 200: .*Cannot fork/,
    found: () => nest('delegated.service'),
  },
  {
    name: "and it was the sandbox's own control group that refused",
    expected: /fork rejected by pids controller in \/system\.slice\/delegated\.service\/palisade-\d+-[0-9a-f]{16}\n/,
    found: async () => (await ask('dmesg')).stdout,
  },
  {
    name: 'MemoryMax=256M of the unit ends a program that takes 400M',
    expected: 'oom-kill',
    found: () => resultOf('memory-limited.service'),
  },
]

export const limitedChecks: readonly Check[] = checks.map((check) => ({ ...check, layer: 'resources' }))

/** How many processes there were at once, and what the last one said. */
async function nest(unit: string): Promise<string> {
  const result = await resultOf(unit)
  const lines = readFileSync(`/run/${unit}`, 'utf8').trimEnd().split('\n')
  const isNumber = (line: string): boolean => /^\d+$/.test(line)
  return `${result}, ${lines.findLast(isNumber)} of 200: ${lines.filter((line) => !isNumber(line)).join(' ')}`
}

async function resultOf(unit: string): Promise<string> {
  await ask('systemctl', 'start', unit)
  return show(unit, 'Result')
}
