import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { describeProblem, PolicyError } from '../../core/errors.js'
import { packageRoot } from '../../core/package-root.js'
import { loadPolicy, type LoadedPolicy } from '../../policy/load.js'
import { compileFilter } from './compile.js'
import { seccompProblems } from './problems.js'

/** Entries of `### claim`, a wrong policy, `--- accepted` with a right one, and `--- told` with all that is said. */
const golden = readFileSync(join(packageRoot(), 'src/layers/seccomp/wrong-policies.golden'), 'utf8')
const entries = golden.split('\n### ').slice(1).map(readEntry)

function readEntry(text: string) {
  const [, claim = '', wrong = '', right = '', told = ''] =
    /^(.*)\n([^]*)\n--- accepted\n([^]*)\n--- told\n([^]*)\n$/.exec(`${text.trimEnd()}\n`) ?? []
  return { claim, wrong, right, told }
}

for (const { claim, wrong, right, told } of entries) {
  t.test(`syscalls: ${claim}`, (t) => {
    t.equal(complaint(wrong), told)
    t.equal(complaint(right), 'nothing', 'control: a policy that is right')
    t.end()
  })
}

t.test('syscalls: every wrong policy has a message of its own, and a change that mends it', (t) => {
  t.ok(entries.length >= 60, `${entries.length} wrong policies`)
  const messages = entries.map(({ told }) => (told.split('\n')[0] ?? '').replace(/^p\.yaml:\d+:\d+: [^ ]+: /, ''))
  for (const [index, message] of messages.entries()) {
    t.equal(messages.indexOf(message), index, `said once: ${message}`)
  }
  t.end()
})

/** What is told of a policy for x86_64, with its frame; `nothing` when a filter can be made of it. */
function complaint(text: string): string {
  try {
    const loaded = load(`version: 1\nname: test\n${text}\n`)
    const problems = seccompProblems(loaded.policy.syscalls, 'x86_64')
    if (problems.length > 0) throw loaded.error(problems)
    compileFilter({ ...loaded.policy.syscalls, arch: 'x86_64' })
    return 'nothing'
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    return error.problems.map(describeProblem).join('\n')
  }
}

function load(text: string): LoadedPolicy {
  const files = { read: () => new TextEncoder().encode(text), realPath: (path: string) => `/${path}` }
  return loadPolicy('p.yaml', files, new Map())
}
