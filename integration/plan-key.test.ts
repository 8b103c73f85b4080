/** The key that seals kept plans: every process of the caller outside of a sandbox has it, and no program inside. */
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { launcherPath } from '../src/launch/addon.js'
import { asUser, buildHelper, callers, makeRoot } from './kept/starts.js'
import { must, run, searchPath } from './world/process.js'

const checkout = join(import.meta.dirname, '../..')
const root = makeRoot(t)
const keys = await buildHelper(root, 'keys')
for (const caller of callers) {
  const home = join(root, String(caller))
  mkdirSync(home)
  if (process.getuid?.() === 0) chownSync(home, caller, caller)
}

/** With the calls to look for keys, and with them for whoever root's program is. */
function policyFile(name: string, more = ''): string {
  const file = join(root, `${name}.yaml`)
  writeFileSync(file, `version: 1\nname: ${name}\n${more}syscalls: { promises: [stdio, keyring] }\n`)
  return file
}
const plain = policyFile('plain')
const byRules = join(root, 'rules.yaml')
writeFileSync(
  byRules,
  `version: 1\nname: rules\nsyscalls:\n  promises: [stdio]\n  rules:\n${['keyctl', 'add_key', 'request_key']
    .map((syscall) => `    - { syscall: ${syscall}, action: allow }\n`)
    .join('')}`,
)
const hostRoot = policyFile('root', 'process: { user: root }\nunsafe: { host-root: { reason: to try it } }\n')

interface Program {
  readonly what: string
  readonly caller: number
  readonly policy: string
  /** Whether the host has the program for its caller. */
  readonly same: 'the same user' | 'another user'
}
const programs: readonly Program[] = callers.flatMap((caller): readonly Program[] => {
  const same = caller === 0 ? 'another user' : 'the same user'
  const asRoot: Program = { what: 'unsafe.host-root', caller, policy: hostRoot, same: 'the same user' }
  return [
    { what: 'the promise keyring', caller, policy: plain, same },
    { what: 'rules', caller, policy: byRules, same },
    ...(caller === 0 ? [asRoot] : []),
  ]
})

/** The only thing that works: the user keyring's keys, for which the key is not among them. */
const userKeyring = 'user keyring by number: a key in it'

/** Of the key, which is made where there is none, of its keyring, and of the user keyring. */
async function numbersFor(caller: number): Promise<readonly string[]> {
  const addon = join(checkout, 'build/Release/palisade.node')
  await must([...asUser(caller), process.execPath, '-e', `require('${addon}').sealPlan(new Uint8Array())`])
  // Fails where the key cannot be read: the control of all that follows.
  return (await must([...asUser(caller), keys, 'tell'])).trim().split(' ')
}

for (const { what, caller, policy, same } of programs) {
  t.test(`uid ${caller}, ${what}: no program gets the key, by no name and no number`, async (t) => {
    const numbers = await numbersFor(caller)
    t.equal(numbers.length, 3, 'control: outside, the key is read')
    t.teardown(() => must([...asUser(caller), keys, 'forget', 'trial']))
    const words = [...asUser(caller), launcherPath(), '--policy', policy, '--', keys, 'try', ...numbers]
    const HOME = join(root, String(caller))
    // The second one is a kept plan's: its launcher has had the key.
    for (const PATH of [searchPath, '/nonexistent']) {
      const { code, stdout, stderr } = await run(words, { env: { PATH, HOME }, directory: HOME })
      t.equal(code, 0, stderr)
      const answers = stdout.trimEnd().split('\n')
      t.ok(answers.length > 30, 'all was tried')
      t.ok(answers.includes('read: EACCES'))
      t.ok(answers.includes('read at last: EACCES'))
      const got = answers.filter((line) => line.endsWith(': ok'))
      const control = 'control: a key in the user keyring is had so'
      t.strictSame(got, same === 'the same user' ? [`${userKeyring}: ok`] : [], control)
      t.strictSame(await numbersFor(caller), numbers, 'it is still there, and the same')
    }
  })
}

t.test('SipHash is that of its authors: the 64 vectors of SipHash-2-4-128', async (t) => {
  execFileSync('cmake', ['--build', join(checkout, 'build'), '--target', 'palisade-sip-tags'])
  const tags = await must([join(checkout, 'build/Sanitized/palisade-sip-tags')])
  const [none, one] = tags.split('\n')
  t.strictSame([none, one], ['a3817f04ba25a8e66df67214c7550293', 'da87c1d86b99af44347659119b22fc45'])
  const all = 'fd0ecb63a04fb82b011c97a82ddf54eb966d7f48e51df7e8a73cd8d8c5d49ddc'
  t.equal(createHash('sha256').update(tags).digest('hex'), all, 'all of them, as `openssl mac SIPHASH` has them too')
})
