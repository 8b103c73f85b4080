/** A worker thread that is ended by its parent leaves nothing: no program, no world that stands, and no zombie. */
import { spawn } from 'node:child_process'
import { setTimeout as passes } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { descendants, descriptorsOf, processes } from './soak/processes.js'

const policy = {
  version: 1,
  name: 'worker',
  filesystem: { read: ['/usr'], exec: ['/usr/bin'] },
  syscalls: { promises: ['stdio', 'rpath', 'exec'] },
}

/** Runs `code`, an async function's body, in a worker until it says that it is done; then ends the worker. */
async function inWorker(code: string, data: unknown): Promise<void> {
  const program = `const { parentPort, workerData } = require('node:worker_threads')
    const done = () => parentPort.postMessage(null)
    void (async () => { ${code} })()`
  const worker = new Worker(program, { eval: true, workerData: data })
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  await worker.terminate()
}

const data = { index: new URL('../src/index.js', import.meta.url).href, policy }
const open = 'const { Sandbox } = await import(workerData.index);'
/** With one run that has ended, one under way, and worlds that stand. */
const leaves = `${open}
  const sandbox = await Sandbox.open(workerData.policy)
  await sandbox.run(['true'])
  const child = await sandbox.spawn(['sleep', '1000'])
  const pool = await Sandbox.pool(workerData.policy, { size: 2, program: 'true' })
  await pool.run(['true'])
  done()`

const ours = () => descendants(processes())

t.test('nothing is left', async (t) => {
  // What a first worker makes once and for all.
  await inWorker(leaves, data)
  await eventually(() => ours().length === 0)
  const before = descriptorsOf(process.pid)
  for (const _ of [1, 2, 3]) {
    await inWorker(leaves, data)
    await eventually(() => ours().length === 0)
    t.same(ours(), [])
  }
  await eventually(() => descriptorsOf(process.pid) === before)
  t.equal(descriptorsOf(process.pid), before, 'nor a descriptor')
})

t.test('control: a child that Node alone knows stays, as a zombie', async (t) => {
  const plain = `const { spawn } = require('node:child_process')
    spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] }).once('spawn', done)`
  await inWorker(plain, null)
  await eventually(() => ours().every(({ state }) => state === 'Z'))
  t.match(ours(), [{ name: 'cat', state: 'Z' }])
})

t.test('children of the main thread are its own', async (t) => {
  const child = spawn('sh', ['-c', 'exit 7'])
  t.equal(await new Promise((resolve) => child.once('exit', resolve)), 7)
})

async function eventually(isSo: () => boolean): Promise<void> {
  for (let count = 0; count < 500 && !isSo(); count += 1) await passes(20)
}
