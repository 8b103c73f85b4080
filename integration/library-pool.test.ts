/** The pool: worlds that stand ready, one for each run; nothing of one is in the next, and nothing is left. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as passes } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { launcherPath } from '../src/launch/addon.js'
import { CommandError, PolicyError, Sandbox, UsageError, type PolicyObject, type PoolOptions } from '../src/index.js'

const base: PolicyObject = {
  version: 1,
  name: 'pool',
  filesystem: { read: ['/usr'], exec: ['/usr/bin'], tmp: '16M' },
  syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath', 'proc', 'exec', 'threads'] },
  process: { environment: { set: { PATH: '/usr/bin', LANG: 'C.UTF-8' } } },
}
/** The one execve is let through by init, which holds it until there is a command. */
const oneExec: PolicyObject = {
  ...base,
  filesystem: { read: ['/usr'], tmp: '16M' },
  syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath'] },
}

async function pooled(t: Test, policy: PolicyObject, options: PoolOptions) {
  const pool = await Sandbox.pool(policy, options)
  t.teardown(() => pool.close())
  return pool
}

const shell = (script: string, ...words: readonly string[]) => ['/bin/sh', '-c', script, 'sh', ...words] as const

for (const [what, policy] of [
  ['exec for all', base],
  ['one execve', oneExec],
] as const) {
  t.test(`${what}: words, input, output and status`, async (t) => {
    const pool = await pooled(t, policy, { size: 2, program: '/bin/sh' })
    for (const round of ['1', '2', '3', '4', '5']) {
      const script = 'read line; echo "$1 $line"; echo "err" >&2; exit 3'
      const result = await pool.run(shell(script, round), { stdin: `input ${round}\n` })
      t.match(result, { exit: 3, stdout: `${round} input ${round}\n`, stderr: 'err\n' })
      t.same(result.report?.command, shell(script, round))
    }
  })

  t.test(`${what}: each run has a fresh world`, async (t) => {
    const pool = await pooled(t, policy, { size: 1, program: '/bin/sh' })
    const script = 'echo /tmp/*; echo x >/tmp/file; echo $$'
    for (const _ of [1, 2, 3]) t.match(await pool.run(shell(script)), { stdout: '/tmp/*\n2\n' })
  })

  t.test(`${what}: the time by the clock, of the pool and of a run`, async (t) => {
    const pool = await pooled(t, policy, { size: 1, program: '/bin/sh', timeout: 60_000 })
    const spin = shell('echo begun; while :; do :; done')
    t.match(await pool.run(spin, { timeout: 300 }), { timedOut: true, stdout: 'begun\n', limitsHit: ['limits.wall'] })
    t.match(await pool.run(shell('echo begun'), { timeout: '5s' }), { timedOut: false, exit: 0 }, 'control')
    const short = await pooled(t, policy, { size: 1, program: '/bin/sh', timeout: 300 })
    await passes(500)
    t.match(
      await short.run(shell('echo begun')),
      { timedOut: false, exit: 0 },
      'it does not run while the world stands',
    )
    t.match(await short.run(spin), { timedOut: true })
  })
}

t.test('a call that the filter refuses, as in every sandbox', async (t) => {
  const pool = await pooled(t, { ...oneExec, syscalls: { promises: ['stdio', 'rpath'], denied: 'kill' } }, { size: 1 })
  const denials = [{ what: 'syscall', syscall: 'mkdir', allowedBy: ['cpath'] }]
  t.match(await pool.run(['/bin/mkdir', '/tmp/directory']), { signal: 'SIGSYS', denials })
  const control = await pooled(t, oneExec, { size: 1 })
  t.match(await control.run(['/bin/mkdir', '/tmp/directory']), { exit: 0, denials: [] })
})

t.test('other programs than the first', async (t) => {
  const pool = await pooled(t, base, { size: 2, program: 'true' })
  t.match(await pool.run(['echo', 'one']), { stdout: 'one\n' })
  t.match(await pool.run(['printf', 'two']), { stdout: 'two' })
  t.match(await pool.run(['echo', 'three']), { stdout: 'three\n' })
  await t.rejects(pool.run(['no-such-program']), CommandError)
  t.match(await pool.run(['echo', 'four']), { stdout: 'four\n' }, 'and it goes on')
})

