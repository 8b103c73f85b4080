/** npm install from a real registry: install scripts run, and reach nothing else. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeHarness } from '../run.js'
import { attemptsFile, attemptsOf } from './attempts.js'
import { isDocumented, makeHome, makeProject, policyOf, programUser } from './ground.js'
import { startRegistry } from './servers/registry.js'

const policy = policyOf('npm-install')
const harness = await makeHarness()
const { world } = harness
const attempts = attemptsOf('registry.example.test', await makeHome(harness))
const registry = await startRegistry(world, attemptsFile(attempts))
const project = {
  '.npmrc': 'registry=https://registry.example.test/\n',
  // Some versions of npm run only the install scripts that a project allows.
  'package.json': JSON.stringify({ dependencies: { greeter: '1.0.0' }, allowScripts: { greeter: true } }),
}

// Longer than any of it takes on a busy machine.
const timeoutMs = 300_000

async function answers(folder: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, 'node_modules/greeter/answers.json'), 'utf8'))
}

for (const uid of world.uids) {
  t.test(`uid ${uid}: what npm installs works, and its install script reached nothing (npm-install)`, async (t) => {
    const directory = await makeProject(harness, uid, 'project', project)
    t.ok(await isDocumented('npm-install', ['npm', 'install']))
    for (const command of ['install', 'ci']) {
      await world.forget()
      const confined = await harness.sandboxed(policy, ['npm', command], { uid, directory, timeoutMs })
      t.equal(confined.code, 0, `npm ${command}: ${confined.stdout}${confined.stderr}`)
      const refusals = attempts.map(({ inside }) => inside)
      t.same(await answers(directory), refusals, JSON.stringify(attempts))
      t.same(await world.arrivals(), [], 'nothing arrived at another server')
      t.match(await world.run(['node_modules/.bin/greeter'], { uid, directory }), { code: 0, stdout: 'hello\n' })
    }
  })
}

t.test('control: outside, the same install script reaches all of it', async (t) => {
  const uid = programUser(harness)
  const directory = await makeProject(harness, uid, 'free', project)
  const free = await world.run(['npm', 'install'], { uid, directory, timeoutMs, env: { HOME: directory } })
  t.equal(free.code, 0, free.stdout + free.stderr)
  const allDone = attempts.map(() => 'ok')
  t.same(await answers(directory), allDone, JSON.stringify(attempts))
})

t.teardown(async () => {
  await registry.close()
  await harness.close()
})
