/** What `explain` says and what the program meets: the same plan, asked and run. */
import { chmod, chown, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { marked, type Marked, type Paper, type Question } from './explain/ask.js'
import { makeQuestions } from './explain/questions.js'
import { programUid } from './run.js'
import { no32Bit, skipWithout32Bit } from './world/host-kernel.js'
import { must, run, searchPath } from './world/process.js'

t.setTimeout(240_000)
const seed = Number(process.env['EXPLAIN_SEED'] ?? 20_261)
const caller = process.getuid?.() ?? 0
const directory = await mkdtemp(join(tmpdir(), 'palisade-explain-'))
await chmod(directory, 0o755)
const program = join(directory, 'questions')
const sources = join(import.meta.dirname, '../../integration/explain')
await must(['cc', '-O1', '-Wall', '-Wextra', '-Werror', '-static', '-o', program, join(sources, 'questions.c')])
t.teardown(() => rm(directory, { recursive: true }))

for (const uid of await callers()) {
  t.test(`uid ${uid}: explain and run agree on 500 questions about a broad policy`, async (t) => {
    const ground = await makeGround(uid, broadPolicy)
    const answers = await ask(uid, { ...ground, program, questions: questionsFor(seed, 500, ground.top) })
    t.equal(answers.length, 500)
    t.strictSame(disagreements(answers), [])
    const words = new Set(answers.map(({ run: tried }) => tried))
    for (const word of ['allowed', 'ENOENT', 'EACCES', 'EROFS', 'EPERM', 'ENETUNREACH', 'ENOSYS', 'ENOTDIR', 'ELOOP']) {
      t.ok(words.has(word), `some question is answered with ${word}`)
    }
  })

  t.test(`uid ${uid}: explain and run agree on the calls that end the process`, async (t) => {
    const ground = await makeGround(uid, killingPolicy)
    const questions = questionsFor(seed + 1, 200, ground.top).filter((one) => one.about === 'syscall')
    const answers = await ask(uid, { ...ground, program, questions })
    t.strictSame(disagreements(answers), [])
    const killed = answers.filter(({ run: tried }) => tried === 'killed').length
    t.ok(killed > 10 && killed < answers.length, `${killed} of ${answers.length} calls are killed`)
  })
}

t.test(
  'the command prints the answer, who gives it, and the change; a wrong question is an error of ours',
  async (t) => {
    const { policy } = await makeGround(caller, killingPolicy)
    const explain = (...question: readonly string[]) => {
      const main = join(import.meta.dirname, '../src/cli/main.cjs')
      return run([process.execPath, main, 'explain', '--policy', policy, ...question], { env: { PATH: searchPath } })
    }
    const lines = [
      /^denied: ENOENT$/,
      /^ {2}filesystem: ENOENT, .*\/etc\/shadow/,
      /^change: add \/etc\/shadow to filesystem\.read$/,
    ]
    const path = await explain('--path', '/etc/shadow')
    for (const line of lines) t.match(path.stdout, new RegExp(line.source, 'm'))
    t.match((await explain('--connect', '192.0.2.1:443')).stdout, /^killed\n {2}seccomp: ends the process/)
    t.match((await explain('--syscall', 'getpid', '--arch', 'i386')).stdout, /^allowed\n/)
    t.match((await explain('filesystem.read')).stdout, /^carried by filesystem, landlock\n/)
    t.match((await explain()).stdout, /^killing\n/)
    const wrong = [['filesystem.raed'], ['--syscall', 'getpidd'], ['--syscall', 'getpid', '--arch', 'vax']]
    for (const question of wrong) {
      t.match(await explain(...question), {
        code: 125,
        stdout: '',
        stderr: /^sandbox-exec: .*(?:did you mean|is one of)/,
      })
    }
  },
)

// Once, because the number of skips is reviewed and that of the callers is the machine's.
skipWithout32Bit(t, 'questions about calls of i386')

/** In place of calls that this kernel cannot make come the questions that follow. */
function questionsFor(start: number, count: number, top: string): Question[] {
  const possible = makeQuestions(start, 2 * count, top).filter((one) => {
    return no32Bit === false || one.about !== 'syscall' || one.arch !== 'i386'
  })
  return possible.slice(0, count)
}

/** What is allowed may still fail for a reason of the kernel's own; what is denied must fail in just this way. */
function disagreements(answers: Marked): Marked {
  return answers.filter(({ question, explain, run: tried }) => {
    if (explain === 'depends' || explain === tried) return false
    const isCall = question.startsWith('native') || question.startsWith('i386')
    return !(isCall && explain === 'allowed' && tried !== 'killed')
  })
}

async function ask(uid: number, { policy, questions }: Paper): Promise<Marked> {
  const become = uid === caller ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--']
  const helper = [process.execPath, join(import.meta.dirname, 'explain/ask.js')]
  const stdin = JSON.stringify({ policy, program, questions })
  return marked.parse(JSON.parse(await must([...become, ...helper], { stdin, timeoutMs: 120_000 })))
}

/** Root also asks as nobody, where nobody can read this checkout. */
async function callers(): Promise<readonly number[]> {
  if (caller !== 0) return [caller]
  const reads = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--', 'cat', import.meta.filename]
  const { code } = await run(reads, { env: { PATH: searchPath } })
  return code === 0 ? [0, 65534] : [0]
}

interface Ground {
  readonly top: string
  readonly policy: string
}

async function makeGround(uid: number, text: (top: string) => string): Promise<Ground> {
  const top = await mkdtemp(join(directory, 'ground-'))
  const at = (name: string) => join(top, name)
  await chmod(top, 0o755)
  for (const name of ['read', 'read/sub', 'read/root-only', 'write', 'write/sub', 'write/locked', 'write/hidden']) {
    await mkdir(at(name))
  }
  for (const name of ['exec', 'outside']) await mkdir(at(name))
  const files = ['read/file', 'read/sub/file', 'read/root-only/file', 'read/unreadable', 'read/text', 'write/file']
  const more = ['write/roots-file', 'write/hidden/file', 'write/hidden-file', 'outside/file', 'exec/text']
  for (const name of [...files, ...more, 'exec/not-executable']) await writeFile(at(name), 'content\n')
  for (const name of ['read/script', 'exec/script']) await writeFile(at(name), '#!/bin/sh\n')
  await writeFile(at('exec/bad-script'), '#!/no/such/shell\n')
  for (const name of ['read/program', 'write/program', 'exec/program']) await copyFile('/bin/true', at(name))
  const programs = ['read/script', 'read/program', 'read/text', 'write/program', 'exec/program', 'exec/script']
  for (const name of [...programs, 'exec/bad-script', 'exec/text']) await chmod(at(name), 0o755)
  await symlink('file', at('read/link-in'))
  await symlink(at('outside/file'), at('read/link-out'))
  await symlink('../write/file', at('read/link-up'))
  await symlink('loop', at('read/loop'))
  await symlink('no-such', at('write/dangling'))
  await symlink('../read/file', at('write/link-to-read'))
  await must(['mkfifo', at('read/fifo')])
  const policy = at('write/policy.yaml')
  await writeFile(policy, text(top))
  const owned = [
    'write',
    'write/file',
    'write/sub',
    'write/locked',
    'write/program',
    'write/policy.yaml',
    'write/hidden',
  ]
  if (caller === 0) for (const name of owned) await chown(at(name), programUid(uid), programUid(uid))
  await chmod(at('read/root-only'), 0o700)
  await chmod(at('read/unreadable'), 0o600)
  await chmod(at('write/locked'), 0o555)
  return { top, policy }
}

function broadPolicy(top: string): string {
  return `version: 1
name: broad
filesystem:
  read: [${top}/read, /usr/share]
  write: [${top}/write]
  deny: [${top}/write/hidden, ${top}/write/hidden-file]
  exec: [${top}/exec/program, ${top}/exec/script, /bin/sh]
  tmp: 8M
network:
  egress:
    - { host: 192.0.2.10, port: 443 }
    - { host: 192.0.2.11, port: 8443 }
    - { host: api.example.test, port: 443 }
syscalls: { promises: [stdio, rpath, wpath, cpath, inet, proc, exec] }
`
}

function killingPolicy(top: string): string {
  return `version: 1
name: killing
filesystem: { read: [${top}/read] }
syscalls: { promises: [stdio, rpath, unix, proc], denied: kill }
`
}
