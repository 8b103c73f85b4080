/** Kept plans: the second start needs no compiler, and everything that could make it wrong makes the compiler do it. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { launcherPath } from '../src/launch/addon.js'
import { decodePlan, encodePlan } from '../src/plan/codec.js'
import type { Step } from '../src/plan/descriptors.js'
import {
  compiled,
  forms,
  keptFile,
  keptHome,
  makeHome,
  makeRoot,
  planIn,
  putPlan,
  show,
  start,
  startWithoutNode,
  wordsOf,
  type Form,
  type Home,
  type How,
} from './kept/starts.js'
import { run, searchPath, type Outcome } from './world/process.js'

const checkout = join(import.meta.dirname, '../..')
const root = makeRoot(t)
const uid0 = process.getuid?.() === 0

/** A claim that holds for both ways to keep a plan. */
function each(name: string, body: (t: Test, form: Form) => Promise<void>): void {
  for (const form of forms) t.test(`${form}: ${name}`, (t) => body(t, form))
}

/** The same, of what only root can try. */
function eachAsRoot(name: string, body: (t: Test, form: Form) => Promise<void>): void {
  for (const form of forms) t.test(`${form}: ${name}`, { skip: !uid0 && 'needs root' }, (t) => body(t, form))
}

each('the second start of the same words runs no Node', async (t, form) => {
  const at = await keptHome(t, root, form)
  t.equal(readdirSync(at.plans).length, 1)
  t.equal(statSync(at.plans).mode & 0o7777, 0o700)
  t.equal(statSync(keptFile(at)).mode & 0o7777, 0o600)
  const other = ['sh', '-c', 'echo "$0"', 'ä b']
  t.match(await startWithoutNode(at, { argv: other }), { code: 0, stdout: 'ä b\n' }, 'other arguments of the program')
})

/** What changes, and that the compiler is asked then. */
const changes: readonly (readonly [what: string, change: (at: Home) => How | undefined])[] = [
  ['the policy', ({ policy }) => (writeFileSync(policy, `${readFileSync(policy, 'utf8')}# more\n`), undefined)],
  ['what it extends', ({ base }) => (writeFileSync(base, `${readFileSync(base, 'utf8')}# more\n`), undefined)],
  ['a variable that is passed on', ({ env }) => ({ env: { ...env, WORD: 'two' } })],
  ['a variable that is passed on, and is gone', ({ env }) => ({ env: withoutWord(env) })],
  ['where plans would be kept', ({ env }) => ({ env: { ...env, XDG_CACHE_HOME: '/var/cache' } })],
  ['a directory of systemd', ({ env }) => ({ env: { ...env, STATE_DIRECTORY: '/var/lib/x' } })],
  ['the working directory', ({ home }) => ({ directory: join(home, 'data') })],
  ['words of sandbox-exec', () => ({ words: ['--report', '2'] })],
  ['the program', () => ({ argv: ['cat', '/usr/lib/os-release'] })],
  ['the mode of a granted directory', ({ home }) => (chmodSync(join(home, 'data'), 0o711), undefined)],
  [
    'a granted directory, now a symlink',
    ({ home }) => {
      renameSync(join(home, 'data'), join(home, 'moved'))
      symlinkSync('moved', join(home, 'data'))
      return undefined
    },
  ],
  ['the file, now a symlink', (at) => replace(at, (file, aside) => symlinkSync(aside, file))],
  ['the file, with a second link', (at) => (linkSync(keptFile(at), join(at.home, 'link')), undefined)],
  ['the file, that others may read', (at) => (chmodSync(keptFile(at), 0o644), undefined)],
  ['the directory, that others may read', (at) => (chmodSync(at.plans, 0o755), undefined)],
  ['the file, a directory', (at) => replace(at, (file) => mkdirSync(file))],
  ['the file, a fifo', (at) => replace(at, (file) => execFileSync('mkfifo', ['-m', '600', file]))],
  ['the file, empty', (at) => (writeFileSync(keptFile(at), ''), undefined)],
  ['the file, cut short', (at) => write(at, (bytes) => bytes.subarray(0, -1))],
  ['the file, longer', (at) => write(at, (bytes) => Buffer.concat([bytes, Buffer.alloc(4)]))],
]

