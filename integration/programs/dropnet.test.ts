/** The policy of a build that must not reach the network: no family but AF_UNIX, by any way, and everything else. */
import { copyFile, cp, readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { LaunchOptions } from '../launch-plan.js'
import { makeHarness } from '../run.js'
import { addresses } from '../world/addresses.js'
import { no32Bit, skipWithout32Bit } from '../world/host-kernel.js'
import { must, type Outcome } from '../world/process.js'

const checkout = join(import.meta.dirname, '../../..')
const sources = join(checkout, 'integration/programs')
const policy = join(checkout, 'policies/dropnet.yaml')
const harness = await makeHarness()
t.teardown(() => harness.close())
const { world } = harness
const { EACCES, ENOSYS, EPERM } = constants.errno

/** A folder with a build and the programs that try for a network; it belongs to whom the program runs as. */
async function makeFolder(name: string, uid: number): Promise<string> {
  const folder = join(harness.own(uid), name)
  await cp(join(sources, 'offline'), folder, { recursive: true })
  await copyFile(join(sources, 'bundle.mjs'), join(folder, 'bundle.mjs'))
  const flags = ['-O1', '-Wall', '-Wextra', '-Werror', join(sources, 'families.c'), '-o']
  await must(['cc', ...flags, join(folder, 'families')])
  await must(['i686-linux-gnu-gcc', ...flags, join(folder, 'families32')])
  const owner = harness.programUid(uid)
  if (process.getuid?.() === 0) await must(['chown', '-R', `${owner}:${owner}`, folder])
  return folder
}

/** What AF_UNIX and every other family get, by each way of families.c. */
const answers: Readonly<Record<string, Readonly<Record<string, { readonly local: number; readonly other: number }>>>> =
  {
    families: {
      library: { local: 0, other: EACCES },
      direct: { local: 0, other: EACCES },
      int80: { local: 0, other: EACCES },
      socketcall: { local: ENOSYS, other: ENOSYS },
    },
    families32: {
      // glibc 2.36 makes a socketcall for socket(3), and does without sockets if there is none.
      library: { local: ENOSYS, other: ENOSYS },
      direct: { local: 0, other: EACCES },
      int80: { local: 0, other: EACCES },
      socketcall: { local: ENOSYS, other: ENOSYS },
    },
  }

/** The ways through the 32-bit table. */
const by32Bit = ['int80', 'socketcall']

const programs = [
  {
    name: 'curl',
    argv: ['curl', '--silent', '--show-error', '--max-time', '8', `http://${addresses.allowed}/`],
    inside: { code: 7 },
    outside: { code: 0 },
  },
  {
    name: 'python3',
    argv: ['/usr/bin/python3', '-c', 'import socket; socket.socket(); print("made")'],
    inside: { code: 1, stderr: /PermissionError: \[Errno 13\]/ },
    outside: { code: 0, stdout: 'made\n' },
  },
  {
    name: 'node',
    argv: ['node', '-e', `require('net').connect(443, '${addresses.allowed}').on('error', (e) => console.log(e.code))`],
    inside: { code: 0, stdout: 'EACCES\n' },
    outside: { code: 0, stdout: 'ENETUNREACH\n' },
  },
] as const

for (const uid of world.uids) {
  const folder = await makeFolder('dropnet', uid)
  const confined = (argv: readonly string[]) => harness.sandboxed({ file: policy }, argv, { uid, directory: folder })
  /** The same sandbox without the filter, or without Landlock too, which refuses to connect. */
  const without = (layers: LaunchOptions['without'], argv: readonly string[]): Promise<Outcome> => {
    const options: LaunchOptions = { policy, without: layers }
    const launch = join(import.meta.dirname, '../launch-plan.js')
    return world.run([process.execPath, launch, JSON.stringify(options), ...argv], { uid, directory: folder })
  }

  for (const [program, byWay] of Object.entries(answers)) {
    const skip = program === 'families32' && no32Bit
    t.test(`uid ${uid}: ${program}: no way to a socket of a family but AF_UNIX`, { skip }, async (t) => {
      const ways = Object.keys(byWay).filter((way) => no32Bit === false || !by32Bit.includes(way))
      if (ways.length < Object.keys(byWay).length) skipWithout32Bit(t, by32Bit.join(', '))
      const argv = [`./${program}`, ...ways]
      const made = errnosOf(await confined(argv))
      const control = errnosOf(await without(['seccomp'], argv))
      t.equal(made.size, ways.length * 7)
      for (const [attempt, errno] of made) {
        const [way = '', family = ''] = attempt.split(' ')
        t.equal(errno, family === 'AF_UNIX' ? byWay[way]?.local : byWay[way]?.other, attempt)
        const free = control.get(attempt)
        // Capabilities and the kernel's modules have a say too, with other errors.
        if (['AF_UNIX', 'AF_INET', 'AF_NETLINK'].includes(family)) t.equal(free, 0, `control: ${attempt}`)
        else if (family === 'AF_PACKET') t.equal(free, EPERM, `control: ${attempt} needs a capability`)
        else t.notOk(free === undefined || free === EACCES || free === ENOSYS, `control: ${attempt} ${free}`)
      }
    })
  }

  for (const { name, argv, inside, outside } of programs) {
    t.test(`uid ${uid}: ${name} has no network`, async (t) => {
      t.match(await confined(argv), inside)
      const control =
        name === 'curl' ? world.run(argv, { uid, directory: folder }) : without(['seccomp', 'landlock'], argv)
      t.match(await control, outside, 'control')
    })
  }

  t.test(`uid ${uid}: a build runs as it does outside`, async (t) => {
    const results = {
      greeting: 'built\n',
      ...(no32Bit === false ? { greeting32: 'built\n' } : {}),
      talk: 'file pair\n',
      bundle: 'built built\n',
    }
    skipWithout32Bit(t, 'the 32-bit part of the build')
    const make = ['make', ...Object.keys(results).map((name) => `stage/${name}`)]
    const built = await confined(make)
    t.equal(built.code, 0, built.stderr)
    const free = await makeFolder('free', uid)
    const outside = await world.run(make, { uid: harness.programUid(uid), directory: free })
    t.equal(outside.code, 0, outside.stderr)
    for (const [file, expected] of Object.entries(results)) {
      t.equal(await readFile(join(folder, 'stage', file), 'utf8'), expected, file)
      t.equal(await readFile(join(free, 'stage', file), 'utf8'), expected, `${file} outside`)
    }
  })
}

/** By way and family. */
function errnosOf({ stdout, stderr }: Outcome): ReadonlyMap<string, number> {
  const lines = stdout.trimEnd().split('\n')
  if (lines.length < 2) throw new Error(`families said ${stdout}${stderr}`)
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}
