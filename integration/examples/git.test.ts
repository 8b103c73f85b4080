/** git clone over HTTPS from a real server: the clone is made, and git does nothing else. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeHarness } from '../run.js'
import { addresses, services } from '../world/addresses.js'
import { arrivedAt, isDocumented, makeHome, makeProject, policyOf, programUser, type Denial } from './ground.js'
import { startGit } from './servers/git.js'

const policy = policyOf('git-clone')
const harness = await makeHarness()
const { world } = harness
const home = await makeHome(harness)
const server = await startGit(world)
const clone = ['git', 'clone', 'https://git.example.test/project.git']

// git says which host failed, and the errno only in its trace.
const traced = await harness.policyFile(`version: 1
name: traced
extends: ${policy.file}
process: { environment: { set: { GIT_TRACE_CURL: "1" } } }
`)

const denials: readonly Denial[] = [
  {
    what: 'another host',
    argv: ['git', 'ls-remote', `https://${addresses.denied}/project.git`],
    inside: /Network is unreachable/,
    done: arrivedAt(addresses.denied, 443),
  },
  {
    what: 'the host to which the server sends it on',
    argv: ['git', 'ls-remote', 'https://git.example.test/moved.git'],
    inside: /Network is unreachable/,
    done: arrivedAt(addresses.denied, 443),
  },
  {
    what: 'a name outside the policy',
    argv: ['git', 'ls-remote', 'https://denied.example.test/project.git'],
    inside: /Could not resolve host: denied\.example\.test/,
    done: arrivedAt(addresses.denied, 443),
  },
  {
    what: 'another port of the host',
    argv: ['git', 'ls-remote', 'https://git.example.test:8443/project.git'],
    inside: /Permission denied/,
    done: arrivedAt(services['git.example.test'], 8443),
  },
  {
    what: 'a secret of the caller',
    argv: ['git', 'diff', '--no-index', '/dev/null', home.secret],
    inside: /Could not access/,
    done: ({ stdout }) => stdout.includes('+secret'),
  },
  {
    what: 'a folder outside its own',
    argv: [...clone, join(home.outside, 'project')],
    inside: /could not create (work tree dir|leading directories)/,
    done: ({ code }) => code === 0,
  },
  {
    what: 'a shell',
    argv: ['git', '-c', 'alias.start=!echo started', 'start'],
    inside: /'echo started': Permission denied/,
    done: ({ stdout }) => stdout === 'started\n',
  },
]

for (const uid of world.uids) {
  t.test(`uid ${uid}: git clones the project (git-clone)`, async (t) => {
    const directory = await makeProject(harness, uid, 'clone')
    await world.forget()
    const confined = await harness.sandboxed(policy, clone, { uid, directory })
    t.ok(await isDocumented('git-clone', clone))
    t.equal(confined.code, 0, confined.stdout + confined.stderr)
    t.equal(await readFile(join(directory, 'project/greeting'), 'utf8'), 'hello\n')
    t.same(await world.arrivals(), [], 'nothing arrived at another server')
  })
}

for (const { what, argv, inside, done } of denials) {
  t.test(`git does not reach ${what} (git-clone)`, async (t) => {
    await world.forget()
    const runs = world.uids.map((uid) =>
      harness.sandboxed({ file: traced }, argv, { uid, directory: harness.own(uid) }),
    )
    const confined = await Promise.all(runs)
    const arrivals = await world.arrivals()
    for (const [index, outcome] of confined.entries()) {
      const who = `uid ${world.uids[index]}`
      t.not(outcome.code, 0, who)
      t.match(outcome.stderr, inside, who)
      t.notOk(done(outcome, arrivals), who)
    }
    const free = await world.run(argv, {
      uid: programUser(harness),
      directory: home.outside,
      env: { HOME: home.outside },
    })
    t.ok(done(free, await world.arrivals()), `control: ${free.stdout}${free.stderr}`)
    await rm(join(home.outside, 'project'), { recursive: true, force: true })
  })
}

t.teardown(async () => {
  await server.close()
  await harness.close()
})
