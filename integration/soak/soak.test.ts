/** The soak in small: nothing is left by 300 runs; and each of its claims that can be broken from here is seen to fail. */
import { spawn } from 'node:child_process'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { rowsOf, tableOf } from './claims.js'
import { counters } from './counters.js'
import { soak, type Act } from './soak.js'
import { makeSubjects } from './subjects.js'

t.setTimeout(180_000)
const subjects = await makeSubjects()
t.teardown(() => subjects.close())

async function broken(t: Test, act: Act): Promise<readonly string[]> {
  const nothing = async (): Promise<void> => undefined
  const rows = rowsOf(await soak(act, nothing, counters, { warm: 50, window: 0, bulk: 300 }), counters)
  const failed = rows.filter(({ holds }) => !holds)
  if (failed.length > 0) t.comment(tableOf('broken', failed))
  return failed.map(({ claim }) => claim)
}

t.test('runs of a pool leave nothing', async (t) => t.same(await broken(t, subjects.pool), []))
t.test('runs leave nothing', async (t) => t.same(await broken(t, subjects.run), []))

t.test('control: what is left is seen', async (t) => {
  const kept: unknown[] = []
  const folders: string[] = []
  const children: ReturnType<typeof spawn>[] = []
  t.teardown(() => {
    for (const child of children) child.kill('SIGKILL')
    for (const folder of folders) rmSync(folder, { recursive: true })
  })
  let runs = 0
  const leaks: Act = async () => {
    runs += 1
    folders.push(mkdtempSync(join(tmpdir(), 'palisade-left-')))
    kept.push(
      Buffer.alloc(1 << 17, 1),
      Array.from({ length: 1 << 10 }, (_, index) => ({ index })),
    )
    openSync('/dev/null', 'r')
    if (runs !== 100) return
    children.push(spawn('unshare', ['--user', '--map-root-user', 'sleep', '1000'], { stdio: 'ignore' }))
    await leaveZombie()
  }
  t.same(await broken(t, leaks), [
    'descriptors of Node',
    'descendants',
    'descriptors of these',
    'zombies of Node',
    'namespaces',
    'files in /tmp',
    'resident memory of Node',
    'heap of Node',
  ])
})

/** Nobody waits for what a worker thread has started, once the worker has been ended. */
async function leaveZombie(): Promise<void> {
  const code = `const { spawn } = require('node:child_process')
    const child = spawn('sh', ['-c', 'read line'], { stdio: ['pipe', 'ignore', 'ignore'] })
    child.once('spawn', () => require('node:worker_threads').parentPort.postMessage(null))`
  const worker = new Worker(code, { eval: true })
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  await worker.terminate()
}