function withoutWord(env: Home['env']): Home['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'WORD'))
}

function replace(at: Home, make: (file: string, aside: string) => unknown): undefined {
  const file = keptFile(at)
  const aside = join(at.home, 'aside')
  renameSync(file, aside)
  make(file, aside)
}

function write(at: Home, change: (bytes: Buffer) => Buffer): undefined {
  writeFileSync(keptFile(at), change(readFileSync(keptFile(at))), { mode: 0o600 })
}

for (const [what, change] of changes) {
  each(`another compiles: ${what}`, async (t, form) => {
    const at = await keptHome(t, root, form)
    t.match(await startWithoutNode(at, change(at)), compiled)
  })
}

each('another compiles: hard limits', async (t, form) => {
  const at = makeHome(root, form)
  const words = [...wordsOf(at), '--', ...show, join(at.home, 'data/file')]
  const limited = (files: number, path: string): Promise<Outcome> =>
    run(['/usr/bin/prlimit', `--nofile=${files}:${files}`, ...words], {
      env: { ...at.env, PATH: path },
      directory: at.home,
    })
  t.match(await limited(512, searchPath), { code: 0 })
  t.match(await limited(512, '/nonexistent'), { code: 0 }, 'control: it is kept')
  t.match(await limited(256, '/nonexistent'), compiled)
})

type Expectation = 'start.expect-words' | 'start.expect-host' | 'start.expect-variables' | 'start.expect-nodes'

/** What a kept plan was made for, on another host or of other words: the file is as another start would have kept it. */
const facts: readonly (readonly [what: string, op: Expectation, change: Readonly<Record<string, unknown>>])[] = [
  ['another release of the kernel', 'start.expect-host', { release: '6.1.0-other' }],
  ['another machine', 'start.expect-host', { machine: 'riscv64' }],
  ['another user', 'start.expect-host', { uid: 12345 }],
  ['another group', 'start.expect-host', { gid: 12345 }],
  ['another ABI of Landlock', 'start.expect-host', { landlockAbi: 1 }],
  ['other errata of Landlock', 'start.expect-host', { landlockErrata: 0x4000_0000 }],
  ['another lowest port', 'start.expect-host', { lowestPort: 2 }],
  ['a host without IPv6', 'start.expect-host', { ipv6: existsSync('/proc/net/if_inet6') ? 0 : 1 }],
  ['no limits', 'start.expect-host', { hardLimits: [] }],
  ['another directory', 'start.expect-host', { directory: '/' }],
  ['other words', 'start.expect-words', { words: ['--policy', 'other.yaml', '--', 'sh'] }],
  ['another name of the command', 'start.expect-words', { startedAs: '/usr/bin/other' }],
  ['another package', 'start.expect-words', { root: '/opt/other' }],
  ['another value of a variable', 'start.expect-variables', { variables: [{ name: 'WORD', isSet: 1, value: 'two' }] }],
]

for (const [what, op, change] of facts) {
  each(`another compiles: it was kept for ${what}`, async (t, form) => {
    const at = await keptHome(t, root, form)
    const { auditArch, steps } = decodePlan(planIn(at))
    const keep = (changed: readonly Step[]): void => putPlan(at, encodePlan({ auditArch, steps: changed }))
    keep(steps)
    t.match(await startWithoutNode(at), { code: 0 }, 'control: encoded again')
    keep(steps.map((step): Step => (step.op === op ? { ...step, ...change } : step)))
    t.match(await startWithoutNode(at), compiled)
    keep(steps.filter((step) => step.op !== op))
    t.match(await startWithoutNode(at), compiled, 'what says nothing of it')
  })
}

