/** The library, by programs that are run through it: what it gives, what it refuses, and what it leaves behind. */
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as passes } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import {
  CommandError,
  LaunchError,
  PolicyError,
  Sandbox,
  UsageError,
  type PolicyObject,
  type SandboxEvent,
} from '../src/index.js'

const policy: PolicyObject = {
  version: 1,
  name: 'library',
  filesystem: { read: ['/usr'], exec: ['/usr/bin'], tmp: '16M' },
  syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath', 'proc', 'exec', 'threads'] },
  process: { environment: { set: { PATH: '/usr/bin', LANG: 'C.UTF-8' } } },
}
const sandbox = await Sandbox.open(policy)
t.teardown(() => sandbox.close())

const shell = (script: string, ...words: readonly string[]) => ['/bin/sh', '-c', script, 'sh', ...words] as const

t.test('run: how it ended, and what it wrote', async (t) => {
  const result = await sandbox.run(shell('read line; echo "out $line"; echo err >&2; exit 3'), { stdin: 'hello\n' })
  t.match(result, { exit: 3, signal: null, stdout: 'out hello\n', stderr: 'err\n', timedOut: false, limitsHit: [] })
  t.same(result.truncated, { stdout: false, stderr: false })
  t.ok(result.durationMs >= 0 && result.memoryPeakBytes > 100_000)
  t.ok(result.layers.some(({ layer, status }) => layer === 'landlock' && status === 'fully_enforced'))
  t.same(result.report?.command, shell('read line; echo "out $line"; echo err >&2; exit 3'))
})

t.test('run: a map without a prototype, as process.env is one, and a policy by its URL', async (t) => {
  await using own = await Sandbox.open(new URL('../../policies/pure-compute.yaml', import.meta.url))
  const strange: Record<string, string> = { GREETING: 'x' }
  Object.setPrototypeOf(strange, null)
  const { exit } = await own.run(['true'], { environment: strange, timeout: 5000 })
  t.equal(exit, 0)
  const all = await sandbox.run(shell('echo $GREETING'), { environment: { GREETING: 'hello' } })
  t.equal(all.stdout, 'hello\n')
})

t.test('run: the variables that the policy passes on are those of the moment', async (t) => {
  await using own = await Sandbox.open({ ...policy, process: { environment: { pass: ['PALISADE_TEST_TOKEN'] } } })
  const token = async (): Promise<string> => (await own.run(['/usr/bin/env'])).stdout.replace(/^[^]*TOKEN=/, '')
  process.env['PALISADE_TEST_TOKEN'] = 'one'
  t.equal(await token(), 'one\n')
  process.env['PALISADE_TEST_TOKEN'] = 'two'
  t.equal(await token(), 'two\n')
  delete process.env['PALISADE_TEST_TOKEN']
  t.notMatch(await token(), /one|two/)
})

t.test('run: a signal', async (t) => {
  t.match(await sandbox.run(shell('kill -SEGV $$')), { exit: null, signal: 'SIGSEGV' })
})

t.test('run: without stdin there is nothing to read', async (t) => {
  t.match(await sandbox.run(['cat']), { exit: 0, stdout: '' })
  t.match(await sandbox.run(['cat'], { stdin: Buffer.from('bytes') }), { exit: 0, stdout: 'bytes' })
  const unread = await sandbox.run(['true'], { stdin: 'x'.repeat(1 << 20) })
  t.match(unread, { exit: 0 }, 'what is not read is no error')
})

t.test('run: words are passed as they are, to no shell', async (t) => {
  const words = ['$HOME', '`id`', 'a b', '', 'ü', '-n']
  const { stdout } = await sandbox.run(['printf', '%s\\n', ...words])
  t.equal(stdout, words.map((word) => `${word}\n`).join(''))
})

t.test('run: output is bounded, and its writer never waits', async (t) => {
  const script = 'head -c 3000000 /dev/zero; head -c 5 /dev/zero >&2'
  const result = await sandbox.run(shell(script), { outputMax: 1000 })
  t.equal(result.stdout.length, 1000)
  t.match(result, { exit: 0, truncated: { stdout: true, stderr: false } })
  const whole = await sandbox.run(shell(script), { outputMax: 3_000_000 })
  t.equal(whole.stdout.length, 3_000_000)
  t.match(whole, { truncated: { stdout: false, stderr: false } }, 'control')
})

t.test('run: standard output is a pipe', async (t) => {
  t.match(await sandbox.run(shell('echo again >/dev/stdout')), { exit: 0, stdout: 'again\n' })
})

