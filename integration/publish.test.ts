/** Ports of the program that the host can reach: network.listen. */
import t from 'tap'
import { z } from 'zod'
import { makeHarness } from './run.js'
import { link } from './world/addresses.js'
import { held } from './world/process.js'

const harness = await makeHarness()
t.teardown(() => harness.close())
const { world } = harness

const server = `import http.server
class Greet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'from inside to %s' % self.client_address[0].encode())
    def log_message(self, *words):
        pass
service = http.server.HTTPServer(('ADDRESS', 8080), Greet)
print('serving', flush=True)
for turn in range(2):
    service.handle_request()`

const policyOf = (publish: number): string => `version: 1
name: published
filesystem: { read: [/usr] }
network: { listen: [{ port: 8080, publish: ${publish} }] }
syscalls: { promises: [stdio, rpath, inet, unix] }
process: { environment: { set: { HOME: / } } }
`
const report = z.object({ network: z.object({ endpoints: z.array(z.unknown()), connections: z.array(z.unknown()) }) })
const curl = (...rest: readonly string[]) => ['/usr/bin/curl', '-sS', '-m', '10', ...rest]

for (const uid of world.uids) {
  for (const address of ['127.0.0.1', '0.0.0.0']) {
    t.test(`uid ${uid}: a program that listens on ${address} is reached from the host`, async (t) => {
      const file = await harness.policyFile(policyOf(18_080))
      const command = [...harness.command, '--policy', file, '--report', '3', '--', '/usr/bin/python3', '-c']
      const running = world.start([...command, server.replace('ADDRESS', address)], { uid, descriptor3: 'pipe' })
      await running.firstLine
      const answers = [1, 2].map(() => world.run(curl('http://127.0.0.1:18080/'), { uid }))
      const elsewhere = await world.run(curl(`http://${link.client}:18080/`), { uid })
      for (const { stdout, stderr } of await Promise.all(answers)) {
        t.equal(stdout, 'from inside to 127.0.0.1', stderr)
      }
      t.match(elsewhere.stderr, /Couldn't connect/, 'the host alone, not who reaches its addresses')
      const outcome = await running.outcome
      t.equal(outcome.code, 0, outcome.stderr)
      const { network } = report.parse(JSON.parse(outcome.descriptor3))
      t.match(network.endpoints, [{ key: 'network.listen[0]', connections: 2, refused: 0 }])
      const after = await world.run(curl('http://127.0.0.1:18080/'), { uid })
      t.match(after.stderr, /Couldn't connect/, 'nothing listens when it has ended')
    })
  }

  t.test(`uid ${uid}: a port that is taken is an error, and nothing runs`, async (t) => {
    const taken = `import socket, time
held = socket.create_server(('127.0.0.1', 18081))
print('held', flush=True)
time.sleep(60)`
    const holder = world.start(['/usr/bin/python3', '-c', taken])
    await holder.firstLine
    const outcome = await harness.sandboxed({ text: policyOf(18_081) }, ['/usr/bin/python3', '-c', 'print(1)'], { uid })
    holder.signal('SIGKILL')
    await holder.outcome
    t.equal(outcome.code, 125)
    t.equal(outcome.stdout, '')
    t.match(outcome.stderr, /network\.listen\[0\]: network\.publish: bind: EADDRINUSE\n {2}fix: .*choose another/)
  })

  t.test(`uid ${uid}: a port that is kept for root is told where it is written`, async (t) => {
    const outcome = await harness.sandboxed({ text: policyOf(1023) }, ['/usr/bin/true'], { uid })
    if (uid === 0) t.match(outcome, { code: 0, stderr: '' }, 'control: root')
    else
      t.match(outcome, { code: 125, stderr: /:4:\d+: network\.listen\[0\]\.publish: .*\n {2}fix: choose one of 1024/ })
  })

  t.test(`uid ${uid}: what nobody listens on is reset, and the Report says why`, async (t) => {
    const file = await harness.policyFile(policyOf(18_082))
    const waits = 'import sys; print("up", flush=True); sys.stdin.read()'
    const command = [...harness.command, '--policy', file, '--report', '3', '--', '/usr/bin/python3', '-c', waits]
    const running = world.start(command, { uid, descriptor3: 'pipe', stdin: held })
    await running.firstLine
    const outcome = await world.run(curl('http://127.0.0.1:18082/'), { uid })
    t.match(outcome.stderr, /reset by peer|Couldn't connect/)
    running.end()
    const ended = await running.outcome
    const { network } = report.parse(JSON.parse(ended.descriptor3))
    t.match(network.connections, [{ key: 'network.listen[0]', end: 'dial-failed', errno: 'ECONNREFUSED' }])
  })

  t.test(`uid ${uid}: a published port leads nowhere else: the program has no other way in or out`, async (t) => {
    const tries = `import socket
for address, port in (('203.0.113.10', 443), ('100.64.7.2', 18080), ('127.0.0.1', 18080)):
    try:
        socket.create_connection((address, port), 3)
        print('reached')
    except OSError as error:
        print(error.errno)`
    const program = ['/usr/bin/python3', '-c', tries]
    const { stdout } = await harness.sandboxed({ text: policyOf(18_083) }, program, { uid })
    // EACCES by Landlock's ports; a kernel without them answers ENETUNREACH and ECONNREFUSED.
    t.same(stdout.trim().split('\n'), ['13', '13', '13'])
    const control = await world.run(
      [
        '/usr/bin/python3',
        '-c',
        tries
          .split('\n')
          .slice(0, 1)
          .concat("socket.create_connection(('203.0.113.10', 443), 3); print('reached')")
          .join('\n'),
      ],
      { uid },
    )
    t.equal(control.stdout.trim(), 'reached', 'control')
  })
}
