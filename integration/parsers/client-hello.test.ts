/** The name that a TLS client asks for, read from the hellos of real clients and from wrong ones (native/relay/). */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { firstFlight } from './capture.js'
import { makeClients } from './clients.js'
import {
  body,
  bytes,
  handshakeOf,
  hello,
  message,
  oneByteRecords,
  record,
  records,
  serverName,
  sized,
  versions,
} from './hello.js'
import type { Extension } from './hello.js'
import { buildParser, parse, startParser, verdictOn } from './parse.js'

const directory = await mkdtemp(join(tmpdir(), 'palisade-parsers-'))
t.teardown(() => rm(directory, { recursive: true, force: true }))
await buildParser()
const clients = await makeClients(directory)

const name = serverName('api.example.com')
const found = 'complete api.example.com'
/** All that a relay sees while these bytes arrive one by one. */
const beginnings = (stream: Buffer) => Array.from({ length: stream.length }, (_, size) => stream.subarray(0, size))
const read = (stream: Buffer) => verdictOn(['hello', 'refused'], stream)

for (const client of clients) {
  t.test(`${client.name}: ${client.verdict}`, async (t) => {
    const flight = await firstFlight(client.connect)
    t.equal(await read(flight), client.verdict)
    if (client.verdict === 'not_tls') return
    const verdicts = await parse(['hello', 'refused'], beginnings(handshakeOf(flight)))
    const early = verdicts.findIndex((verdict, size) => !(Number(/^incomplete (\d+)$/.exec(verdict)?.[1]) > size))
    t.equal(early, -1, 'every beginning of it is incomplete, and more bytes are wanted than there are')
    const cut = oneByteRecords(flight)
    t.equal(await read(cut), cut.length > 20 * 1024 ? 'too_large' : client.verdict, 'in records of one byte')
  })
}

t.test('the large hellos are larger than a segment, and one is in several records', async (t) => {
  for (const client of clients.filter(({ name }) => name.includes('large'))) {
    const flight = handshakeOf(await firstFlight(client.connect))
    t.ok(flight.length > 1500, `${client.name}: ${flight.length} bytes`)
    t.equal(flight.readUInt16BE(3) + 5 < flight.length, client.name.includes('several'))
  }
})

const postQuantum: Extension = [51, sized(2, Buffer.concat([bytes(0x11, 0xec), sized(2, Buffer.alloc(1700, 5))]))]
const grease: readonly Extension[] = [
  [0x0a0a, bytes()],
  [0xfafa, bytes(0)],
]
const encrypted: Extension = [0xfe0d, Buffer.alloc(200)]
const long = 'a'.repeat(63)

t.test('each part of a hello may be there or not, as the RFCs say', async (t) => {
  const cases: readonly (readonly [claim: string, stream: Buffer, verdict: string])[] = [
    ['control: one name', hello({ extensions: [name] }), found],
    ['GREASE (RFC 8701)', hello({ extensions: [...grease, name], cipherSuites: bytes(0x1a, 0x1a, 0x13, 1) }), found],
    ['the same GREASE twice', hello({ extensions: [[0x0a0a, bytes()], name, [0x0a0a, bytes()]] }), 'malformed'],
    ['the same extension twice', hello({ extensions: [postQuantum, name, postQuantum] }), 'malformed'],
    ['a post-quantum key share', hello({ extensions: [postQuantum, name] }), found],
    ['an empty session id', hello({ sessionId: bytes(), extensions: [name] }), found],
    ['a session id of 33 bytes', hello({ sessionId: Buffer.alloc(33), extensions: [name] }), 'malformed'],
    ['no cipher suite', hello({ cipherSuites: bytes(), extensions: [name] }), 'malformed'],
    ['half a cipher suite', hello({ cipherSuites: bytes(0x13, 1, 0x13), extensions: [name] }), 'malformed'],
    ['no compression method', hello({ compressionMethods: bytes(), extensions: [name] }), 'malformed'],
    ['no extensions', hello({ extensions: [] }), 'no_name'],
    ['no block of extensions', hello({ extensions: null }), 'no_name'],
    ['bytes after the extensions', records(message(Buffer.concat([body({}), bytes(0)]))), 'malformed'],
    ['a body that is cut', records(message(body({ extensions: [name] }).subarray(0, -1))), 'malformed'],
    ['an empty body', records(message(bytes())), 'malformed'],
    ['SSL 3.0 in the hello', hello({ version: 0x0300, extensions: [name] }), 'old_version'],
    ['TLS 1.0 in the hello', hello({ version: 0x0301, extensions: [name] }), 'old_version'],
    ['TLS 1.3 where it does not belong', hello({ version: 0x0304, extensions: [name] }), 'malformed'],
    ['TLS 1.3 offered', hello({ extensions: [versions(0x3a3a, 0x0304), name] }), found],
    ['TLS 1.2 offered', hello({ extensions: [versions(0x0303, 0x0302), name] }), found],
    ['only older ones offered', hello({ extensions: [versions(0x0302, 0x0301), name] }), 'old_version'],
    ['no version offered', hello({ extensions: [versions(), name] }), 'malformed'],
    ['half a version', hello({ extensions: [[43, sized(1, bytes(3, 4, 3))], name] }), 'malformed'],
    ['bytes after the versions', hello({ extensions: [[43, bytes(2, 3, 4, 0)], name] }), 'malformed'],
  ]
  await agree(t, cases)
})