t.test('run: the time by the clock', async (t) => {
  for (const timeout of ['300ms', 300]) {
    const result = await sandbox.run(shell('echo begun; sleep 100'), { timeout })
    t.match(result, { timedOut: true, limitsHit: ['limits.wall'], stdout: 'begun\n' })
    t.match(result.denials, [{ what: 'limit', key: 'limits.wall' }])
  }
  t.match(await sandbox.run(shell('echo begun'), { timeout: '1m' }), { timedOut: false, exit: 0 }, 'control')
})

t.test('run: limits, variables and the directory of one run', async (t) => {
  const script = 'ulimit -n; echo "$GREETING"; pwd'
  const options = { limits: { files: 32 }, environment: { GREETING: 'hello' }, directory: '/usr' }
  t.equal((await sandbox.run(shell(script), options)).stdout, '32\nhello\n/usr\n')
  t.equal((await sandbox.run(shell(script))).stdout, '1024\n\n/\n', 'and of no other')
  const hog = await sandbox.run(shell('while :; do :; done'), { limits: { cpu: '1s' } })
  t.match(hog, { signal: 'SIGXCPU', limitsHit: ['limits.cpu'] })
  t.ok(hog.cpuMs >= 500, `processor time: ${hog.cpuMs}`)
})

t.test('run: a call that the filter kills for', async (t) => {
  const syscalls = { promises: ['stdio', 'rpath'], denied: 'kill' } satisfies PolicyObject['syscalls']
  await using killing = await Sandbox.open({ ...policy, filesystem: { read: ['/usr'], tmp: '16M' }, syscalls })
  const result = await killing.run(['mkdir', '/tmp/directory'])
  t.match(result, { signal: 'SIGSYS', denials: [{ what: 'syscall', syscall: 'mkdir', allowedBy: ['cpath'] }] })
  t.match(await sandbox.run(['mkdir', '/tmp/directory']), { exit: 0, denials: [] }, 'control')
})

t.test('each run has a world of its own', async (t) => {
  t.match(await sandbox.run(shell('echo x >/tmp/file && cat /tmp/file')), { stdout: 'x\n' })
  t.match(await sandbox.run(shell('ls -A /tmp')), { exit: 0, stdout: '' })
})

/** As JavaScript sees it. */
const loosely: Record<'run' | 'open', (first: unknown, options: unknown) => Promise<unknown>> = {
  run: (command, options) => untyped(sandbox.run.bind(sandbox), command, options),
  open: (first, options) => untyped(Sandbox.open.bind(Sandbox), first, options),
}
function untyped(act: Function, ...words: readonly unknown[]): Promise<unknown> {
  const promise: unknown = Reflect.apply(act, null, words)
  return Promise.resolve(promise)
}
const wrongOptions: readonly (readonly [options: unknown, message: RegExp])[] = [
  [{ timeout: 'soon' }, /^timeout: soon is not a duration/],
  ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32].map((timeout) => [{ timeout }, /^timeout: /] as const),
  [{ stdin: 5 }, /^stdin: expected text or a Uint8Array/],
  [{ outputMax: -1 }, /^outputMax: must not be negative/],
  [{ outputMax: Number.NaN }, /^outputMax: /],
  [{ overflow: 'Kill' }, /^overflow: expected drop or kill/],
  [
    { timout: 1, env: {} },
    /^no option timout \(did you mean timeout\?\), env \(did you mean environment\?\); the options here/,
  ],
  [{ signal: {} }, /^signal: expected an AbortSignal/],
  [{ environment: { A: 1 } }, /^environment: expected a map of names to texts/],
  [null, /^options: expected an object/],
]

t.test('wrong options and words are errors of their own class', async (t) => {
  await t.rejects(Sandbox.open({ ...policy, name: 'No Name' }), PolicyError)
  await t.rejects(Sandbox.open('/nonexistent.yaml'), PolicyError)
  for (const options of [{ cwd: '/' }, { variables: { FOO: 'x' } }, { variables: { CWD: 5 } }, 'x']) {
    await t.rejects(loosely.open(policy, options), { name: 'UsageError' })
  }
  await t.rejects(sandbox.run(['true'], { limits: { files: 3 } }), {
    name: 'PolicyError',
    message: 'options.limits.files: must be between 16 and 1048576',
  })
  await t.rejects(sandbox.run(['no-such-program']), CommandError)
  await t.rejects(sandbox.run(['']), UsageError)
  await t.rejects(sandbox.run([]), UsageError)
  for (const [options, message] of wrongOptions) {
    await t.rejects(loosely.run(['true'], options), { name: 'UsageError', message })
  }
  await t.rejects(sandbox.run(['echo', 'a\0b']), UsageError)
  await t.rejects(sandbox.run(['echo', '\ud800']), UsageError)
  t.match(await sandbox.run(['true']), { exit: 0 }, 'control')
})

