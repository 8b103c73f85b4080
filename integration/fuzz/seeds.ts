/**
 * Inputs that a target begins with beside the kept ones: each is at an edge of a rule, which is a number and no path
 * through the code, so that coverage does not keep it and mutations rarely hit it.
 */
import { opt, query } from '../parsers/dns.js'
import { body, bytes, message, records, serverName, sized, versions, type Extension } from '../parsers/hello.js'
import type { Target } from './targets.js'

export function seedsOf(target: Target): readonly Buffer[] {
  switch (target) {
    case 'client_hello':
      return helloSeeds()
    case 'dns_message':
      return dnsSeeds()
    case 'notice':
      return noticeSeeds()
  }
}

const name = serverName('api.example.com')
const encrypted: Extension = [0xfe0d, Buffer.alloc(8)]
const label = 'a'.repeat(63)

/** `native/fuzz/fuzz_client_hello.cc` has what the first nine bytes mean. */
function helloSeeds(): readonly Buffer[] {
  const lists: readonly (readonly Extension[])[] = [
    [name],
    [name, name],
    [name, encrypted],
    [encrypted],
    [name, encrypted, encrypted],
    [[0xffce, bytes()], name],
    [versions(0x0302), name],
    [versions(0x0303), name],
    [versions(0x0304), name],
    [serverName('a.b', 'c.d')],
    [serverName('1.2.3.4')],
    [serverName('a.0x1')],
    [serverName('a\0b')],
    [serverName('A-1')],
    [serverName(`${label}a.b`)],
    ...[61, 62, 64].map((rest) => [serverName(`${label}.${label}.${label}.${'b'.repeat(rest)}`)]),
  ]
  const bodies = lists.map((extensions) => body({ extensions }))
  const others = [
    body({ version: 0x0302, extensions: [name] }),
    body({ version: 0x0304, extensions: [name] }),
    body({ sessionId: Buffer.alloc(33), extensions: [name] }),
    body({ cipherSuites: bytes(1, 2, 3), extensions: [name] }),
    body({ compressionMethods: bytes(), extensions: [name] }),
    body({ extensions: null }),
    Buffer.concat([body({ extensions: [name] }), bytes(0)]),
  ]
  const streams = [
    bytes(22, 3, 1, 0x40, 0, 1, 0),
    bytes(22, 3, 1, 0x40, 1, 1, 0),
    bytes(22, 3, 1, 0, 4, 1, 0, 0x40, 0),
    bytes(22, 3, 1, 0, 4, 1, 0, 0x40, 1),
    ...bodies.map((content) => records(message(content), [60])),
  ]
  const plan = (flags: number) => Buffer.concat([bytes(flags), Buffer.alloc(8, flags + 1)])
  return [
    ...streams.flatMap((stream) => [0, 1].map((flags) => Buffer.concat([plan(flags), stream]))),
    ...[...bodies, ...others].flatMap((content) => [2, 3, 6].map((flags) => Buffer.concat([plan(flags), content]))),
  ]
}

/** `native/fuzz/fuzz_dns_message.cc` has the names that are granted. */
function dnsSeeds(): readonly Buffer[] {
  const names = [
    'api.example.com',
    'a.example.com',
    'a.b.example.com',
    'x.api.example.com',
    'x.both',
    'example.com',
    '*.example.com',
    'both',
    'NONE.example.net',
  ]
  const labels = [
    ['api.example', 'com'],
    ['a.b', 'example', 'com'],
    [label, label, label, 'b'.repeat(61)],
    [label, label, label, 'b'.repeat(62)],
  ]
  const options = Buffer.concat([bytes(0, 10), sized(2, Buffer.alloc(8))])
  const behind = [
    opt(),
    opt({ version: 1 }),
    opt({ flags: 0x8000 }),
    opt({ options }),
    opt({ options: options.subarray(1) }),
  ]
  return [
    ...[...names, ...labels].flatMap((asked) => [1, 28, 255].map((type) => query(asked, { type }))),
    ...behind.map((record) => query('both', { behind: record })),
    ...[0x8000, 0x2000, 0x0010, 0x06e0].map((flags) => query('both', { flags })),
    query('both', { qclass: 255 }),
    query('both', { counts: [2, 0, 0, 0] }),
    query('both', { behind: bytes(0), counts: [1, 0, 0, 0] }),
  ]
}

function noticeSeeds(): readonly Buffer[] {
  const ones = ['READY', 'RELOADING', 'STOPPING', 'FDSTORE', 'FDSTOREREMOVE', 'BARRIER', 'FDPOLL', 'WATCHDOG']
  const numbers = ['MONOTONIC_USEC', 'ERRNO', 'EXIT_STATUS', 'WATCHDOG_USEC', 'EXTEND_TIMEOUT_USEC', 'MAINPID']
  const texts = ['STATUS', 'BUSERROR', 'VARLINKERROR', 'FDNAME']
  const values = [
    '',
    '0',
    '1',
    '2',
    '4194304',
    '12345678',
    '9'.repeat(20),
    '9'.repeat(21),
    'trigger',
    'a:b',
    'a\tb',
    'ä',
  ]
  const lines = [...ones, ...numbers, ...texts].flatMap((name) => values.map((value) => `${name}=${value}`))
  const lengths = [254, 255, 256].map((length) => `FDNAME=${'x'.repeat(length)}`)
  const whole = [4076, 4087, 4088, 4089].map((length) => `STATUS=${'x'.repeat(length)}\n`.slice(0, 4096))
  return [
    ...[...lines, ...lengths, ...whole, 'NOTIFYACCESS=all', '=1', 'READY'].map((text) => Buffer.from(text)),
    Buffer.from(lines.join('\n').slice(0, 4096)),
  ]
}
