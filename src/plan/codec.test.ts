import t from 'tap'
import { decodePlan, encodePlan, type Plan } from './codec.js'
import type { Step } from './descriptors.js'
import { digestOfDescriptors } from './schema-digest.js'
import { schemaDigest } from './schema-digest.gen.js'

const withAddress = (address: string): Plan => ({
  auditArch: 1,
  steps: [{ op: 'network.add-sandbox-address', origin: 'network.egress', device: 'eth0', address }],
})

t.test('the digest that is written down is that of the descriptors', (t) => {
  t.equal(schemaDigest, digestOfDescriptors())
  t.end()
})

t.test('ip: an address comes back as it was written, in both families', (t) => {
  for (const address of ['0.0.0.0', '192.0.2.1', '255.255.255.255', '::', '::1', '2001:db8::1', '::ffff:c000:201'])
    t.same(decodePlan(encodePlan(withAddress(address))), withAddress(address), address)
  t.end()
})

t.test('ip: what has no canonical spelling is not encoded', (t) => {
  for (const address of ['', 'localhost', '127.1', '192.0.2.01', '2001:DB8::1', '::ffff:192.0.2.1', 'fe80::1%1'])
    t.throws(() => encodePlan(withAddress(address)), { name: 'InternalError' }, address)
  t.end()
})

t.test('ip: 17 bytes, the family first; no other family, and no bytes behind an IPv4 address', (t) => {
  const bytes = encodePlan(withAddress('192.0.2.1'))
  const at = bytes.length - 17
  t.same([...bytes.subarray(at)], [4, 192, 0, 2, 1, ...Array.from({ length: 12 }, () => 0)])
  t.same([...encodePlan(withAddress('2001:db8::1')).subarray(at, at + 5)], [6, 0x20, 1, 0x0d, 0xb8])
  const changed = (offset: number, value: number) => bytes.map((byte, index) => (index === at + offset ? value : byte))
  for (const family of [0, 1, 5, 7, 255])
    t.throws(() => decodePlan(changed(0, family)), { name: 'PlanError', message: 'not an IP address' }, `${family}`)
  for (const offset of [5, 16]) t.throws(() => decodePlan(changed(offset, 1)), { name: 'PlanError' }, `byte ${offset}`)
  t.doesNotThrow(() => decodePlan(changed(4, 2)), 'control: another address')
  t.end()
})

t.test('lists of addresses and of ranges come back', (t) => {
  const step: Step = {
    op: 'network.publish',
    origin: 'network.listen',
    published: [
      {
        key: 'network.listen[0]',
        address: '127.0.0.1',
        publish: 8080,
        descriptor: 0,
        dial: ['127.0.0.1', '::1'],
        port: 80,
      },
      { key: 'network.listen[1]', address: '::1', publish: 65_535, descriptor: 9, dial: [], port: 1 },
    ],
    connectionsMax: 7,
    dialTimeoutMs: 1,
    answerTimeoutMs: 1,
    idleTimeoutMs: 0xffff_ffff,
    uid: 1000,
    gid: 1000,
    handledFs: 1n,
    handledNet: (1n << 64n) - 1n,
    scoped: 0n,
    ports: [{ port: 80, access: 2n }],
    filter: Uint8Array.of(1, 2, 3),
  }
  t.same(decodePlan(encodePlan({ auditArch: 1, steps: [step] })).steps, [step])
  t.throws(() => encodePlan({ auditArch: 1, steps: [{ ...step, idleTimeoutMs: 2 ** 32 }] }), { name: 'InternalError' })
  t.end()
})