eachAsRoot("another compiles: the kernel's own mounts", async (t, form) => {
  const at = await keptHome(t, root, form)
  const words = [...wordsOf(at), '--', ...show, join(at.home, 'data/file')]
  const mounted = join(at.home, 'data/mounted')
  mkdirSync(mounted)
  const startWith = (type: string, point: string): Promise<Outcome> => {
    const shell = `PATH=/usr/bin:/bin; mount -t ${type} none ${point}; PATH=/nonexistent; exec "$@"`
    return run(['/usr/bin/unshare', '--mount', '/bin/sh', '-c', shell, 'sh', ...words], {
      env: at.env,
      directory: at.home,
    })
  }
  t.match(await startWith('proc', mounted), compiled, 'in what is granted')
  const kept = { code: 0, stdout: 'one\ndata\n' }
  t.match(await startWith('tmpfs', mounted), kept, 'control: no state of the kernel')
  t.match(await startWith('proc', '/mnt'), kept, 'control: elsewhere')
})

t.test('a place for plans that another could change is refused, and not looked into', async (t) => {
  const at = await keptHome(t, root, 'by --plans')
  const startAt = (plans: string, path = searchPath): Promise<Outcome> =>
    start({ ...at, plans }, { env: { ...at.env, PATH: path } })
  const link = join(at.home, 'link')
  symlinkSync('plans', link)
  const open = join(at.home, 'open')
  mkdirSync(open)
  chmodSync(open, 0o755)
  for (const [plans, says] of [
    [`${at.plans}/`, /another spelling/],
    [at.plans.replace('/plans', '//plans'), /another spelling/],
    [at.plans.replace('/plans', '/./plans'), /another spelling/],
    [`${at.plans}/../plans`, /another spelling/],
    ['plans', /another spelling/],
    [link, /found a symlink on the way/],
    [open, /found mode 0755/],
    [join(at.home, 'none'), /found ENOENT/],
    [at.policy, /found no directory|mode/],
  ] as const) {
    t.match(await startAt(plans), { code: 125, stderr: says }, plans)
    t.match(await startAt(plans, '/nonexistent'), compiled, `${plans}: the launcher asks the compiler`)
  }
  t.match(await startAt(at.plans, '/nonexistent'), { code: 0 }, 'control')
})

each('a kept start has as many descriptors as the compiler would have', async (t, form) => {
  const at = makeHome(root, form)
  const limit = ['/usr/bin/prlimit', '--nofile=24:4096', ...wordsOf(at)]
  for (const path of [searchPath, '/nonexistent']) {
    const outcome = await run([...limit, '--', ...show, join(at.home, 'data/file')], {
      env: { ...at.env, PATH: path },
      directory: at.home,
    })
    t.match(outcome, { code: 0, stdout: 'one\ndata\n' })
  }
})

each('another compiles: where something can be written, Node that would be found elsewhere', async (t, form) => {
  const at = makeHome(root, form)
  const { home, policy, plans, env } = at
  const [work, tools] = [join(home, 'work'), join(home, 'tools')]
  for (const directory of [work, tools]) mkdirSync(directory)
  if (uid0) chownSync(work, 65534, 65534)
  const grants = `filesystem: { read: [/usr], write: ["${work}"] }`
  const promises = 'syscalls: { promises: [stdio, rpath, wpath, cpath] }'
  writeFileSync(policy, `version: 1\nname: kept\n${grants}\n${promises}\n`)
  const path = `${tools}:${searchPath}`
  const words = [...wordsOf(at), '--', 'true']
  const startBy = (value: string): Promise<Outcome> => run(words, { env: { ...env, PATH: value }, directory: home })
  t.match(await startBy(path), { code: 0 })
  const kept = (): string =>
    readdirSync(plans)
      .map((name) => `${name} ${statSync(join(plans, name)).ino}`)
      .join()
  const first = kept()
  t.match(await startBy(path), { code: 0 })
  t.equal(kept(), first, 'control: the same plan')
  writeFileSync(join(tools, 'node'), '#!/bin/sh\necho another node\n', { mode: 0o755 })
  t.match(await startBy(path), { code: 0, stdout: 'another node\n' }, 'one that came first on PATH')
  t.match(await startBy('/nonexistent'), compiled, 'another PATH')
})

