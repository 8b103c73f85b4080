/**
 * Two layers deep: what still says no when any one layer is missing, and which layers say no alone. The table is
 * reviewed as specification.
 */
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
  /**
   * Layers that refuse it when no other is there. `base` is what no option leaves out: user and pid namespace,
   * capabilities, no_new_privs, a session and keyring of its own; what it refuses, the others are not asked for.
   */
  readonly carriers: readonly (Layer | 'base')[]
  /** Only root can do it outside. */
  readonly control?: 'root'
}

const layers: readonly Layer[] = ['mount view', 'landlock', 'seccomp', 'network namespace']

/** `ok` marks what only the missing layer carries; nothing but those may be `ok`. */
const denials = ({ read, write, deny, policy, secret, second }: Ground, holder: number): readonly Denial[] => [
  {
    what: 'another address',
    act: ['tcp', addresses.denied, '443'],
    // Landlock knows ports and no addresses.
    answers: ['ENETUNREACH', 'ENETUNREACH', 'ENETUNREACH', 'ENETUNREACH', 'ok'],
    carriers: ['network namespace'],
  },
  {
    what: 'another port',
    act: ['tcp', addresses.allowed, '8443'],
    answers: ['EACCES', 'EACCES', 'ECONNREFUSED', 'EACCES', 'EACCES'],
    carriers: ['landlock', 'network namespace'],
  },
  {
    what: 'another port of another address',
    act: ['tcp', addresses.denied, '8443'],
    answers: ['EACCES', 'EACCES', 'ENETUNREACH', 'EACCES', 'EACCES'],
    carriers: ['landlock', 'network namespace'],
  },
  {
    what: 'another port by TCP Fast Open',
    act: ['fastopen', addresses.allowed, '8443'],
    answers: ['EPERM', 'EPERM', 'EPERM', 'ECONNREFUSED', 'EPERM'],
    carriers: ['seccomp', 'network namespace'],
  },
  {
    what: 'UDP to the endpoint',
    act: ['udp', addresses.allowed, '443'],
    // Nothing listens for it in the gateway; no answer comes.
    answers: ['EACCES', 'EACCES', 'EACCES', 'EAGAIN', 'EACCES'],
    carriers: ['seccomp', 'network namespace'],
  },
  {
    what: 'another file',
    act: ['read', secret],
    answers: ['ENOENT', 'EACCES', 'ENOENT', 'ENOENT', 'ENOENT'],
    carriers: ['mount view', 'landlock'],
  },
  {
    what: 'a file granted for reading, written',
    act: ['write', join(read, 'file'), 'x'],
    answers: ['EROFS', 'EACCES', 'EROFS', 'EROFS', 'EROFS'],
    carriers: ['mount view', 'landlock'],
  },
  {
    what: 'a program in a write grant',
    act: ['exec', join(second, '../write/program'), 'credentials'],
    answers: ['EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES'],
    carriers: ['mount view', 'landlock'],
  },
  {
    what: 'a process of the host in /proc',
    act: ['read', `/proc/${holder}/cmdline`],
    answers: ['ENOENT', 'EACCES', 'ENOENT', 'ENOENT', 'ENOENT'],
    carriers: ['mount view', 'landlock'],
  },
  {
    what: 'a signal to a process of the host',
    act: ['kill', String(holder), '0'],
    answers: ['ESRCH', 'ESRCH', 'ESRCH', 'ESRCH', 'ESRCH'],
    carriers: ['base'],
  },
  {
    what: 'a raw socket',
    act: ['socket', '2', '3', '1'],
    answers: ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM'],
    carriers: ['base'],
  },
  {
    what: 'another file, written',
    act: ['write', secret, 'x'],
    answers: ['ENOENT', 'EACCES', 'ENOENT', 'ENOENT', 'ENOENT'],
    carriers: ['mount view', 'landlock'],
  },
  {
    what: 'a denied file inside a write grant',
    act: ['read', join(deny, 'file')],
    // Landlock only grants: a rule for the directory above holds for all below.
    answers: ['EACCES', 'ok', 'EACCES', 'EACCES', 'EACCES'],
    carriers: ['mount view'],
  },
  {
    what: 'the policy, in a write grant',
    act: ['write', policy, 'version:'],
    answers: ['EROFS', 'ok', 'EROFS', 'EROFS', 'EROFS'],
    carriers: ['mount view'],
  },
  {
    what: 'the root, listed',
    act: ['list', '/'],
    // What the mount view shows there are the first parts of the granted paths.
    answers: ['EACCES', 'EACCES', 'ok', 'EACCES', 'EACCES'],
    carriers: ['landlock'],
  },
  {
    what: 'a sysctl',
    act: ['read', '/proc/sys/kernel/hostname'],
    answers: ['ENOENT', 'EACCES', 'ENOENT', 'ENOENT', 'ENOENT'],
    carriers: ['mount view', 'landlock'],
  },
  {
    what: '/sys',
    act: ['list', '/sys'],
    answers: ['ENOENT', 'EACCES', 'ENOENT', 'ENOENT', 'ENOENT'],
    carriers: ['mount view', 'landlock'],
  },
  {
    what: 'a device node',
    act: ['mknod', join(write, 'null'), '1', '3'],
    answers: ['EPERM', 'EPERM', 'EPERM', 'EACCES', 'EPERM'],
    carriers: ['base'],
    control: 'root',
  },
  {
    what: 'chroot',
    act: ['chroot-escape'],
    answers: ['EPERM', 'EACCES', 'EPERM', 'EPERM', 'EPERM'],
    carriers: ['base'],
    control: 'root',
  },
  {
    what: 'tracing a process of the host',
    act: ['ptrace', String(holder)],
    answers: ['EPERM', 'EPERM', 'EPERM', 'ESRCH', 'EPERM'],
    carriers: ['base'],
    control: 'root',
  },
  {
    what: 'a descriptor of a process of the host',
    act: ['steal-descriptor', String(holder), '0'],
    answers: ['ESRCH', 'ESRCH', 'ESRCH', 'ESRCH', 'ESRCH'],
    carriers: ['base'],
    control: 'root',
  },
  {
    what: 'an abstract unix socket of the host',
    act: ['unix-stream', abstract],
    answers: ['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED', 'EPERM'],
    carriers: ['landlock', 'network namespace'],
  },
  {
    what: 'a new user namespace',
    act: ['unshare', '0x10000000'],
    // In it the program would hold capabilities again, over that namespace alone.
    answers: ['EPERM', 'EPERM', 'EPERM', 'ok', 'EPERM'],
    carriers: ['seccomp'],
  },
  {
    what: 'a new mount namespace',
    act: ['unshare', '0x20000'],
    answers: ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM'],
    carriers: ['base'],
    control: 'root',
  },
  {
    what: 'a new net namespace',
    act: ['unshare', '0x40000000'],
    answers: ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM'],
    carriers: ['base'],
    control: 'root',
  },
  {
    what: 'a packet socket',
    act: ['socket', '17', '3', '768'],
    answers: ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM'],
    carriers: ['base'],
    control: 'root',
  },
  {
    what: 'a netlink socket',
    act: ['socket', '16', '3', '0'],
    // It would lead to the sandbox's own net namespace, where the program has no capability.
    answers: ['EPERM', 'EPERM', 'EPERM', 'ok', 'EPERM'],
    carriers: ['seccomp'],
  },
  {
    what: 'io_uring',
    act: ['syscall', '425', '1', 'buffer'],
    answers: ['ENOSYS', 'ENOSYS', 'ENOSYS', 'ok', 'ENOSYS'],
    carriers: ['seccomp'],
  },
  {
    what: 'the session keyring',
    act: ['syscall', '250', '0', '-3', '0'],
    // It is one of the sandbox's own, and empty.
    answers: ['EPERM', 'EPERM', 'EPERM', 'ok', 'EPERM'],
    carriers: ['seccomp'],
  },
  {
    what: 'a mount',
    act: ['mount', '/tmp'],
    answers: ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM'],
    carriers: ['base'],
  },
]

