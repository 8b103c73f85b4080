/** psql and a real PostgreSQL: queries go to one server and port, and nothing else is reached, written or started. */
import { join } from 'node:path'
import t from 'tap'
import { makeHarness } from '../run.js'
import { addresses, services } from '../world/addresses.js'
import { hostBundle } from '../world/certificates.js'
import type { Outcome } from '../world/process.js'
import { arrivedAt, isDocumented, makeHome, policyOf, programUser, type Denial } from './ground.js'
import { password, startPostgres } from './servers/postgres.js'

const policy = policyOf('database-client')
const harness = await makeHarness()
const { world } = harness
const home = await makeHome(harness)
const server = await startPostgres(world)
const env = { PGPASSWORD: password }

function psql(host: string, ...commands: readonly string[]): readonly string[] {
  const plain = ['--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1']
  return ['psql', connection(host), ...plain, ...commands.flatMap((command) => ['--command', command])]
}

function connection(host: string): string {
  return `host=${host} user=app dbname=postgres sslmode=verify-full sslrootcert=${hostBundle}`
}

const reaches = "select 'rea' || 'ched'"
const prints = (text: string) => (outcome: Outcome) => outcome.stdout.includes(text)

const denials: readonly Denial[] = [
  {
    what: 'another database server',
    argv: psql(addresses.other, reaches),
    inside: /port 5432 failed: Network is unreachable/,
    done: prints('reached'),
  },
  {
    what: 'a name outside the policy',
    argv: psql('other.example.test', reaches),
    inside: /could not translate host name/,
    done: prints('reached'),
  },
  {
    what: 'another port of the host',
    argv: psql('db.example.test port=8443', reaches),
    inside: /port 8443 failed: Permission denied/,
    done: arrivedAt(services['db.example.test'], 8443),
  },
  {
    what: 'a secret of the caller',
    argv: psql(
      'db.example.test',
      'create temp table lines (line text)',
      `\\copy lines from '${home.secret}'`,
      'table lines',
    ),
    inside: /id_ed25519: No such file or directory/,
    done: prints('secret'),
  },
  {
    what: 'a file to write',
    argv: psql('db.example.test', `\\copy (select 1) to '${join(home.outside, 'copied')}'`),
    inside: /copied: Operation not permitted/,
    done: ({ code }) => code === 0,
  },
  {
    what: 'a program',
    argv: psql('db.example.test', "\\copy (select 'started') to program 'cat'"),
    // glibc's popen(3) says ENOMEM, whatever refused the new process.
    inside: /could not execute command "cat": Cannot allocate memory/,
    done: prints('started'),
  },
]

for (const uid of world.uids) {
  t.test(`uid ${uid}: psql asks the one server, and prints (database-client)`, async (t) => {
    const select = ['psql', connection('db.example.test'), '-c', 'select 1']
    t.ok(await isDocumented('database-client', select))
    t.match(await harness.sandboxed(policy, select, { uid, env }), { code: 0, stdout: /^ *1$/m, stderr: '' })
    const copy = psql('db.example.test', "copy (select 'kept') to stdout")
    t.match(await harness.sandboxed(policy, copy, { uid, env }), { code: 0, stdout: 'kept\n', stderr: '' })
  })
}

for (const { what, argv, inside, done } of denials) {
  t.test(`psql does not reach ${what} (database-client)`, async (t) => {
    await world.forget()
    const runs = world.uids.map((uid) => harness.sandboxed(policy, argv, { uid, env }))
    const confined = await Promise.all(runs)
    const arrivals = await world.arrivals()
    for (const [index, outcome] of confined.entries()) {
      const who = `uid ${world.uids[index]}`
      t.not(outcome.code, 0, who)
      t.match(outcome.stderr, inside, who)
      t.notOk(done(outcome, arrivals), who)
    }
    const free = await world.run(argv, { uid: programUser(harness), env })
    t.ok(done(free, await world.arrivals()), `control: ${free.stdout}${free.stderr}`)
  })
}

t.test('psql starts no shell (database-client)', async (t) => {
  const argv = psql('db.example.test', '\\! echo started')
  // psql 15 neither says that it could not, nor fails.
  for (const uid of world.uids)
    t.match(await harness.sandboxed(policy, argv, { uid, env }), { stdout: '' }, `uid ${uid}`)
  t.match(await world.run(argv, { env }), { stdout: 'started\n' }, 'control')
})

t.teardown(async () => {
  await server.close()
  await harness.close()
})