t.test('the limits and variables of the pool', async (t) => {
  const settings = { limits: { files: 40 }, environment: { WORD: 'hello' }, directory: '/usr' }
  const pool = await pooled(t, base, { size: 1, ...settings })
  t.match(await pool.run(shell('ulimit -n; echo $WORD; pwd')), { stdout: '40\nhello\n/usr\n' })
})

t.test('no more run at a time than its size, and as many as that', async (t) => {
  const pool = await pooled(t, base, { size: 2, program: '/bin/sh' })
  const script = shell('date +%s%N; sleep 0.3; date +%s%N')
  const results = await Promise.all([1, 2, 3, 4, 5, 6].map(() => pool.run(script)))
  const spans = results.map(({ stdout }) => stdout.trim().split('\n').map(BigInt))
  const atOnce = spans.map(([begin = 0n]) => spans.filter(([from = 0n, to = 0n]) => from <= begin && begin < to).length)
  t.equal(Math.max(...atOnce), 2)
})

t.test('a world that is killed while it stands is replaced', async (t) => {
  const pool = await pooled(t, base, { size: 1, program: '/bin/echo' })
  await eventually(t, () => standing().length === 1)
  const killed = standing()
  for (const pid of killed) process.kill(pid, 'SIGKILL')
  await eventually(t, () => !killed.some((pid) => existsSync(`/proc/${pid}`)))
  t.match(await pool.run(['/bin/echo', 'again']), { stdout: 'again\n' })
})

t.test('a world is made of the host as it is then', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'palisade-pool-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  chmodSync(directory, 0o755)
  const link = join(directory, 'link')
  const lead = (to: string): void => {
    rmSync(link, { force: true })
    symlinkSync(to, link)
  }
  for (const name of ['one', 'two']) {
    mkdirSync(join(directory, name))
    writeFileSync(join(directory, name, 'file'), `${name}\n`)
  }
  lead('one')
  const granted = { ...base, filesystem: { read: ['/usr', link], exec: ['/usr/bin'] } }
  const pool = await pooled(t, granted, { size: 1 })
  const read = () => pool.run(['cat', join(link, 'file')])
  for (const _ of [1, 2, 3]) t.match(await read(), { stdout: 'one\n' })
  lead('two')
  await read() // in the world that stands, if it was made before
  for (const _ of [1, 2, 3]) t.match(await read(), { stdout: 'two\n' })
  rmSync(link)
  const twice = async () => [await read(), await read()]
  await t.rejects(twice(), { name: 'PolicyError', message: /filesystem\.read\[1\]: .* does not exist/ })
})

t.test('a signal to a world that stands ends the world, and no run', async (t) => {
  const pool = await pooled(t, base, { size: 2, program: '/bin/echo' })
  await eventually(t, () => standing().length === 2)
  const signalled = standing()
  for (const pid of signalled) process.kill(pid, 'SIGINT')
  await eventually(t, () => !signalled.some((pid) => existsSync(`/proc/${pid}`)))
  for (const word of ['one', 'two', 'three']) t.match(await pool.run(['/bin/echo', word]), { stdout: `${word}\n` })
})

t.test('a group of its own: what a terminal sends does not reach it', async (t) => {
  await pooled(t, base, { size: 1, program: '/bin/echo' })
  await eventually(t, () => standing().length === 1)
  const groups = standing().map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[4])
  t.same(groups, standing().map(String))
})

t.test('an aborted signal', async (t) => {
  const pool = await pooled(t, base, { size: 1, program: '/bin/sh' })
  const reason = new Error('not any more')
  const controller = new AbortController()
  const running = pool.run(shell('sleep 100'), { signal: controller.signal })
  const waiting = pool.run(shell('echo waited'))
  await passes(200)
  controller.abort(reason)
  await t.rejects(running, reason)
  t.match(await waiting, { stdout: 'waited\n' }, 'the next one has its turn')
  await t.rejects(pool.run(shell('true'), { signal: AbortSignal.abort(reason) }), reason)
  const long = pool.run(shell('read line; echo "$line"; sleep 0.5'), { stdin: 'long\n' })
  const early = new AbortController()
  const never = pool.run(shell('echo never'), { signal: early.signal })
  early.abort(reason)
  const first = await Promise.race([never.catch((error: unknown) => error), long])
  t.equal(first, reason, 'also while it waits for its turn')
  t.match(await long, { stdout: 'long\n' })
  t.match(await pool.run(shell('echo next')), { stdout: 'next\n' })
})

