/** A start with what V8 made of the command when it was built, without that, and with one that this V8 does not take. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import t from 'tap'
import { cacheOf } from '../src/cli/script.cjs'
import { packageRoot } from '../src/core/package-root.js'
import { must, run, searchPath, type Outcome } from './world/process.js'

const home = mkdtempSync(join(tmpdir(), 'palisade-cache-'))
t.teardown(() => rmSync(home, { recursive: true, force: true }))
chmodSync(home, 0o755)
const root = join(home, 'package')
for (const part of ['package.json', 'dist', 'policies', 'build/Release']) {
  cpSync(join(packageRoot(), part), join(root, part), { recursive: true })
}
const launcher = join(root, 'build/Release/palisade-launcher')
const parts = join(root, 'dist/cli/parts')
const [script = ''] = readdirSync(parts).filter((name) => /^start-.*\.js$/.test(name))
const name = join(parts, basename(script, '.js'))
const cache = cacheOf(name)
const made = readFileSync(cache)
const text = readFileSync(`${name}.js`)
const perform = join(root, 'dist/cli/perform.js')
const others = readFileSync(perform)

const policy = join(home, 'policy.yaml')
writeFileSync(
  policy,
  'version: 1\nname: cached\nfilesystem: { read: [/usr] }\nsyscalls: { promises: [stdio, rpath] }\n',
)
const plans = join(home, 'plans')
const env = { PATH: searchPath, HOME: home }

function start(words: readonly string[] = ['--policy', policy], stdin = ''): Promise<Outcome> {
  return run([launcher, ...words, '--', 'echo', 'ran'], { env, directory: home, stdin })
}

/** The plan that a start keeps, with all that it compares. */
async function planOf(): Promise<Buffer> {
  rmSync(plans, { recursive: true, force: true })
  mkdirSync(plans, { mode: 0o700 })
  const outcome = await start(['--policy', policy, '--plans', plans])
  if (outcome.code !== 0) throw new Error(outcome.stderr)
  const [kept = ''] = readdirSync(plans)
  return readFileSync(join(plans, kept))
}

// Whether there is a usual place of plans is a part of it.
mkdirSync(join(home, '.cache/palisade'), { recursive: true, mode: 0o700 })
const plan = await planOf()

/** Whether V8 takes the cache, asked in a process that has not compiled the script before. */
async function isTaken(): Promise<boolean> {
  const ask = `require('${root}/dist/cli/script.cjs').loadScript('${name}').script.cachedDataRejected`
  return (await must([process.execPath, '--print', ask], { env })) === 'false\n'
}

t.test('the build leaves a cache that its own Node takes, and that only the owner may write', async (t) => {
  t.equal(await isTaken(), true)
  t.equal(statSync(cache).mode & 0o022, 0)
})

/** Where V8 has the sums of its version and of its options (SerializedCodeData, code-serializer.h). */
const [version, flags] = [4, 12]

const wrong: readonly (readonly [what: string, bytes: Buffer | null])[] = [
  ['none', null],
  ...[0, 3, 24, 1000, made.length >> 1, made.length - 1].map(
    (size) => [`${size} bytes of it`, made.subarray(0, size)] as const,
  ),
  ['one of another version of V8', changed(made, version)],
  ['one for other options of V8', changed(made, flags)],
  ['something else', Buffer.from('no cache at all')],
]

for (const [what, bytes] of wrong) {
  t.test(`with ${what}, a start makes the same plan`, async (t) => {
    if (bytes === null) rmSync(cache)
    else writeFileSync(cache, bytes)
    t.teardown(() => writeFileSync(cache, made))
    if (bytes !== null) t.equal(await isTaken(), false, 'control: V8 does not take it')
    t.ok((await planOf()).equals(plan))
    t.match(await start(), { code: 0, stdout: 'ran\n', stderr: '' })
  })
}

t.test('the name of a cache is that of one file of one Node', async (t) => {
  t.ok(basename(cache).includes(`.${process.version}-${process.arch}-`), cache)
  t.teardown(() => writeFileSync(cache, made))
  renameSync(cache, cache.replace(process.version, 'v20.0.0'))
  t.equal(await isTaken(), false)
  t.ok((await planOf()).equals(plan))
})

t.test('a cache that a Node with other options has made is not taken, and the plan is the same', async (t) => {
  t.teardown(() => writeFileSync(cache, made))
  await must([process.execPath, '--no-opt', join(root, 'dist/tools/code-cache.js')], { env })
  t.equal(await isTaken(), false, 'control')
  t.ok((await planOf()).equals(plan))
})

t.test('the whole command makes the same plan as the script of run', async (t) => {
  t.teardown(() => writeFileSync(`${name}.js`, text))
  rmSync(cache)
  t.teardown(() => writeFileSync(cache, made))
  writeFileSync(`${name}.js`, '(function (module) { module.exports = { start: async () => null } })')
  t.ok((await planOf()).equals(plan))
})

t.test('a run loads nothing else, also when something is wrong with it', async (t) => {
  t.teardown(() => writeFileSync(perform, others))
  writeFileSync(perform, "throw new Error('all of it is loaded')")
  t.match(await start(), { code: 0, stdout: 'ran\n', stderr: '' })
  t.match(await start(['--policy', policy, '--report', join(home, 'report')]), { code: 0, stdout: 'ran\n' })
  t.ok(existsSync(join(home, 'report')))
  t.match(await start(['--policy', `${policy}.not`]), { code: 125, stderr: /policy\.yaml\.not/ })
  t.match(await start(['--nonsense']), { code: 125, stderr: /Unknown option '--nonsense'/ })
  t.match(await start(['check', policy]), { code: 125, stderr: /all of it is loaded/ }, 'control')
  t.match(await start(['--help']), { code: 125, stderr: /all of it is loaded/ }, 'control')
})

t.test('of an error the script says what the whole command says', async (t) => {
  const before = readFileSync(policy)
  t.teardown(() => writeFileSync(policy, before))
  writeFileSync(policy, 'version: 1\nname: cached\nnonsense: 1\nsyscalls: { promises: [stdo] }\n')
  const told = await start()
  t.match(told, { code: 125, stderr: /nonsense[^]*stdio/ })
  t.match(await start(['run', '--policy', policy]), { code: 125, stderr: told.stderr })
})

t.test('a policy that can be read once is read once', async (t) => {
  await must(['mkfifo', join(home, 'pipe')])
  const words = ['sh', '-c', 'exec 3<&0; cat <&3 >pipe & "$0" --policy pipe -- echo ran', launcher]
  const outcome = await run(words, { env, directory: home, stdin: readFileSync(policy, 'utf8') })
  t.match(outcome, { code: 0, stdout: 'ran\n', stderr: '' })
})

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt32LE((copy.readUInt32LE(at) ^ 0x5a5a5a5a) >>> 0, at)
  return copy
}