each('another compiles: the same name leads to another version', async (t, form) => {
  const at = makeHome(root, form)
  const current = join(at.home, 'current')
  const [, ...options] = wordsOf(at)
  const words = [join(current, 'build/Release/palisade-launcher'), ...options, '--', ...show]
  const startCurrent = (path: string): Promise<Outcome> =>
    run([...words, join(at.home, 'data/file')], { env: { ...at.env, PATH: path }, directory: at.home })
  symlinkSync(checkout, current)
  for (const path of [searchPath, '/nonexistent']) t.match(await startCurrent(path), { code: 0 }, 'control: it is kept')
  rmSync(current)
  const other = join(at.home, 'other')
  mkdirSync(join(other, 'build/Release'), { recursive: true })
  copyFileSync(launcherPath(), join(other, 'build/Release/palisade-launcher'))
  symlinkSync(other, current)
  const compiler = join(realpathSync(other), 'dist/cli/main.cjs')
  t.match(await startCurrent('/nonexistent'), { code: 125, stderr: `cannot start ${compiler}: execve: ENOENT` })
})

eachAsRoot("another user's plans are not looked at", async (t, form) => {
  const at = await keptHome(t, root, form)
  chownSync(keptFile(at), 65534, 65534)
  t.match(await startWithoutNode(at), compiled, 'the file')
  chownSync(keptFile(at), 0, 0)
  t.match(await startWithoutNode(at), { code: 0 }, 'control')
  chownSync(at.plans, 65534, 65534)
  t.match(await startWithoutNode(at), compiled, 'the directory')
})

each('what the compiler finds wrong is said at every start', async (t, form) => {
  const at = await keptHome(t, root, form)
  writeFileSync(at.base, 'version: 1\nname: base\nnonsense: 1\n')
  for (const _ of [1, 2]) t.match(await start(at), { code: 125, stderr: /nonsense/ })
})

each('every change of a bit, and every cut, is refused', async (t, form) => {
  const at = await keptHome(t, root, form)
  execFileSync('cmake', ['--build', join(checkout, 'build'), '--target', 'palisade-kept-flips'])
  const flips = join(checkout, 'build/Sanitized/palisade-kept-flips')
  t.match(execFileSync(flips, [keptFile(at)], { encoding: 'utf8' }), /^\d{5,} refused\n$/)
  const whole = readFileSync(keptFile(at))
  for (let part = 0; part <= 40; part += 1) {
    const changed = Math.min(Math.floor((whole.length * part) / 40), whole.length - 1)
    write(at, () => Buffer.from(whole.map((byte, index) => (index === changed ? byte ^ (1 << (part % 8)) : byte))))
    t.match(await startWithoutNode(at), compiled, `byte ${changed}`)
  }
  write(at, () => whole)
  t.match(await startWithoutNode(at), { code: 0 }, 'control')
})