t.test('a file that cannot be executed', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'palisade-library-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  chmodSync(directory, 0o755)
  const file = join(directory, 'program')
  writeFileSync(file, '#!/bin/sh\necho ran\n', { mode: 0o755 })
  await using own = await Sandbox.open({ ...policy, filesystem: { read: ['/usr', directory], exec: ['/usr/bin'] } })
  t.match(await own.run([file]), { exit: 0, stdout: 'ran\n' }, 'control')
  chmodSync(file, 0o644)
  await t.rejects(own.run([file]), { name: 'CommandError', status: 126 })
})

t.test('every run sees the host as it is then', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'palisade-library-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  chmodSync(directory, 0o755)
  for (const name of ['one', 'two']) {
    mkdirSync(join(directory, name))
    writeFileSync(join(directory, name, 'file'), `${name}\n`)
  }
  const link = join(directory, 'link')
  symlinkSync('one', link)
  await using own = await Sandbox.open({ ...policy, filesystem: { read: ['/usr', link], exec: ['/usr/bin'] } })
  const read = () => own.run(['cat', join(link, 'file')])
  for (const _ of [1, 2]) t.match(await read(), { stdout: 'one\n' })
  rmSync(link)
  symlinkSync('two', link)
  t.match(await read(), { stdout: 'two\n' })
  rmSync(link)
  await t.rejects(read(), { name: 'PolicyError', message: /filesystem\.read\[1\]: .* does not exist/ })
})

t.test('spawn: streams in both directions', async (t) => {
  await using child = await sandbox.spawn(['cat'])
  child.stdin.write('one\n')
  child.stdin.end('two\n')
  t.equal(await text(child.stdout), 'one\ntwo\n')
  t.match(await child.outcome, { exit: 0 })
})

t.test('spawn: events in their order', async (t) => {
  await using child = await sandbox.spawn(shell('echo a; sleep 0.2; echo b >&2; exit 4'))
  const events: SandboxEvent[] = []
  for await (const event of child) events.push(event)
  const seen = events.map((event) => (event.type === 'exit' ? event.outcome.exit : Buffer.from(event.data).toString()))
  t.same(
    events.map(({ type }) => type),
    ['stdout', 'stderr', 'exit'],
  )
  t.same(seen, ['a\n', 'b\n', 4])
})

t.test('spawn: kill', async (t) => {
  const trap = shell('trap "echo ended; exit 5" TERM; echo ready; while :; do sleep 0.1; done')
  await using gentle = await sandbox.spawn(trap)
  await firstLine(gentle.stdout)
  t.equal(gentle.kill(), true)
  t.match(await gentle.outcome, { exit: 5 })
  t.equal(gentle.kill(), false, 'it has ended')
  await using hard = await sandbox.spawn(trap)
  await firstLine(hard.stdout)
  hard.kill('SIGKILL')
  t.match(await hard.outcome, { exit: null, signal: 'SIGKILL', report: { status: 137 } })
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await using early = await sandbox.spawn(trap)
    early.kill(signal)
    const { exit, signal: ended } = await early.outcome
    t.ok(exit === 5 || ended === signal, `${signal} at once: ${exit} ${ended}`)
  }
})

t.test('an aborted signal ends it, before and while it runs', async (t) => {
  const reason = new Error('not any more')
  await t.rejects(sandbox.run(['true'], { signal: AbortSignal.abort(reason) }), reason)
  const controller = new AbortController()
  const running = sandbox.run(['sleep', '100'], { signal: controller.signal })
  await until(() => programs().includes('sleep 100'))
  controller.abort(reason)
  await t.rejects(running, reason)
  t.notOk(programs().includes('sleep 100'), 'and nothing is left')
  t.match(await sandbox.run(['true'], { signal: new AbortController().signal }), { exit: 0 }, 'control')
})

t.test('one signal for many', async (t) => {
  const warnings: Error[] = []
  const listen = (warning: Error): void => void warnings.push(warning)
  process.on('warning', listen)
  t.teardown(() => process.off('warning', listen))
  const { signal } = new AbortController()
  await Promise.all(Array.from({ length: 20 }, () => sandbox.run(['true'], { signal })))
  t.same(warnings, [])
})