t.test('there is exactly one name, and it is a host name', async (t) => {
  const asks = (...names: readonly (string | Uint8Array)[]) => hello({ extensions: [serverName(...names)] })
  const labels = `${long}.${long}.${long}`
  const cases: readonly (readonly [claim: string, stream: Buffer, verdict: string])[] = [
    ['control: one name', asks('api.example.com'), found],
    ['one label', asks('localhost'), 'complete localhost'],
    ['253 bytes', asks(`${labels}.${'b'.repeat(61)}`), `complete ${labels}.${'b'.repeat(61)}`],
    ['254 bytes', asks(`${labels}.${'b'.repeat(62)}`), 'malformed'],
    ['a label of 64 bytes', asks(`${long}a.example.com`), 'malformed'],
    ['two entries', asks('api.example.com', 'evil.example.net'), 'two_names'],
    ['two equal entries', asks('api.example.com', 'api.example.com'), 'two_names'],
    ['two extensions', hello({ extensions: [name, serverName('evil.example.net')] }), 'two_names'],
    ['no entry', asks(), 'malformed'],
    ['an empty extension', hello({ extensions: [[0, bytes()]] }), 'malformed'],
    ['an empty name', asks(''), 'malformed'],
    ['a type that is no host name', hello({ extensions: [[0, sized(2, bytes(1, 0, 1, 97))]] }), 'malformed'],
    ['bytes after the list', hello({ extensions: [[0, Buffer.concat([name[1], bytes(0)])]] }), 'malformed'],
    ['a NUL', asks('api.example.com\0.evil.example.net'), 'malformed'],
    ['a dot at the end', asks('api.example.com.'), 'malformed'],
    ['a dot at the beginning', asks('.example.com'), 'malformed'],
    ['two dots', asks('api..example.com'), 'malformed'],
    ['an underscore', asks('a_b.example.com'), 'malformed'],
    ['a space', asks('api.example.com '), 'malformed'],
    ['a wildcard', asks('*.example.com'), 'malformed'],
    ['bytes above ASCII', asks(Buffer.from('\u00e4pi.example.com')), 'malformed'],
    ['a hyphen at an edge', asks('-api.example.com'), 'malformed'],
    ['a hyphen inside', asks('a--b.example.com'), 'complete a--b.example.com'],
    ['an IPv4 address', asks('192.0.2.1'), 'malformed'],
    ['an address as inet_aton(3) reads it', asks('0x7f.1'), 'malformed'],
    ['another one', asks('127.0x1'), 'malformed'],
    ['digits where a name may have them', asks('1.2.3.a4'), 'complete 1.2.3.a4'],
    ['an IPv6 address', asks('2001:db8::1'), 'malformed'],
  ]
  await agree(t, cases)
})

t.test('an encrypted hello is let through only where that is allowed', async (t) => {
  const stream = hello({ extensions: [name, encrypted] })
  t.equal(await read(stream), 'encrypted_name')
  t.equal(await verdictOn(['hello', 'allowed'], stream), `${found} ech`)
  t.equal(await read(hello({ extensions: [[0xffce, bytes()], name] })), 'encrypted_name', 'its older form')
  t.equal(await verdictOn(['hello', 'allowed'], hello({ extensions: [encrypted] })), 'no_name')
  t.equal(await verdictOn(['hello', 'allowed'], hello({ extensions: [name] })), found, 'control: none')
})

t.test('records cut a hello anywhere, and nothing else is in them', async (t) => {
  const whole = message(body({ extensions: [name] }))
  const second = records(whole, [100])
  const cases: readonly (readonly [claim: string, stream: Buffer, verdict: string])[] = [
    ['control: one record', records(whole), found],
    ['what follows in a record of its own', Buffer.concat([records(whole), record(bytes(1), 20), bytes(9)]), found],
    ['what follows in the same record', record(Buffer.concat([whole, bytes(0)])), 'malformed'],
    ['a second message in the same record', record(Buffer.concat([whole, whole])), 'malformed'],
    ['an empty record', Buffer.concat([record(bytes()), records(whole)]), 'malformed'],
    ['an empty record inside', Buffer.concat([second.subarray(0, 105), record(bytes())]), 'malformed'],
    ['an alert inside', Buffer.concat([second.subarray(0, 105), record(bytes(1, 0), 21)]), 'malformed'],
    ['TLS 1.0 to 1.2 on a record', record(whole, 22, 0x0303), found],
    ['SSL 3.0 on a record', record(whole, 22, 0x0300), 'old_version'],
    ['version 3.4 on a record', record(whole, 22, 0x0304), 'malformed'],
    ['version 2 on a record', record(whole, 22, 0x0200), 'malformed'],
    ['another message', record(message(body({ extensions: [name] }), 2)), 'malformed'],
    ['no bytes', bytes(), 'incomplete 9'],
    ['HTTP', Buffer.from('G'), 'not_tls'],
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), 'not_tls'],
    ['SSL 2.0', bytes(0x80, 0x2e, 1, 3, 1), 'not_tls'],
    ['an alert', record(bytes(1, 0), 21), 'not_tls'],
    ['a record of 2^14 bytes', bytes(22, 3, 1, 0x40, 0), 'incomplete 16389'],
    ['a record of 2^14 + 1 bytes', bytes(22, 3, 1, 0x40, 1), 'too_large'],
    ['a body of 2^14 bytes', bytes(22, 3, 1, 0, 4, 1, 0, 0x40, 0), 'incomplete 16398'],
    ['a body of 2^14 + 1 bytes', bytes(22, 3, 1, 0, 4, 1, 0, 0x40, 1), 'too_large'],
    ['a body of 2^16 bytes', bytes(22, 3, 1, 0, 4, 1, 1), 'too_large'],
  ]
  await agree(t, cases)
})

