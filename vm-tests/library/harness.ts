/**
 * What a harness does that uses the library in a cgroup that its user was given: it moves itself into a leaf, and names what
 * it was in. Prints a line of JSON for each of its findings, `[NAME, FOUND]`. As `hold CGROUP` it has one program run
 * until it is killed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as passes } from 'node:timers/promises'
import { Sandbox, type Limits, type Outcome, type PolicyObject, type SandboxProcess } from '../../src/index.js'

const policy: PolicyObject = {
  version: 1,
  name: 'harness',
  filesystem: { read: ['/usr'] },
  syscalls: { promises: ['stdio', 'rpath', 'wpath', 'proc'] },
}
/** A buffer of that size, and all of it written. Below Landlock ABI 3 nothing truncates what is not granted for writing. */
const take = ['/usr/bin/dd', 'if=/dev/zero', 'of=/dev/null', 'bs=100M', 'count=1', 'conv=nocreat,notrunc'] as const
const taken = 100 << 20
/** So many processes at once: each waits for the next. */
const nest = ['/bin/sh', '-c', 'nest() { [ "$1" -ge 40 ] || (nest $(($1 + 1))); }; nest 1'] as const
const spin = ['/bin/sh', '-c', 'i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done'] as const
const memory: Limits = { memory: '64M' }
const patienceMs = 60_000

const [, script = '', mode, named = ''] = process.argv
if (mode === 'hold') await hold(named)
/** The one that this process was started in. */
const given = join('/sys/fs/cgroup', /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '')
const leaf = join(given, 'own')
const sandbox = await Sandbox.open(policy, { cgroup: given })

const before = await refusal(given)
mkdirSync(leaf)
writeFileSync(join(leaf, 'cgroup.procs'), `${process.pid}`)

const findings: readonly (readonly [name: string, find: () => string | Promise<string>])[] = [
  ['in it', () => before],
  ['no cgroup', () => refusal('/tmp')],
  ['not given', () => refusal(dirname(given))],
  ['itself', () => refusal(leaf)],
  ['none named', () => refusal(undefined)],
  ['memory', async () => told(await sandbox.run(take, { limits: memory }))],
  ['memory, control', async () => told(await sandbox.run(take))],
  [
    'memory, three at once',
    async () => (await Promise.all([1, 2, 3].map(() => sandbox.run(take, { limits: memory })))).map(told).join(),
  ],
  ['pids', async () => refused(await sandbox.run(nest, { limits: { pids: 16 } }))],
  ['pids, control', async () => refused(await sandbox.run(nest, { limits: { pids: 500 } }))],
  ['controller', controller],
  ['cpus', async () => throttled(await sandbox.run(spin, { limits: { cpus: 0.1 } }))],
  ['cpus, control', async () => throttled(await sandbox.run(spin, { limits: { cpus: 64 } }))],
  ['used', used],
  ['carried', async () => carried(await sandbox.run(['/bin/true'], { limits: { ...memory, pids: 9, cpus: 1 } }))],
  ['carried, control', async () => carried(await sandbox.run(['/bin/true'], { limits: { processes: 500 } }))],
  ['pool', pooled],
  ['left', left],
  ['aborted', aborted],
  ['killed', killed],
  ['Node killed', nodeKilled],
  ['left at the end', left],
]
for (const [name, find] of findings) {
  process.stdout.write(`${JSON.stringify([name, await answerOf(find)])}\n`)
}

/** Whatever it was that went wrong: the others are asked all the same. */
async function answerOf(find: () => string | Promise<string>): Promise<string> {
  try {
    return await find()
  } catch (error) {
    return `threw ${String(error)}`
  }
}

/** What a run with limits is refused for, if sandboxes are made below `cgroup`. */
async function refusal(cgroup: string | undefined, limits: Limits = memory): Promise<string> {
  const own = await Sandbox.open(policy, cgroup === undefined ? {} : { cgroup })
  return own
    .run(['/bin/true'], { limits })
    .then(told, (error: unknown) => (error instanceof Error ? error.message : ''))
}

