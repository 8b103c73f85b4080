/** 1,000 runs in a row by one parent leave its descriptors, memory and children, and the kernel's objects, as they were. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as passes } from 'node:timers/promises'
import t from 'tap'
import { makeSweep } from './faults/sweep.js'

t.setTimeout(280_000)
const sweep = await makeSweep()
const { harness, faults } = sweep
const { world } = harness
t.teardown(() => harness.close())

const text = `version: 1
name: leaks
filesystem: { read: [/usr], tmp: 1M }
network: { egress: [{ host: 203.0.113.10, port: 443 }] }
syscalls: { promises: [stdio] }
`
const [warm, all] = [50, 1000]

for (const uid of world.uids) {
  t.test(`uid ${uid}: after ${all} runs everything is as it was after ${warm}`, async (t) => {
    const plan = await sweep.plan(uid, { text, children: ['init', 'relay'] }, [faults.nap, 'brief'])
    const run = async (counts: readonly number[]) => {
      const stdin = counts.map((count) => `${count}\n`).join('')
      const { code, stdout, stderr } = await world.run([faults.repeat, sweep.launcher, plan.file], {
        uid,
        stdin,
        timeoutMs: 200_000,
      })
      t.equal(code, 0, stderr)
      return stdout.trimEnd().split('\n').map(parseLine)
    }
    const [before] = await run([warm])
    const objects = await settled()
    const [host, namespaces] = [sweep.hostState(), namespacesOfOurs()]
    const [first, last] = await run([warm, all - warm])
    t.match(last, { ran: all - warm, failed: 0, children: 0, descriptors: before?.['descriptors'] })
    t.equal(last?.['descriptors'], first?.['descriptors'], 'descriptors of the parent')
    const grown = (last?.['memory'] ?? NaN) - (first?.['memory'] ?? NaN)
    t.ok(grown < 200, `memory of the parent: ${grown} KiB more`)
    t.equal(sweep.hostState(), host, 'mounts and devices')
    t.same(namespacesOfOurs(), namespaces, 'namespaces')
    const after = await settled(objects)
    for (const [name, count] of Object.entries(objects)) {
      const more = (after[name] ?? NaN) - count
      t.ok(more < tolerance, `${name}: ${more} more in the kernel`)
    }
    t.ok(Object.keys(objects).length > 0 || process.getuid?.() !== 0, 'root can count the kernel’s objects')
  })
}

/** `ran 50 failed 0 ...` */
function parseLine(line: string): Readonly<Record<string, number>> {
  const words = line.split(' ')
  return Object.fromEntries(words.flatMap((word, index) => (index % 2 === 0 ? [[word, Number(words[index + 1])]] : [])))
}

type Objects = Readonly<Record<string, number>>

/** One object a run would be many more; other programs of the machine make and free some meanwhile. */
const tolerance = (all - warm) / 3

/** Namespaces end some time after their last process: waits until the counts are near `before`, or for 10 seconds. */
async function settled(before?: Objects): Promise<Objects> {
  for (let tries = 0; tries < 100; tries += 1) {
    const now = kernelObjects()
    if (before !== undefined && Object.entries(before).every(([name, count]) => (now[name] ?? 0) < count + 50))
      return now
    await passes(before === undefined ? 10 : 100)
  }
  return kernelObjects()
}

/** Active objects of those slab caches that a sandbox uses; nothing where /proc/slabinfo is not readable. */
function kernelObjects(): Objects {
  const lines = slabinfo().split('\n')
  const counts = lines.flatMap((line): [string, number][] => {
    const [name = '', active = ''] = line.split(/ +/)
    return caches.includes(name) ? [[name, Number(active)]] : []
  })
  return Object.fromEntries(counts)
}

const caches = [
  'net_namespace',
  'user_namespace',
  'pid_namespace',
  'uts_namespace',
  'mnt_cache',
  'task_struct',
  'sock_inode_cache',
  'shmem_inode_cache',
  'key_jar',
]

function slabinfo(): string {
  try {
    return readFileSync('/proc/slabinfo', 'utf8')
  } catch (error) {
    // Without root nobody may count them; the test says so.
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return ''
    throw error
  }
}

/** Namespaces that a process of this test's directory is in, as lsns(8) would find them. */
function namespacesOfOurs(): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && mentions(name, world.directory))
  const links = pids.flatMap((pid) =>
    ['net', 'mnt', 'pid', 'user', 'ipc', 'uts', 'cgroup'].flatMap((kind) => link(pid, kind)),
  )
  return [...new Set(links)].toSorted()
}

function mentions(pid: string, text: string): boolean {
  return orElse('', () => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).includes(text)
}

function link(pid: string, kind: string): readonly string[] {
  return orElse<readonly string[]>([], () => [readlinkSync(`/proc/${pid}/ns/${kind}`)])
}

/** What a process that has ended, or is another user's, does not tell. */
function orElse<A>(otherwise: A, read: () => A): A {
  try {
    return read()
  } catch (error) {
    const expected = ['ENOENT', 'ESRCH', 'EACCES']
    if (error instanceof Error && 'code' in error && expected.includes(String(error.code))) return otherwise
    throw error
  }
}