each('a file that is replaced all the time gives one of the two, never a mixture', async (t, form) => {
  const at = await keptHome(t, root, form)
  const file = keptFile(at)
  const whole = readFileSync(file)
  const wrong = Buffer.from(whole).fill(0, 200, 4000)
  const stop = new AbortController()
  const replacing = (async () => {
    while (!stop.signal.aborted) {
      for (const bytes of [wrong, whole]) {
        writeFileSync(`${file}.new`, bytes, { mode: 0o600 })
        renameSync(`${file}.new`, file)
        writeFileSync(file, wrong.subarray(0, 300))
        writeFileSync(file, whole)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  })()
  for (let round = 0; round < 40; round += 1) {
    const outcome = await startWithoutNode(at)
    t.ok(outcome.code === compiled.code || outcome.stdout === 'one\ndata\n', JSON.stringify(outcome))
  }
  stop.abort()
  await replacing
})

t.test('a program sees none of it, and is never given a place around it to write', async (t) => {
  const { home, policy, env } = makeHome(root, 'by --plans')
  const work = join(home, 'work')
  const plans = join(work, 'deep/plans')
  mkdirSync(plans, { recursive: true })
  chmodSync(plans, 0o700)
  // Root's program is nobody, who may not read what is root's.
  const user = uid0 ? ['/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
  if (uid0) execFileSync('chown', ['-R', '65534:65534', home])
  chmodSync(root, 0o755)
  const acts = [`ls ${plans}`, `cat ${plans}/*`, `touch ${plans}/x`, `chmod 700 ${plans}`]
  const script = [...acts.map((act) => `${act} 2>&1 && echo DONE`), `ls ${work}/deep`].join('; ')
  const words = [...user, launcherPath(), '--policy', policy, '--plans', plans, '--', 'sh', '-c', script]
  const startWith = (grants: string): Promise<Outcome> => {
    const promises = 'syscalls: { promises: [stdio, rpath, wpath, cpath, fattr, exec, proc] }'
    writeFileSync(policy, `version: 1\nname: kept\nfilesystem: { exec: [/usr], ${grants} }\n${promises}\n`)
    return run(words, { env, directory: home })
  }
  for (const _ of ['compiled', 'kept']) {
    const { code, stdout, stderr } = await startWith(`read: ["${work}"]`)
    t.equal(code, 0, stderr)
    t.notMatch(stdout, /DONE|PALIKEPT|[0-9a-f]{16}/)
    t.match(stdout, /plans\n$/, 'control: the directory above is shown')
  }
  t.equal(readdirSync(plans).length, 1)
  t.match(await startWith(`read: ["${plans}"]`), { code: 125, stderr: /where plans are kept/ }, 'granted by name')
  t.match(await startWith(`write: ["${work}"]`), { code: 125, stderr: /holds .*where plans are kept/ }, 'around it')
})

eachAsRoot('pid 1 of a kept start has no environment and no words of the caller', async (t, form) => {
  const at = await keptHome(t, root, form)
  const env = { ...at.env, SECRET: 'of-the-caller' }
  const look = ['sh', '-c', 'cat /proc/1/environ /proc/1/cmdline 2>&1 | tr "\\0" " "']
  const { stdout } = await startWithoutNode(at, { env, argv: look })
  t.notMatch(stdout, /of-the-caller|policy\.yaml/)
  // Seen from outside, where root may look.
  await start(at, { argv: ['sleep', '0'] })
  const child = startWithoutNode(at, { env, argv: ['sleep', '2.7182'] })
  const ended = new AbortController()
  void child.finally(() => ended.abort())
  const launchers = async (): Promise<readonly string[]> => {
    while (!ended.signal.aborted) {
      const found = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && commandLine(pid) === 'sleep\x002.7182\0')
      if (found !== undefined) return parents(found)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return []
  }
  const seen = await launchers()
  t.equal(seen.length, 2, 'init and the supervisor')
  for (const pid of seen) {
    t.equal(commandLine(pid).replaceAll('\0', ''), 'sandbox-exec')
    t.equal(readFileSync(`/proc/${pid}/environ`, 'utf8').replaceAll('\0', ''), '')
  }
  await child
})

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch (error) {
    // It has ended.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return ''
    throw error
  }
}

/** The two above the program: sh is the program itself here. */
function parents(pid: string): readonly string[] {
  const [, parent = ''] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  const [, above = ''] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${parent}/status`, 'utf8')) ?? []
  return [parent, above]
}

each('the Report of a kept start says the command, and may be a file', async (t, form) => {
  const at = makeHome(root, form)
  const words = ['--report', 'report.json']
  for (const compiles of [true, false]) {
    const outcome = await (compiles ? start(at, { words }) : startWithoutNode(at, { words }))
    t.match(outcome, { code: 0, stdout: 'one\ndata\n' })
    const report: unknown = JSON.parse(readFileSync(join(at.home, 'report.json'), 'utf8'))
    t.match(report, { policy: { name: 'kept' }, command: [...show, join(at.home, 'data/file')], exit: 0 })
  }
})
