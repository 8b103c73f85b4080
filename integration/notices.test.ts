/** service.notify: what a program in a sandbox tells its service manager, and what it does not. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as passes } from 'node:timers/promises'
import t from 'tap'
import { z } from 'zod'
import { makeHarness } from './run.js'
import { held, type Running } from './world/process.js'

const harness = await makeHarness()
t.teardown(() => harness.close())
const { world } = harness
const here = (name: string): string => join(import.meta.dirname, '../../integration/service', name)
const python = '/usr/bin/python3'
const program = await readFile(here('notices.py'), 'utf8')

const policyOf = (
  service = 'service: { notify: true }',
  promises = 'stdio, rpath, tmppath, unix, proc, exec',
) => `version: 1
name: notices
filesystem: { read: [/usr], exec: [/usr/bin/sleep], tmp: 1M }
syscalls: { promises: [${promises}] }
process: { environment: { set: { HOME: /, PYTHONUTF8: "1" } } }
${service}
`
const message = z.object({
  text: z.string(),
  ours: z.boolean(),
  main: z.array(z.string()).nullable(),
  descriptors: z.array(z.string().nullable()),
})
const report = z.object({
  service: z.object({ notices: z.number(), refusedLines: z.number(), lostNotices: z.number() }).optional(),
})

interface Served {
  readonly messages: readonly z.infer<typeof message>[]
  readonly printed: readonly string[]
  readonly status: number
  readonly service: z.infer<typeof report>['service']
  readonly stderr: string
}

interface Service {
  readonly uid?: number
  readonly manager?: string
  /** Messages that the manager reads before it is told to go on; 0: all. */
  readonly turns?: number
  readonly policy?: string
}

let sockets = 0
const place = (): string => join(world.directory, `manager-${(sockets += 1)}`)

async function start(act: readonly string[], { uid = 0, manager = place(), turns = 0, policy }: Service = {}) {
  const file = await harness.policyFile(policy ?? policyOf())
  const user = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  const command = [...user, ...harness.command, '--policy', file, '--report', '3', '--', python, '-c', program, ...act]
  return world.start([python, here('manager.py'), manager, String(turns), '--', ...command], {
    descriptor3: 'pipe',
    stdin: held,
    timeoutMs: 60_000,
  })
}

async function served(running: Running): Promise<Served> {
  const { stdout, stderr, descriptor3 } = await running.outcome
  const lines = stdout.trim().split('\n')
  const all = lines.map((line): unknown => (line.startsWith('{') ? JSON.parse(line) : line))
  const end = z.object({ status: z.number() }).parse(all.at(-1))
  return {
    messages: all.flatMap((one) => message.safeParse(one).data ?? []),
    printed: all.filter((one) => typeof one === 'string'),
    status: end.status,
    service: descriptor3 === '' ? undefined : report.parse(JSON.parse(descriptor3)).service,
    stderr,
  }
}

