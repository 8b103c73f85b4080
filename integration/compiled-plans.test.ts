/** Plans in files: run without the compiler while nothing has changed, and refused with the reason when something has. */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { launcherPath } from '../src/launch/addon.js'
import { fileOf } from '../src/launch/kept-file.js'
import { decodePlan, encodePlan } from '../src/plan/codec.js'
import type { Step } from '../src/plan/descriptors.js'
import { programUid } from './run.js'
import { held, run, searchPath, start as startHeld, type Outcome } from './world/process.js'

const root = mkdtempSync(join(tmpdir(), 'palisade-compiled-'))
t.teardown(() => rmSync(root, { recursive: true, force: true }))
chmodSync(root, 0o755)
const uid0 = process.getuid?.() === 0

/** A home with a policy that extends another, data to read, and a folder that the program may write, or none. */
interface Place {
  readonly home: string
  readonly plan: string
  readonly env: Readonly<Record<string, string>>
}

let places = 0
function place(writes: 'nothing' | 'a folder' = 'nothing'): Place {
  const home = join(root, `home-${(places += 1)}`)
  for (const folder of ['data', 'out']) mkdirSync(join(home, folder), { recursive: true })
  const owner = programUid(process.getuid?.() ?? 0)
  if (uid0) chownSync(join(home, 'out'), owner, owner)
  writeFileSync(join(home, 'data/file'), 'data\n')
  writeFileSync(join(home, 'base.yaml'), 'version: 1\nname: base\nprocess: { environment: { pass: [WORD] } }\n')
  const write = writes === 'nothing' ? '' : `, write: ["${home}/out"]`
  const filesystem = `filesystem: { read: ["${home}/data"], exec: [/usr]${write} }`
  const promises = 'syscalls: { promises: [stdio, rpath, wpath, cpath, exec, proc] }'
  writeFileSync(
    join(home, 'policy.yaml'),
    `version: 1\nname: compiled\nextends: base.yaml\n${filesystem}\n${promises}\n`,
  )
  return { home, plan: 'app.plan', env: { HOME: home, PATH: searchPath, WORD: 'one' } }
}

interface How {
  readonly env?: Readonly<Record<string, string>>
  readonly directory?: string
}

function command({ home, env }: Place, words: readonly string[], how: How = {}): Promise<Outcome> {
  return run([launcherPath(), ...words], { env, directory: home, ...how })
}

function compile(at: Place, argv: readonly string[], more: readonly string[] = []): Promise<Outcome> {
  return command(at, ['compile', '--policy', 'policy.yaml', '-o', at.plan, ...more, '--', ...argv])
}

/** Without Node on its PATH: by the launcher alone. */
function start(at: Place, words: readonly string[] = [], how: How = {}): Promise<Outcome> {
  const env = { ...(how.env ?? at.env), PATH: '/nonexistent' }
  return command(at, ['--plan', at.plan, ...words], { ...how, env })
}

const shown = ['sh', '-c', 'echo "$WORD $1"; cat "$0"']
async function compiled(t: Test, writes: 'nothing' | 'a folder' = 'nothing'): Promise<Place> {
  const at = place(writes)
  t.match(await compile(at, [...shown, join(at.home, 'data/file'), 'first']), { code: 0, stdout: '', stderr: '' })
  t.match(await start(at), { code: 0, stdout: 'one first\ndata\n', stderr: '' }, 'control: it runs')
  return at
}

function refused(why: string): object {
  const text = `sandbox-exec: --plan app.plan: ${why}`
  return { code: 125, stdout: '', stderr: why.endsWith('\n') ? text : new RegExp(`^${text.replaceAll('/', '\\/')}`) }
}

t.test('it runs what it was compiled for, with these arguments or others', async (t) => {
  const at = await compiled(t)
  t.equal(statSync(join(at.home, at.plan)).mode & 0o7777, 0o600)
  const words = [...shown, join(at.home, 'data/file'), 'second']
  t.match(await start(at, ['--', ...words]), { code: 0, stdout: 'one second\ndata\n' })
  t.match(await command(at, ['run', '--plan', at.plan]), { code: 0, stdout: 'one first\ndata\n' }, 'as `run`')
  t.match(await start(at, ['--', 'cat', '/dev/null']), refused('it was compiled for the program sh\n'))
  const usage = { code: 125, stderr: /a plan stands alone: --plan FILE/ }
  t.match(await command(at, ['--plan', at.plan, '--report', 'r', '--', 'sh']), usage)
  t.match(await command(at, ['--plan', at.plan, '--']), { code: 125 })
})