t.test('wrong words and options', async (t) => {
  const pool = await pooled(t, base, { size: 1 })
  await t.rejects(pool.run(['echo', 'a\0b']), UsageError)
  await t.rejects(pool.run(['echo', 'x'.repeat(1 << 20)]), UsageError)
  await t.rejects(pool.run(['echo', 'x'.repeat(1 << 17)]), { name: 'CommandError', message: /E2BIG/ })
  await t.rejects(pool.run(['echo', ...Array<string>(32_768).fill('x')]), UsageError)
  for (const timeout of [0, -1, 1.5, 2 ** 32, 'soon']) await t.rejects(pool.run(['echo'], { timeout }), UsageError)
  await t.rejects(Sandbox.pool(base, { size: 0 }), UsageError)
  const listen = { ...base, network: { listen: [{ port: 8000, publish: 18000 }] } }
  await t.rejects(Sandbox.pool(listen, { size: 2 }), { name: 'UsageError', message: /network\.listen/ })
  const descriptors = { ...base, process: { ...base.process, descriptors: { log: 5 } } }
  await t.rejects(Sandbox.pool(descriptors, { size: 1 }), { name: 'UsageError', message: /process\.descriptors/ })
  await t.rejects(Sandbox.pool({ ...base, name: '' }, { size: 1 }), PolicyError)
  const most = ['echo', ...Array<string>(32_767).fill('x')] as const
  t.match(
    await pool.run(['/bin/echo', ...most.slice(1)]),
    { exit: 0, stdout: `${most.slice(1).join(' ')}\n` },
    'control',
  )
})

t.test('close waits for what runs, and nothing is left', async (t) => {
  const pool = await Sandbox.pool(base, { size: 3, program: '/bin/sh' })
  await eventually(t, () => standing().length === 3)
  const running = pool.run(shell('sleep 0.3; echo done'))
  await pool.close()
  t.match(await running, { stdout: 'done\n' })
  t.same(standing(), [])
  await t.rejects(pool.run(shell('true')), UsageError)
})

t.test('descriptors do not pile up', async (t) => {
  const pool = await pooled(t, base, { size: 2, program: '/bin/true' })
  const settled = async (): Promise<number> => {
    for (let count = 0; count < 20; count += 1) await pool.run(['/bin/true'])
    await eventually(t, () => standing().length === 2)
    return readdirSync('/proc/self/fd').length
  }
  const first = await settled()
  t.equal(await settled(), first)
})

t.test('a pool that stands does not keep its process alive, and ends with it', async (t) => {
  const index = new URL('../src/index.js', import.meta.url).href
  const program = `
    import { Sandbox } from ${JSON.stringify(index)}
    const pool = await Sandbox.pool(${JSON.stringify(base)}, { size: 2, program: '/bin/echo' })
    process.stdout.write((await pool.run(['/bin/echo', 'ran'])).stdout)
  `
  // tap would load its own modules into it.
  const words = ['-i', process.execPath, '--input-type=module', '--eval', program]
  t.equal(execFileSync('env', words, { encoding: 'utf8', timeout: 30_000 }), 'ran\n')
  await eventually(t, () => standing().length === 0)
})

/** Supervisors of worlds, wherever they come from. */
function standing(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isSupervisor(name))
    .map(Number)
}

/** A launcher whose parent is none: init and the sandboxee are its children. */
function isSupervisor(pid: string): boolean {
  try {
    const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
    return isLauncher(pid) && !isLauncher(parent)
  } catch {
    return false // it has ended meanwhile
  }
}

function isLauncher(pid: string): boolean {
  return readlinkSync(`/proc/${pid}/exe`) === launcherPath()
}

async function eventually(t: Test, isSo: () => boolean): Promise<void> {
  for (let count = 0; count < 500 && !isSo(); count += 1) await passes(20)
  t.ok(isSo())
}