t.test('every place to cut at gives the same name, in two records and in two segments', async (t) => {
  const whole = message(body({ extensions: [name, postQuantum] }))
  const places = Array.from({ length: whole.length - 1 }, (_, index) => index + 1)
  const verdicts = await parse(
    ['hello', 'refused'],
    places.map((place) => records(whole, [place])),
  )
  t.same([...new Set(verdicts)], [found])
  const stream = records(whole, [700, 1400])
  const early = await parse(['hello', 'refused'], beginnings(stream))
  t.ok(early.every((verdict) => verdict.startsWith('incomplete ')))
})

t.test('a hello may fill all its room, and no byte more', async (t) => {
  const largest = (size: number): Buffer => {
    const without = body({ extensions: [name, [21, bytes()]] }).length
    return message(body({ extensions: [name, [21, Buffer.alloc(size - without)]] }))
  }
  t.equal(await read(records(largest(16384), [16384])), found, '16384 bytes of body')
  t.equal(await read(records(largest(16385), [16384])), 'too_large', '16385 bytes of body')
  const room = (most: number) => Array.from({ length: most - 1 }, (_, index) => index + 1)
  // 20480 - 16388 bytes are left for headers: 818 records.
  t.equal(await read(records(largest(16384), room(817)).subarray(0, 20480)), found, 'as many records as fit')
  t.equal(await read(records(largest(16384), room(819))), 'too_large', 'one more')
})

t.test('who waits for the wanted bytes asks seldom, however the client dribbles', async (t) => {
  const stream = oneByteRecords(hello({ extensions: [name, [21, Buffer.alloc(3000)]] }))
  t.ok(stream.length > 18_000)
  const parser = startParser(['hello', 'refused'])
  t.teardown(() => parser.close())
  let size = 0
  for (let asked = 1; ; asked += 1) {
    const verdict = await parser.ask(stream.subarray(0, size))
    const wanted = /^incomplete (\d+)$/.exec(verdict)?.[1]
    if (wanted === undefined) {
      t.equal(verdict, found)
      t.ok(asked < 100, `asked ${asked} times`)
      return
    }
    size = Number(wanted)
  }
})

t.test('a wildcard means exactly one label more', async (t) => {
  const cases: readonly (readonly [policyName: string, name: string, meant: boolean])[] = [
    ['api.example.com', 'api.example.com', true],
    ['api.example.com', 'API.Example.Com', true],
    ['api.example.com', 'api.example.co', false],
    ['api.example.com', 'api.example.comm', false],
    ['api.example.com', 'xapi.example.com', false],
    ['api.example.com', 'apiXexample.com', false],
    ['api.example.com', 'api.example.com.', false],
    ['api.example.com', '', false],
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'A-1.EXAMPLE.com', true],
    ['*.example.com', 'a.b.example.com', false],
    ['*.example.com', 'example.com', false],
    ['*.example.com', '.example.com', false],
    ['*.example.com', '*.example.com', false],
    ['*.example.com', '_a.example.com', false],
    ['*.example.com', 'a\0.example.com', false],
    ['*.example.com', 'aexample.com', false],
    ['*.example.com', `${long}.example.com`, true],
    ['*.example.com', `${long}a.example.com`, false],
  ]
  for (const policyName of new Set(cases.map(([wanted]) => wanted))) {
    const own = cases.filter(([wanted]) => wanted === policyName)
    const verdicts = await parse(
      ['match', policyName],
      own.map(([, asked]) => Buffer.from(asked)),
    )
    for (const [index, [, asked, meant]] of own.entries()) {
      t.equal(verdicts[index], meant ? 'yes' : 'no', `${policyName}: ${asked}`)
    }
  }
})

async function agree(t: Test, cases: readonly (readonly [claim: string, stream: Buffer, verdict: string])[]) {
  const verdicts = await parse(
    ['hello', 'refused'],
    cases.map(([, stream]) => stream),
  )
  for (const [index, [claim, , verdict]] of cases.entries()) t.equal(verdicts[index], verdict, claim)
}