/** None when it has ended. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').flatMap((word) => (word === '' ? [] : [Number(word)]))
}

const asRoot = world.uids.includes(0)
const uids = asRoot ? world.uids : [0]

for (const uid of uids) {
  for (const abstract of [false, true]) {
    t.test(
      `uid ${uid}, ${abstract ? 'abstract' : 'path'}: a service's life, in order, as the command's own words`,
      async (t) => {
        const manager = abstract ? `@manager-${process.pid}-${uid}` : place()
        const { messages, status, service, stderr } = await served(await start(['life'], { uid, manager }))
        t.equal(status, 0, stderr)
        t.same(
          messages.map(({ text }) => text),
          [
            'READY=1\nSTATUS=serving äöü\nMONOTONIC_USEC=12\n',
            'RELOADING=1\nMONOTONIC_USEC=13\n',
            'READY=1\n',
            'WATCHDOG=1\n',
            'EXTEND_TIMEOUT_USEC=5000000\n',
            'STOPPING=1\nERRNO=2\n',
          ],
          'the last one too, which it told in its last moment',
        )
        t.ok(
          messages.every(({ ours }) => ours),
          'from the process that the manager has started',
        )
        t.same(service, { notices: 6, refusedLines: 0, lostNotices: 0 })
      },
    )
  }

  t.test(`uid ${uid}: MAINPID is the process outside`, async (t) => {
    const { messages, service, stderr } = await served(await start(['main-pid'], { uid }))
    t.match(
      messages,
      [
        { text: 'MAINPID=the command\n', main: null },
        { text: /^STATUS=child\nMAINPID=[0-9]+\n$/, main: ['/usr/bin/sleep', '1000'] },
        { text: 'BARRIER=1\n' },
        { text: 'STATUS=end\n', main: null },
      ],
      stderr,
    )
    t.equal(messages.length, 4, 'a process that has ended is nobody')
    t.same(service, { notices: 4, refusedLines: 3, lostNotices: 0 })
  })

  t.test(`uid ${uid}: descriptors go along where they are asked for, and a barrier is one`, async (t) => {
    const { messages, printed, stderr } = await served(await start(['descriptors'], { uid }))
    t.match(
      messages,
      [
        { text: 'FDSTORE=1\nFDNAME=state\n', descriptors: ['kept', 'kept'] },
        { text: 'STATUS=none of these\n', descriptors: [] },
        { text: 'FDSTOREREMOVE=1\nFDNAME=state\n', descriptors: [] },
        { text: 'BARRIER=1\n', descriptors: [null] },
      ],
      stderr,
    )
    t.same(printed, ['closed'])
  })
}

t.test('what a service may not say is left out, and counted', async (t) => {
  const { messages, service, stderr } = await served(await start(['refused']))
  t.same(
    messages.map(({ text }) => text.replace(/x+/, 'x')),
    ['STATUS=one line of two\n', 'STATUS=x\n'],
    stderr,
  )
  t.same(service, { notices: 2, refusedLines: 15, lostNotices: 0 })
})

t.test('a manager that is busy holds up the program alone', async (t) => {
  const running = await start(['flood'], { turns: 5 })
  for (let turn = 0; turn < 11; turn += 1) running.write('more\n')
  await running.printed('told')
  running.end()
  const { messages, status } = await served(running)
  t.same(
    messages.map(({ text }) => text),
    Array.from({ length: 60 }, (_, number) => `STATUS=${number}\n`),
  )
  t.equal(status, 0)
})

t.test('what a service tells in its last moment waits for a busy manager', async (t) => {
  const running = await start(['last'], { turns: 1 })
  await running.printed('told')
  const { command } = z.object({ command: z.number() }).parse(JSON.parse(await running.firstLine))
  // The program, with init; what is left closes what it has sent.
  while ((await childrenOf(command)).length > 1) await passes(10)
  running.end()
  const { messages, printed, service } = await served(running)
  const [count] = printed
  t.ok(Number(count) > 20, `${count} had room`)
  t.equal(messages.length, Number(count))
  t.same(service, { notices: Number(count), refusedLines: 0, lostNotices: 0 })
})

for (const how of ['while it runs', 'when it has ended'] as const) {
  t.test(`a socket whose close(2) waits holds up nobody, ${how}`, async (t) => {
    const policy = policyOf(
      'service: { notify: true }\nnetwork: { loopback: true }\nlimits: { wall: 3s }',
      'stdio, rpath, tmppath, unix, inet, proc, exec',
    )
    const act = ['linger', ...(how === 'while it runs' ? [] : ['ends'])]
    const running = await start(act, { turns: 1, policy })
    await running.printed('closed')
    running.end()
    const { messages, status, stderr } = await served(running)
    t.equal(status, how === 'while it runs' ? 143 : 0, stderr)
    t.equal(messages.filter(({ text }) => /^STATUS=\d+\n$/.test(text)).length, 40, 'it is still heard')
  })
}

t.test('when the process that closes descriptors is killed the run ends, and says so', async (t) => {
  const running = await start(['linger'], {
    turns: 1,
    policy: policyOf(
      'service: { notify: true }\nnetwork: { loopback: true }',
      'stdio, rpath, tmppath, unix, inet, proc, exec',
    ),
  })
  await running.printed('closed')
  const { command } = z.object({ command: z.number() }).parse(JSON.parse(await running.firstLine))
  // It is made before init.
  const [closer = 0] = await childrenOf(command)
  process.kill(closer, 'SIGKILL')
  running.end()
  const { status, stderr } = await served(running)
  t.equal(status, 125)
  t.match(stderr, /service\.notify: service\.pass-notices: closer ended: ECONNABORTED/)
})

t.test('a busy manager does not outlast the wall clock', async (t) => {
  const policy = policyOf('service: { notify: true }\nlimits: { wall: 3s }')
  const running = await start(['last'], { turns: 1, policy })
  const { messages, printed, service } = await served(running)
  t.ok((service?.lostNotices ?? 0) > 0, 'what had no room is lost, and counted')
  t.ok(messages.length < Number(printed[0]), `${messages.length} of ${printed[0]}`)
})

t.test('nothing of the manager is in reach', async (t) => {
  const manager = place()
  const other = `@other-${process.pid}`
  const binds = `import socket, sys
held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
held.bind(chr(0) + sys.argv[1][1:])
print('bound', flush=True)
sys.stdin.read()`
  const listener = world.start([python, '-c', binds, other], { stdin: held })
  await listener.firstLine
  const outside = await world.run([python, '-c', program, 'reach', other], { env: { NOTIFY_SOCKET: 'none' } })
  const { printed } = await served(await start(['reach', manager, other, '@palisade/notify'], { manager }))
  listener.end()
  await listener.outcome
  t.match(outside.stdout, /\nok\n$/, 'control: the other one is there')
  t.same(printed, ['variable @palisade/notify', 'ENOENT', 'ECONNREFUSED', 'ok'])
})

t.test('without a manager, or without the key, there is no socket and no variable', async (t) => {
  const argv = [python, '-c', program, 'reach', '@palisade/notify']
  const without = await harness.sandboxed({ text: policyOf() }, argv)
  t.equal(without.stdout, 'variable \nECONNREFUSED\n', without.stderr)
  t.notOk(report.parse(JSON.parse(without.report)).service)
  const { printed } = await served(await start(['reach', '@palisade/notify'], { policy: policyOf('') }))
  t.same(printed, ['variable ', 'ECONNREFUSED'])
})

t.test('what cannot be is told where it is written', async (t) => {
  const noSockets = await harness.sandboxed({ text: policyOf(undefined, 'stdio, rpath, tmppath, proc, exec') }, [
    '/usr/bin/true',
  ])
  t.equal(noSockets.code, 125)
  t.match(noSockets.stderr, /:6:20: service\.notify: .*unix socket.*\n {2}fix: add unix to syscalls\.promises/)
  for (const [manager, text] of [
    ['manager', /:6:20: service\.notify: NOTIFY_SOCKET is "manager", which is no socket/],
    ['/nowhere/socket', /service\.notify: service\.pass-notices: connect: ENOENT\n {2}fix: .*NOTIFY_SOCKET/],
  ] as const) {
    const outcome = await harness.sandboxed({ text: policyOf() }, ['/usr/bin/true'], {
      env: { NOTIFY_SOCKET: manager },
    })
    t.equal(outcome.code, 125)
    t.match(outcome.stderr, text)
  }
})
