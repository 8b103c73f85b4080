/**
 * grade.js FOLDER [ROUNDS [AT-ONCE]]: a grader of strangers' programs. FOLDER has `submissions/*.py`, `input.txt` and
 * `answer.txt`. Prints one line of JSON a submission: its name and the verdicts of all rounds.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Sandbox, type PolicyObject, type RunResult } from '../../src/index.js'

export type Verdict = 'accepted' | 'wrong answer' | 'runtime error' | 'time limit' | 'memory limit' | 'output limit'

const [folder = '.', rounds = '1', atOnce = '4'] = process.argv.slice(2)
const submissions = readdirSync(join(folder, 'submissions')).filter((name) => name.endsWith('.py'))
const [input, answer] = ['input.txt', 'answer.txt'].map((name) => readFileSync(join(folder, name), 'utf8'))
const runs = Array.from({ length: Number(rounds) }, () => submissions).flat()
const verdicts = new Map<string, Verdict[]>(submissions.map((name) => [name, []]))
await Promise.all(Array.from({ length: Number(atOnce) }, work))
for (const [name, all] of verdicts) process.stdout.write(`${JSON.stringify({ name, verdicts: all })}\n`)

async function work(): Promise<void> {
  for (let name = runs.shift(); name !== undefined; name = runs.shift()) verdicts.get(name)?.push(await grade(name))
}

async function grade(name: string): Promise<Verdict> {
  const file = resolve(folder, 'submissions', name)
  await using sandbox = await Sandbox.open(policyFor(file))
  const options = { stdin: input ?? '', outputMax: 1 << 18, overflow: 'kill' } as const
  return verdictOf(await sandbox.run(['/usr/bin/python3', file], options))
}

/** Python, the submission's own file, a small private /tmp, and nothing else. */
function policyFor(file: string): PolicyObject {
  return {
    version: 1,
    name: 'submission',
    filesystem: { read: ['/usr', file], tmp: '16M' },
    syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath', 'proc'] },
    process: { environment: { set: { HOME: '/tmp', PYTHONDONTWRITEBYTECODE: '1' } } },
    limits: {
      wall: '6s',
      cpu: '3s',
      'address-space': '256M',
      processes: 8,
      files: 64,
      'file-size': '8M',
    },
  }
}

function verdictOf({ exit, stdout, truncated, timedOut, limitsHit }: RunResult): Verdict {
  if (truncated.stdout || truncated.stderr) return 'output limit'
  if (timedOut || limitsHit.includes('limits.cpu')) return 'time limit'
  if (limitsHit.includes('limits.memory')) return 'memory limit'
  if (exit !== 0) return 'runtime error'
  return stdout === answer ? 'accepted' : 'wrong answer'
}