t.test('words that are not UTF-8 are not taken', async (t) => {
  const at = await compiled(t)
  const bytes = `exec "$0" --plan ${at.plan} -- sh -c "echo $(printf '\\377')"`
  const outcome = await run(['/bin/sh', '-c', bytes, launcherPath()], { env: at.env, directory: at.home })
  t.match(outcome, { code: 125, stdout: '', stderr: /not valid UTF-8/ })
})

t.test('its Report goes where it was compiled to', async (t) => {
  const at = place()
  t.match(await compile(at, ['sh', '-c', 'exit 3'], ['--report', 'report.json']), { code: 0 })
  t.match(await start(at), { code: 3 })
  const report = readFileSync(join(at.home, 'report.json'), 'utf8')
  t.match(JSON.parse(report), { status: 3, exit: 3, command: ['sh', '-c', 'exit 3'] })
})

const changes: readonly (readonly [what: string, why: string, change: (at: Place) => How])[] = [
  ['the policy', '/.*/policy.yaml is not as it was', (at) => touch(at, 'policy.yaml')],
  ['a base of it', '/.*/base.yaml is not as it was', (at) => touch(at, 'base.yaml')],
  ['a variable that it passes', 'WORD is not as it was', (at) => ({ env: { ...at.env, WORD: 'two' } })],
  ['the working directory', 'the working directory is not as it was', () => ({ directory: '/' })],
  [
    'a granted path',
    '/.*/data is not as it was',
    ({ home }) => {
      renameSync(join(home, 'data'), join(home, 'moved'))
      symlinkSync('moved', join(home, 'data'))
      return {}
    },
  ],
  [
    'its own bytes',
    'it is no whole plan of this version: write it with',
    ({ home, plan }) => {
      const bytes = readFileSync(join(home, plan))
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
      writeFileSync(join(home, plan), bytes)
      return {}
    },
  ],
  [
    'its end',
    'it is no whole plan of this version',
    ({ home, plan }) => {
      writeFileSync(join(home, plan), readFileSync(join(home, plan)).subarray(0, -1))
      return {}
    },
  ],
  [
    'who may write it',
    'it must be a file of the caller.s or root.s',
    ({ home, plan }) => {
      chmodSync(join(home, plan), 0o620)
      return {}
    },
  ],
  [
    'a policy in its place',
    'it is no whole plan of this version',
    ({ home, plan }) => {
      writeFileSync(join(home, plan), readFileSync(join(home, 'policy.yaml')), { mode: 0o600 })
      return {}
    },
  ],
]

function touch({ home }: Place, name: string): How {
  writeFileSync(join(home, name), '# changed\n', { flag: 'a' })
  return {}
}

for (const [what, why, change] of changes) {
  t.test(`refused: ${what} has changed`, async (t) => {
    const at = await compiled(t)
    const how = change(at)
    const plan = join(at.home, at.plan)
    const outcome = await command(at, ['--plan', plan], how)
    t.match(outcome, { code: 125, stdout: '' })
    t.match(outcome.stderr, new RegExp(`^sandbox-exec: --plan ${plan}: ${why}`))
  })
}

type Expectation = 'start.expect-host' | 'start.expect-place'
const elsewhere: readonly (readonly [why: string, op: Expectation, change: Readonly<Record<string, unknown>>])[] = [
  ['the kernel', 'start.expect-host', { release: '6.1.0-other' }],
  ['the user', 'start.expect-host', { uid: 12345 }],
  ['Landlock', 'start.expect-host', { landlockAbi: 1 }],
  ['IPv6', 'start.expect-host', { ipv6: existsSync('/proc/net/if_inet6') ? 0 : 1 }],
  ['a hard limit of the caller', 'start.expect-host', { hardLimits: [] }],
  ['the package of sandbox-exec', 'start.expect-place', { root: '/opt/other' }],
]

for (const [why, op, change] of elsewhere) {
  t.test(`refused: compiled where ${why} is another`, async (t) => {
    const at = await compiled(t)
    const file = join(at.home, at.plan)
    const { auditArch, steps } = decodePlan(readFileSync(file).subarray(12))
    const write = (changed: readonly Step[]): void => {
      writeFileSync(file, fileOf(encodePlan({ auditArch, steps: changed })))
    }
    write(steps)
    t.match(await start(at), { code: 0 }, 'control: encoded again')
    write(steps.map((step): Step => (step.op === op ? { ...step, ...change } : step)))
    t.match(await start(at), refused(`${why} is not as it was when this was compiled: compile it again\n`))
    write(steps.filter((step) => step.op !== op))
    t.match(await start(at), refused('its form is not as it was when this was compiled: compile it again\n'))
  })
}