/** What it wrote to standard error stands there only if it failed. */
function told({ exit, signal, limitsHit, ...rest }: Outcome): string {
  const said = exit !== null && exit > 0 && 'stderr' in rest ? [String(rest.stderr)] : []
  return [exit ?? signal, ...limitsHit, ...said].join(' ')
}

function refused({ exit, report }: Outcome): string {
  return `${exit === 0 ? 'came to its end' : 'failed'}, ${report?.usage?.pidsRefused === 0 ? 'none' : 'some'} refused`
}

function throttled({ exit, report }: Outcome): string {
  return `${exit}, ${report?.usage?.throttledMs === 0 ? 'never' : 'at times'} throttled`
}

function carried({ layers }: Outcome): string {
  return layers.flatMap(({ layer, text }) => (layer === 'resources' ? [text] : [])).join()
}

/** Of more than its largest process, and of processor time. */
async function used(): Promise<string> {
  const { exit, memoryPeakBytes: peak, cpuMs, report } = await sandbox.run(take, { limits: { memory: '256M' } })
  const fits = peak > taken && peak < 256 << 20 && peak === report?.usage?.memoryPeakBytes
  return `${exit}, peak ${fits ? 'fits' : peak}, ${cpuMs > 0 ? 'some' : 'no'} processor time`
}

async function pooled(): Promise<string> {
  await using pool = await Sandbox.pool(policy, { size: 2, program: take[0], cgroup: given, limits: memory })
  return [told(await pool.run(take)), told(await pool.run([take[0], '--version'])), told(await pool.run(take))].join()
}

/** A program that runs: it has answered. */
async function running(own: Sandbox, signal?: AbortSignal): Promise<SandboxProcess> {
  const child = await own.spawn(['/bin/cat'], { limits: memory, signal })
  child.stdin.write('ready\n')
  await once(child.stdout, 'data')
  return child
}

/** When it is told, nothing is there any more. */
async function aborted(): Promise<string> {
  const abort = new AbortController()
  const child = await running(sandbox, abort.signal)
  const there = left()
  abort.abort(new Error('enough'))
  const how = await child.outcome.then(told, (error: unknown) => String(error))
  return `${there}, then ${how} and ${left()}`
}

/** A supervisor that is killed: its guard ends what is inside, and takes the cgroup away. */
async function killed(): Promise<string> {
  const child = await running(sandbox)
  const there = left()
  process.kill(child.pid, 'SIGKILL')
  await child.outcome.catch(() => null)
  return `${there}, then ${await leftInTheEnd()}`
}

/** A process that uses the library, killed with its sandbox running: the pipe that the sandbox lives by closes. */
async function nodeKilled(): Promise<string> {
  const holder = spawn(process.execPath, [...process.execArgv, script, 'hold', given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  const there = left()
  holder.kill('SIGKILL')
  await once(holder, 'close')
  return `${there}, then ${await leftInTheEnd()}`
}

async function hold(cgroup: string): Promise<never> {
  const child = await running(await Sandbox.open(policy, { cgroup }))
  process.stdout.write('ready\n')
  await child.outcome
  return process.exit(1)
}

/** What the message says to do is done. */
async function controller(): Promise<string> {
  const below = join(given, 'below')
  mkdirSync(below)
  const first = await refusal(below, { cpus: 1 })
  writeFileSync(join(given, 'cgroup.subtree_control'), '+cpu')
  const second = await refusal(below, { cpus: 1 })
  rmdirSync(below)
  return `${first}; then ${second}`
}

async function leftInTheEnd(): Promise<string> {
  const until = Date.now() + patienceMs
  while (left() !== '0' && Date.now() < until) await passes(50)
  return left()
}

/** How many cgroups of sandboxes there are. */
function left(): string {
  const names = readdirSync(given, { recursive: true, withFileTypes: true })
  return `${names.filter((one) => one.isDirectory() && one.name.startsWith('palisade-')).length}`
}
