/** UDP endpoints: flows of their own, answers from the right address, a bound on how many there are. */
import t from 'tap'
import { z } from 'zod'
import { makeHarness } from './run.js'
import { addresses, ports } from './world/addresses.js'

const harness = await makeHarness()
t.teardown(() => harness.close())
const { world } = harness

const policyOf = (host: string, more = ''): string => `version: 1
name: datagrams
filesystem: { read: [/usr] }
network: { egress: [{ host: "${host}", port: ${ports.udp}, protocol: udp }]${more} }
syscalls: { promises: [stdio, rpath, inet_client] }
process: { environment: { set: { HOME: / } } }
limits: { files: 1024 }
`
const report = z.object({
  network: z.object({
    endpoints: z.array(z.object({ connections: z.number(), bytesUp: z.number(), bytesDown: z.number() })),
    connections: z.array(z.object({ end: z.string() })),
  }),
})

/** Each socket is a flow: sends, and counts the answers that come from where it sent to. */
const program = `import socket, sys
address, port, flows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
family = socket.AF_INET6 if ':' in address else socket.AF_INET
held = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(flows)]
right = 0
for index, one in enumerate(held):
    one.settimeout(10)
    data = b'%d ' % index * 300
    one.sendto(data, (address, port))
    answer, sender = one.recvfrom(65536)
    right += answer == data and sender[:2] == (address, port)
print(right)
first = held[0]
first.sendto(b'again', (address, port))
print(first.recv(100).decode())
try:
    first.sendto(b'other', (address, port + 1))
    first.settimeout(1)
    print(first.recv(100))
except OSError as error:
    print('nothing')`

for (const uid of world.uids) {
  for (const [host, inside] of [
    [addresses.allowed, addresses.allowed],
    [addresses.allowed6, addresses.allowed6],
    ['api.example.test', '198.18.0.1'],
  ] as const) {
    t.test(`uid ${uid}: ${host} answers each flow, from the address that was asked`, async (t) => {
      const argv = ['/usr/bin/python3', '-c', program, inside, String(ports.udp), '20']
      const outcome = await harness.sandboxed({ text: policyOf(host) }, argv, { uid })
      t.same(outcome.stdout.trim().split('\n'), ['20', 'again', 'nothing'], outcome.stderr)
      const { network } = report.parse(JSON.parse(outcome.report))
      const sent = Array.from({ length: 20 }, (_, index) => `${index} `.length * 300).reduce((sum, size) => sum + size)
      t.match(network.endpoints, [{ connections: 20, bytesUp: sent + 5, bytesDown: sent + 5 }])
    })
  }
}

t.test('a flood of flows: 256 at a time, the longest silent one makes room', async (t) => {
  const argv = ['/usr/bin/python3', '-c', program, addresses.allowed, String(ports.udp), '600']
  const outcome = await harness.sandboxed({ text: policyOf(addresses.allowed) }, argv)
  t.same(outcome.stdout.trim().split('\n'), ['600', 'again', 'nothing'], outcome.stderr)
  const { network } = report.parse(JSON.parse(outcome.report))
  t.equal(network.endpoints[0]?.connections, 601, 'the first one had lost its flow, and began another')
  t.equal(network.connections.filter(({ end }) => end === 'open').length, 256)
})
