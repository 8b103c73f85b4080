/** Ways to other processes of the host that are no TCP: UNIX sockets and the terminal. */
import { join } from 'node:path'
import t from 'tap'
import { answersOf } from './probes/probes.js'
import { makeHarness } from './run.js'
import type { Outcome } from './world/process.js'

const harness = await makeHarness()
const { world, probes } = harness
const policy = `version: 1
name: sockets
syscalls: { promises: [stdio, rpath, proc, unix, tty] }
`

/** Listens on every kind of address that a bus, a display server or an agent uses. */
const listeners = `import os, socket, sys, time
directory = sys.argv[1]
os.umask(0)
held = []
for kind, name in ((socket.SOCK_STREAM, 'stream'), (socket.SOCK_DGRAM, 'datagram')):
    for address in ('\\0palisade-' + name, directory + '/' + name):
        held.append(socket.socket(socket.AF_UNIX, kind))
        held[-1].bind(address)
        if kind == socket.SOCK_STREAM:
            held[-1].listen(64)
print('ready', flush=True)
time.sleep(600)`

const host = world.start(['/usr/bin/python3', '-c', listeners, world.directory], { timeoutMs: 600_000 })
await host.firstLine
const acts: readonly (readonly [act: string, address: string, inside: string])[] = [
  ['unix-stream', '@palisade-stream', 'ECONNREFUSED'],
  ['unix-stream', join(world.directory, 'stream'), 'ENOENT'],
  ['unix-datagram', '@palisade-datagram', 'ECONNREFUSED'],
  ['unix-datagram', join(world.directory, 'datagram'), 'ENOENT'],
]
const stdin = acts.map(([act, address]) => `${act} ${address}\n`).join('')

/** Runs its arguments on a new terminal as the leader of a session, and prints what comes out of it. */
const terminal = `import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
out = b''
try:
    while True:
        part = os.read(fd, 4096)
        if not part:
            break
        out += part
except OSError:
    pass
print(out.decode())`

for (const uid of world.uids) {
  t.test(`uid ${uid}: no UNIX socket of the host is reached, connected or not`, async (t) => {
    const confined = answersOf(await harness.sandboxed({ text: policy }, [probes.glibc, 'batch'], { uid, stdin }))
    const free = answersOf(await world.run([probes.glibc, 'batch'], { uid, stdin }))
    for (const [index, [act, address, inside]] of acts.entries()) {
      t.equal(confined[index], inside, `${act} ${address}`)
      t.equal(free[index], 'ok', `control: ${act} ${address}`)
    }
  })

  t.test(`uid ${uid}: a socket in a granted directory is reached only with the promise unix`, async (t) => {
    const grant = `filesystem: { read: [${world.directory}] }\n`
    const act = [probes.glibc, 'unix-stream', join(world.directory, 'stream')]
    const answer = (outcome: Outcome) => outcome.stdout.trim()
    const without = policy.replace(', unix', '')
    t.equal(answer(await harness.sandboxed({ text: without + grant }, act, { uid })), 'errno 1')
    t.equal(answer(await harness.sandboxed({ text: policy + grant }, act, { uid })), 'ok', 'control: with the promise')
  })

  t.test(`uid ${uid}: the terminal it was started on takes no input from it`, async (t) => {
    const file = await harness.policyFile(`${policy}filesystem: { read: [${probes.glibc}] }\n`)
    const inTerminal = (argv: readonly string[], as: number) =>
      world.run(['/usr/bin/python3', '-c', terminal, ...argv], { uid: as })
    for (const dirty of ['0', '0xdead00000000']) {
      const confined = [...harness.command, '--policy', file, '--', probes.glibc, 'push-input', dirty]
      t.match((await inTerminal(confined, uid)).stdout, 'errno 1', `TIOCSTI ${dirty}`)
    }
    // Since Linux 6.2 only root may do this where the sysctl dev.tty.legacy_tiocsti is off.
    if (!world.uids.includes(0)) return
    t.match((await inTerminal([probes.glibc, 'push-input', '0'], 0)).stdout, 'ok', 'control')
  })
}

t.teardown(async () => {
  host.signal('SIGKILL')
  await host.outcome
  await harness.close()
})