t.test('whoever stops to iterate does not stop the program', async (t) => {
  await using child = await sandbox.spawn(shell('echo first; head -c 3000000 /dev/zero; exit 6'))
  for await (const event of child) if (event.type === 'stdout') break
  t.match(await child.outcome, { exit: 6 })
})

t.test('whoever iterates slowly keeps the program waiting', async (t) => {
  await using child = await sandbox.spawn(['yes'])
  let bytes = 0
  for await (const event of child) {
    if (event.type !== 'exit') bytes += event.data.length
    // Memory that is kept for nobody would grow meanwhile.
    if (bytes < 4 << 20) continue
    await passes(300)
    const { readableLength } = child.stdout
    t.ok(readableLength <= 1 << 20, `${readableLength} bytes wait`)
    const before = process.memoryUsage().rss
    await passes(700)
    const grown = process.memoryUsage().rss - before
    t.ok(grown < 64 << 20, `${grown} bytes more`)
    break
  }
})

t.test('close ends what runs, and nothing can be started', async (t) => {
  const own = await Sandbox.open(policy)
  const child = await own.spawn(shell('echo $$; sleep 100'))
  await firstLine(child.stdout)
  const inside = descendants(child.pid)
  t.ok(inside.length >= 2, 'control: init and the program')
  await own.close()
  t.same([child.pid, ...inside].filter(isAlive), [], 'and all that was in it')
  await t.rejects(own.run(['true']), UsageError)
})

t.test('descriptors: those of the policy, and all of them', async (t) => {
  const descriptors = { journal: 3, input: 5 }
  await using own = await Sandbox.open({ ...policy, process: { ...policy.process, descriptors } })
  const file = openSync('/dev/null', 'w')
  t.teardown(() => closeSync(file))
  const open = shell('for n in 3 4 5 6 7; do if eval "true <&$n" 2>/dev/null; then echo $n; fi; done')
  t.match(await own.run(open, { descriptors: { journal: file, input: file } }), { stdout: '3\n5\n' })
  await t.rejects(own.run(open, { descriptors: { journal: file } }), UsageError)
  await t.rejects(own.run(open, { descriptors: { journal: file, input: file, more: file } }), UsageError)
  const directory = openSync('/', 'r')
  t.teardown(() => closeSync(directory))
  await t.rejects(own.run(open, { descriptors: { journal: directory, input: file } }), UsageError)
  await t.rejects(own.run(open, { descriptors: { journal: 999, input: file } }), UsageError)
})

t.test('many at once, and none mixes with another', async (t) => {
  const numbers = Array.from({ length: 40 }, (_, number) => String(number))
  const results = await Promise.all(numbers.map((number) => sandbox.run(['cat'], { stdin: number })))
  t.same(
    results.map(({ stdout }) => stdout),
    numbers,
  )
})

t.test('in a worker thread', async (t) => {
  const index = new URL('../src/index.js', import.meta.url).href
  const code = `const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.index).then(async ({ Sandbox }) => {
      const sandbox = await Sandbox.open(workerData.policy)
      parentPort.postMessage((await sandbox.run(['echo', 'from a worker'])).stdout)
      await sandbox.close()
    })`
  const worker = new Worker(code, { eval: true, workerData: { index, policy } })
  const message = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  t.equal(message, 'from a worker\n')
})

t.test('no descriptor is left, whatever happens', async (t) => {
  const round = async (): Promise<void> => {
    await sandbox.run(['true'])
    await sandbox.run(['true'], { stdin: 'x' })
    await sandbox.run(['no-such-program']).catch(() => null)
    await sandbox.run(shell('sleep 100'), { timeout: 50 })
    await using child = await sandbox.spawn(['cat'])
    child.kill('SIGKILL')
  }
  await round()
  const before = readdirSync('/proc/self/fd').length
  for (let count = 0; count < 3; count += 1) await round()
  t.equal(readdirSync('/proc/self/fd').length, before)
})

t.test('a launcher that is killed by somebody else is an error', async (t) => {
  await using child = await sandbox.spawn(shell('echo ready; sleep 100'))
  await firstLine(child.stdout)
  child.kill('SIGWINCH')
  process.kill(child.pid, 'SIGKILL')
  await t.rejects(child.outcome, LaunchError, 'whatever the caller has sent before')
})

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts).toString()
}

function firstLine(stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve) => stream.once('data', () => resolve()))
}

function descendants(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const children = text
    .split(' ')
    .filter((one) => one !== '')
    .map(Number)
  return [...children, ...children.flatMap(descendants)]
}

/** The command lines of this host's processes. */
function programs(): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()] : []
    } catch {
      return [] // it has ended meanwhile
    }
  })
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await passes(20)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
