/** Two layers deep: what still says no when any one layer is missing. The table is reviewed as specification. */
import { join } from 'node:path'
import t from 'tap'
import { makeGround, type Ground } from './ground.js'
import type { LaunchOptions } from './launch-plan.js'
import { answerOf, answersOf } from './probes/probes.js'
import { makeHarness } from './run.js'
import { addresses } from './world/addresses.js'

type Layer = NonNullable<LaunchOptions['without']>[number]

interface Denial {
  readonly what: string
  readonly act: readonly string[]
  /** The answer with every layer, then without each of `layers`. */
  readonly answers: readonly [string, string, string, string, string]
}

const layers: readonly Layer[] = ['mount view', 'landlock', 'seccomp', 'network namespace']

/** `ok` marks what only the missing layer carries; nothing but those may be `ok`. */
const denials = ({ read, secret, second }: Ground, holder: number): readonly Denial[] => [
  {
    what: 'another address',
    act: ['tcp', addresses.denied, '443'],
    // Landlock knows ports and no addresses.
    answers: ['ENETUNREACH', 'ENETUNREACH', 'ENETUNREACH', 'ENETUNREACH', 'ok'],
  },
  {
    what: 'another port',
    act: ['tcp', addresses.allowed, '8443'],
    answers: ['EACCES', 'EACCES', 'ECONNREFUSED', 'EACCES', 'EACCES'],
  },
  {
    what: 'another port of another address',
    act: ['tcp', addresses.denied, '8443'],
    answers: ['EACCES', 'EACCES', 'ENETUNREACH', 'EACCES', 'EACCES'],
  },
  {
    what: 'another port by TCP Fast Open',
    act: ['fastopen', addresses.allowed, '8443'],
    answers: ['EPERM', 'EPERM', 'EPERM', 'ECONNREFUSED', 'EPERM'],
  },
  {
    what: 'UDP to the endpoint',
    act: ['udp', addresses.allowed, '443'],
    // Nothing listens for it in the gateway; no answer comes.
    answers: ['EACCES', 'EACCES', 'EACCES', 'EAGAIN', 'EACCES'],
  },
  {
    what: 'another file',
    act: ['read', secret],
    answers: ['ENOENT', 'EACCES', 'ENOENT', 'ENOENT', 'ENOENT'],
  },
  {
    what: 'a file granted for reading, written',
    act: ['write', join(read, 'file'), 'x'],
    answers: ['EROFS', 'EACCES', 'EROFS', 'EROFS', 'EROFS'],
  },
  {
    what: 'a program in a write grant',
    act: ['exec', join(second, '../write/program'), 'credentials'],
    answers: ['EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES'],
  },
  {
    what: 'a process of the host in /proc',
    act: ['read', `/proc/${holder}/cmdline`],
    answers: ['ENOENT', 'EACCES', 'ENOENT', 'ENOENT', 'ENOENT'],
  },
  {
    what: 'a signal to a process of the host',
    act: ['kill', String(holder), '0'],
    answers: ['ESRCH', 'ESRCH', 'ESRCH', 'ESRCH', 'ESRCH'],
  },
  {
    what: 'a raw socket',
    act: ['socket', '2', '3', '1'],
    answers: ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM'],
  },
  {
    what: 'a mount',
    act: ['mount', '/tmp'],
    answers: ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM'],
  },
]

const harness = await makeHarness()
const { world, probes } = harness
const program = join(import.meta.dirname, 'launch-plan.js')

for (const uid of world.uids) {
  t.test(`uid ${uid}: a denial holds without any one layer that another can stand in for`, async (t) => {
    const ground = await makeGround(harness, uid)
    const rows = denials(ground, world.holder)
    const stdin = rows.map(({ act }) => `${act.join(' ')}\n`).join('')
    const columns: (readonly string[])[] = []
    for (const without of [[], ...layers.map((layer) => [layer])]) {
      const options: LaunchOptions = { policy: ground.policy, without }
      const argv = [process.execPath, program, JSON.stringify(options), probes.glibc, 'batch']
      const outcome = await world.run(argv, { uid, stdin })
      t.equal(answersOf(outcome).length, rows.length, outcome.stderr)
      columns.push(answersOf(outcome))
    }
    const head = ['denial', 'every layer', ...layers.map((layer) => `no ${layer}`)]
    t.comment(table([head, ...rows.map(({ what }, row) => [what, ...columns.map((column) => column[row] ?? '')])]))
    for (const [row, { what, answers }] of rows.entries()) {
      t.same(
        columns.map((column) => column[row]),
        answers,
        what,
      )
    }
  })
}

t.test('control: without a sandbox each of these acts succeeds', async (t) => {
  const uid = world.uids[0] ?? 0
  const scratch =
    uid === 0 ? ['unshare', '--mount', '--'] : ['unshare', '--user', '--map-root-user', '--mount', '--net', '--']
  for (const { what, act } of denials(await makeGround(harness, uid), world.holder)) {
    const own = ['a mount', 'a raw socket'].includes(what) ? scratch : []
    t.equal(answerOf(await world.run([...own, probes.glibc, ...act], { uid })), 'ok', what)
  }
})

t.teardown(() => harness.close())

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`).join('\n')
}