/** Where a server of the host listens that has no place in the file system. */
const abstract = `@palisade-layers-${process.pid}`

const harness = await makeHarness()
const { world, probes } = harness
const program = join(import.meta.dirname, 'launch-plan.js')

const listening = `import socket, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind('\\0' + sys.argv[1][1:])
server.listen(128)
print('listening', flush=True)
while True: time.sleep(1000)`
const server = world.start(['/usr/bin/python3', '-c', listening, abstract], { timeoutMs: 250_000 })
await server.firstLine

for (const uid of world.uids) {
  const answersWithout = async (ground: Ground, rows: readonly Denial[], without: readonly Layer[]) => {
    const options: LaunchOptions = { policy: ground.policy, without: [...without] }
    const argv = [process.execPath, program, JSON.stringify(options), probes.glibc, 'batch']
    const stdin = rows.map(({ act }) => `${act.join(' ')}\n`).join('')
    const outcome = await world.run(argv, { uid, stdin })
    const answers = answersOf(outcome)
    if (answers.length !== rows.length) throw new Error(`without ${without.join()}: ${outcome.stderr}`)
    return answers
  }

  t.test(`uid ${uid}: a denial holds without any one layer that another can stand in for`, async (t) => {
    const ground = await makeGround(harness, uid)
    const rows = denials(ground, world.holder)
    const columns: (readonly string[])[] = []
    for (const without of [[], ...layers.map((layer) => [layer])]) {
      columns.push(await answersWithout(ground, rows, without))
    }
    const head = ['denial', 'every layer', ...layers.map((layer) => `no ${layer}`)]
    t.comment(table([head, ...rows.map(({ what }, row) => [what, ...columns.map((column) => column[row] ?? '')])]))
    for (const [row, { what, answers, carriers }] of rows.entries()) {
      const found = columns.map((column) => column[row] ?? '')
      t.same(found, answers, what)
      const [only] = carriers.length === 1 && carriers[0] !== 'base' ? carriers : []
      const open = layers.filter((_, index) => found[index + 1] === 'ok')
      t.same(open, only === undefined ? [] : [only], `${what}: allowed only without the one layer that can carry it`)
    }
  })

  t.test(`uid ${uid}: each denial is carried by these layers, each of them alone`, async (t) => {
    const ground = await makeGround(harness, uid)
    const rows = denials(ground, world.holder)
    const base = await answersWithout(ground, rows, layers)
    const alone = new Map<Layer, readonly string[]>()
    for (const layer of layers) {
      const others = layers.filter((other) => other !== layer)
      alone.set(layer, await answersWithout(ground, rows, others))
    }
    const found = rows.map((_, row): Denial['carriers'] =>
      base[row] === 'ok' || base[row] === undefined
        ? layers.filter((layer) => alone.get(layer)?.[row] !== 'ok')
        : ['base'],
    )
    t.comment(table([['denial', 'carried by'], ...rows.map(({ what }, row) => [what, found[row]?.join(', ') ?? ''])]))
    for (const [row, { what, carriers }] of rows.entries()) t.same(found[row], carriers, what)
  })
}

t.test('control: without a sandbox each of these acts succeeds', async (t) => {
  const uid = world.uids[0] ?? 0
  const scratch =
    uid === 0 ? ['unshare', '--mount', '--'] : ['unshare', '--user', '--map-root-user', '--mount', '--net', '--']
  for (const { what, act, control } of denials(await makeGround(harness, uid), world.holder)) {
    if (control === 'root' && uid !== 0) continue
    const own = ['a mount', 'a raw socket'].includes(what) ? scratch : []
    t.equal(answerOf(await world.run([...own, probes.glibc, ...act], { uid })), 'ok', what)
  }
})

t.teardown(async () => {
  server.signal('SIGKILL')
  await server.outcome
  await harness.close()
})

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`).join('\n')
}