t.test('another architecture', async (t) => {
  const at = await compiled(t)
  const file = join(at.home, at.plan)
  const { steps } = decodePlan(readFileSync(file).subarray(12))
  writeFileSync(file, fileOf(encodePlan({ auditArch: 0xc00000f3, steps })))
  t.match(await start(at), refused('it was compiled for another architecture\n'))
})

t.test('a program that writes cannot write its own plan, and the plan has one name', async (t) => {
  const at = { ...place('a folder'), plan: 'out/app.plan' }
  const script =
    'cd "$0"; for file in new app.plan; do echo x >$file || echo "not $file"; done; rm app.plan || echo kept'
  t.match(await compile(at, ['sh', '-c', script, join(at.home, 'out')]), { code: 0, stderr: '' })
  // By PATH Node is found, which is protected as well.
  t.match(await start(at), { code: 125, stderr: /PATH is not as it was/ })
  t.match(await command(at, ['--plan', at.plan]), { code: 0, stdout: 'not app.plan\nkept\n' })
  t.equal(readFileSync(join(at.home, 'out/new'), 'utf8'), 'x\n', 'control: another file')
  copyFileSync(join(at.home, at.plan), join(at.home, 'copy.plan'))
  const named = `run it as ${at.home}/out/app.plan: the file of that name is protected`
  t.match(await command(at, ['--plan', 'copy.plan']), { code: 125, stderr: new RegExp(named) })
  const free = await compiled(t)
  copyFileSync(join(free.home, free.plan), join(free.home, 'copy.plan'))
  t.match(await command(free, ['--plan', 'copy.plan']), { code: 0 }, 'control: a program that writes nothing')
})

t.test('compiled again while it runs, it is still protected from the program', async (t) => {
  const at = { ...place('a folder'), plan: 'out/app.plan' }
  const script = 'cd "$0"; echo ready; read line; echo x >app.plan || echo "not the plan"; echo y >other && echo other'
  const argv = ['sh', '-c', script, join(at.home, 'out')]
  t.match(await compile(at, argv), { code: 0, stderr: '' })
  const running = startHeld([launcherPath(), '--plan', at.plan], { env: at.env, directory: at.home, stdin: held })
  t.equal(await running.firstLine, 'ready')
  t.match(await compile(at, argv), { code: 0, stderr: '' })
  running.write('go\n')
  running.end()
  t.match(await running.outcome, { code: 0, stdout: 'ready\nnot the plan\nother\n' })
  t.match(await command(at, ['--plan', at.plan]), { code: 0 }, 'and whole')
})

t.test('compile: a failure leaves nothing, and no other file is touched', async (t) => {
  const at = place()
  writeFileSync(join(at.home, 'policy.yaml'), 'version: 1\nname: compiled\nnonsense: 1\n')
  t.match(await compile(at, ['sh']), { code: 125, stderr: /nonsense/ })
  t.notOk(readdirSync(at.home).some((name) => name.includes('plan')))
  const other = place()
  writeFileSync(join(other.home, other.plan), 'precious\n', { mode: 0o644 })
  const refusal = { code: 125, stderr: /-o: needs an earlier plan, or nothing/ }
  t.match(await compile(other, ['sh']), refusal)
  chmodSync(join(other.home, other.plan), 0o600)
  t.match(await compile(other, ['sh']), refusal, 'whatever its mode')
  t.equal(readFileSync(join(other.home, other.plan), 'utf8'), 'precious\n')
  t.match(await command(other, ['compile', '--policy', 'policy.yaml', '--', 'sh']), { code: 125, stderr: /-o FILE/ })
})

t.test('compile: again, over an earlier plan', async (t) => {
  const at = await compiled(t)
  t.match(await compile(at, ['sh', '-c', 'echo newer']), { code: 0 })
  t.match(await start(at), { code: 0, stdout: 'newer\n' })
})

t.test("another user's plan is not run", { skip: !uid0 && 'needs root' }, async (t) => {
  const at = await compiled(t)
  chownSync(join(at.home, at.plan), 1000, 1000)
  t.match(
    await start(at),
    refused("it must be a file of the caller's or root's that no one else can write: chmod go-w\n"),
  )
})
