/** pip install from an index: what is built from source runs code of its own, which reaches nothing else. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeHarness } from '../run.js'
import { attemptsFile, attemptsOf } from './attempts.js'
import { isDocumented, makeHome, makeProject, policyOf, programUser } from './ground.js'
import { startPackageIndex } from './servers/package-index.js'

const policy = policyOf('pip-install')
const harness = await makeHarness()
const { world } = harness
const attempts = attemptsOf('pypi.example.test', await makeHome(harness))
const index = await startPackageIndex(world, attemptsFile(attempts))
const from = ['--index-url', 'https://pypi.example.test/simple/']
const install = ['python3', '-m', 'pip', 'install', '--target', 'lib', ...from, 'greeter']

// Longer than any of it takes on a busy machine.
const timeoutMs = 300_000

async function answers(folder: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, 'lib/answers.py'), 'utf8'))
}

for (const uid of world.uids) {
  t.test(`uid ${uid}: what pip builds and installs works, and its code reached nothing (pip-install)`, async (t) => {
    const directory = await makeProject(harness, uid, 'project')
    await world.forget()
    const confined = await harness.sandboxed(policy, install, { uid, directory, timeoutMs })
    t.ok(await isDocumented('pip-install', install))
    t.equal(confined.code, 0, confined.stdout + confined.stderr)
    t.match(confined.stdout, /Successfully installed greeter-1.0 greeting-1.0/)
    const refusals = attempts.map(({ inside }) => inside)
    t.same(await answers(directory), refusals, JSON.stringify(attempts))
    t.same(await world.arrivals(), [], 'nothing arrived at another server')
    const use = { uid, directory, env: { PYTHONPATH: 'lib' } }
    t.match(await world.run(['python3', '-m', 'greeter'], use), { code: 0, stdout: 'hello\n' })
  })
}

t.test('control: outside, the same build reaches all of it', async (t) => {
  const uid = programUser(harness)
  const directory = await makeProject(harness, uid, 'free')
  const free = await world.run(install, { uid, directory, timeoutMs, env: { HOME: directory } })
  t.equal(free.code, 0, free.stdout + free.stderr)
  const allDone = attempts.map(() => 'ok')
  t.same(await answers(directory), allDone, JSON.stringify(attempts))
})

t.teardown(async () => {
  await index.close()
  await harness.close()
})
