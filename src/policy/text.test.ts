import t from 'tap'
import { PolicyError } from '../core/errors.js'
import { parseHost } from './host-name.js'
import { loadPolicy } from './load.js'
import { toPlain } from './node.js'
import { profileWords } from './file-words.js'
import { parseSource, policyBytesMax, readSource } from './source.js'
import { nearest } from './suggest.js'

const head = 'version: 1\nname: test\n'

t.test('places count lines and columns from 1, in code points', (t) => {
  const source = parseSource(`${head}# é\ndescription: "\u{1f600}"\nlimits: { files: 64 }`, 'p.yaml')
  t.match(source.locate('limits.files'), { file: 'p.yaml', line: 5, column: 18 })
  t.match(parseSource('{"\u{1f600}": 1, "a": 2}', 'p.json').locate('a'), { line: 1, column: 15 })
  t.end()
})

t.test('a location has the line before it and a marker as long as the token', (t) => {
  const source = parseSource(`${head}limits:\n  processes: 1234\n`, 'p.yaml')
  t.equal(source.locate('limits.processes').frame, '  3 | limits:\n> 4 |   processes: 1234\n    |              ^^^^')
  t.equal(source.locate('limits').frame, '  2 | name: test\n> 3 | limits:\n    | ^^^^^^')
  t.equal(source.locate('version').frame, '> 1 | version: 1\n    |          ^')
  t.end()
})

t.test('a frame of a long line shows the part around the marker', (t) => {
  const items = Array.from({ length: 4000 }, (_, index) => `"/a${index}"`).join(',')
  const { frame } = parseSource(`{"filesystem":{"read":[${items}]}}`, 'p.json').locate('filesystem.read[2000]')
  t.match(frame, '"/a2000"')
  t.ok(frame.split('\n').every((line) => line.length < 120))
  const [shown = '', marker = ''] = frame.split('\n')
  t.equal(shown.slice(marker.indexOf('^'), marker.lastIndexOf('^') + 1), '"/a2000"')
  t.end()
})

t.test('a frame repeats no control character to the terminal', (t) => {
  const text = message(() => parseSource(`${head}description: "\u001b[2J"\n`, 'p.yaml'))
  t.match(text, 'the text holds the unprintable character U+001B')
  t.notMatch(text, '\u001b')
  t.end()
})

t.test('JSON is read as it is', (t) => {
  const value = { version: 1, name: 'test', list: ['a', 1.5, true, false, null, { k: 'é\\"' }], empty: [[], {}] }
  t.strictSame(toPlain(parseSource(JSON.stringify(value), 'p.json').root), value)
  t.strictSame(toPlain(parseSource(JSON.stringify(value, null, 2), 'p.json').root), value)
  t.end()
})

t.test('scalars are those of the YAML 1.2 core schema', (t) => {
  const root = parseSource('a: yes\nb: no\nc: 012:30\nd: 2001-01-01\ne: 1_000\nf: ~\ng: true\nh: -5\n', 'p.yaml').root
  t.strictSame(toPlain(root), { a: 'yes', b: 'no', c: '012:30', d: '2001-01-01', e: '1_000', f: null, g: true, h: -5 })
  t.end()
})

for (const [claim, wrong, right, says] of [
  ['no text', '', head, 'p.yaml:1:1: the policy is empty\n  fix: begin with "version: 1"'],
  ['only a comment', '# nothing\n', `# a\n${head}`, 'p.yaml:1:1: the policy is empty'],
  ['an explicit nothing', '~\n', head, 'p.yaml:1:1: the policy is empty'],
  ['a second document', `${head}---\nversion: 1\n`, `---\n${head}`, 'p.yaml:3:1: a second document begins here'],
  ['a directive', `%YAML 1.2\n---\n${head}`, `---\n${head}`, 'p.yaml:1:1: the directive "%YAML 1.2" is not allowed'],
  [
    'a tag directive',
    `%TAG ! tag:a,b:\n---\n${head}`,
    `---\n${head}`,
    'p.yaml:1:1: the directive "%TAG ! tag:a,b:" is not allowed',
  ],
  ['a NUL byte', `${head}# \0\n`, `${head}# 0\n`, 'p.yaml:3:3: the text holds a NUL byte'],
  [
    'a lone carriage return',
    `version: 1\rname: test\n`,
    'version: 1\r\nname: test\r\n',
    'p.yaml:1:11: the text holds a carriage return',
  ],
  [
    'a next-line character',
    `${head}# \u0085\n`,
    `${head}# \u00e5\n`,
    'p.yaml:3:3: the text holds the unprintable character U+0085',
  ],
  [
    'a bidirectional override in a comment',
    `${head}# \u202e\n`,
    `${head}# \u2026\n`,
    'p.yaml:3:3: the text holds the unprintable character U+202E',
  ],
  [
    'a byte order mark inside',
    `${head}\ufeff`,
    `\ufeff${head}`,
    'p.yaml:3:1: the text holds the unprintable character U+FEFF',
  ],
  [
    'half a surrogate pair',
    `${head}# \ud83d\n`,
    `${head}# \ud83d\ude00\n`,
    'p.yaml:3:3: the text holds the unprintable character U+D83D',
  ],
  ['a bracket that is not closed', `${head}filesystem: [\n`, `${head}filesystem: {}\n`, 'p.yaml:4:1: not YAML: '],
  ['a tab for indentation', `${head}limits:\n\tfiles: 64\n`, `${head}limits:\n  files: 64\n`, 'p.yaml:4:1: not YAML: '],
  ['a number for a key', '1: a\n', '"1": a\n', 'p.yaml:1:1: a key must be text'],
  ['a list for a key', '? [a]\n: b\n', '? a\n: b\n', 'p.yaml:1:3: a key must be text'],
  ['a key twice', 'a: 1\n"a": 2\n', 'a: 1\n"A": 2\n', 'p.yaml:2:1: a: the key "a" is already given on line 1'],
  ['an anchor that nobody uses', 'a: &b 1\n', 'a: 1\n', 'p.yaml:1:7: a: the anchor &b is not allowed'],
  ['an anchor on a key', '&b a: 1\n', 'a: 1\n', 'p.yaml:1:4: the anchor &b is not allowed'],
  ['a tag of our own', 'a: !secret b\n', 'a: "!secret b"\n', 'p.yaml:1:12: a: the tag "!secret" is not allowed'],
  ['a number in octal', 'a: 0o17\n', 'a: 15\n', 'p.yaml:1:4: a: the number 0o17 can be read in two ways'],
  ['a number with a sign', 'a: +5\n', 'a: -5\n', 'p.yaml:1:4: a: the number +5 can be read in two ways'],
  ['infinity', 'a: .inf\n', 'a: inf\n', 'p.yaml:1:4: a: the number .inf can be read in two ways'],
] as const) {
  t.test(`text is refused: ${claim}`, (t) => {
    const told = message(() => parseSource(wrong, 'p.yaml'))
    t.equal(told.slice(0, says.length), says)
    t.doesNotThrow(() => parseSource(right, 'p.yaml'), 'control')
    t.end()
  })
}

t.test('bytes that are not UTF-8 are refused where they begin', (t) => {
  const whole = new TextEncoder().encode(`${head}# aé\n`)
  t.doesNotThrow(() => parseSource(whole, 'p.yaml'), 'control')
  for (const [claim, bytes, place] of [
    ['a lone continuation byte', [0x80], '3:1'],
    ['an overlong slash', [0x23, 0xc0, 0xaf], '3:2'],
    ['a surrogate', [0x23, 0x20, 0xed, 0xa0, 0x80], '3:3'],
    ['a character cut off', [0x23, 0xc3, 0xa9, 0xe2, 0x82], '3:3'],
    ['UTF-16', [0xff, 0xfe], '3:1'],
  ] as const) {
    const text = message(() => parseSource(Uint8Array.from([...new TextEncoder().encode(head), ...bytes]), 'p.yaml'))
    t.match(text, `p.yaml:${place}: the text is not valid UTF-8`, claim)
  }
  t.end()
})

t.test('a policy is at most 1 MiB, in bytes', (t) => {
  const large = 'p.yaml:1:1: the policy is larger than 1 MiB'
  t.doesNotThrow(() => parseSource(ofSize(policyBytesMax), 'p.yaml'))
  t.match(
    message(() => parseSource(ofSize(policyBytesMax + 1), 'p.yaml')),
    large,
  )
  t.match(
    message(() => parseSource(new TextEncoder().encode(ofSize(policyBytesMax + 1)), 'p.yaml')),
    large,
  )
  t.match(
    message(() => parseSource(`${head}#${'é'.repeat(policyBytesMax / 2)}`, 'p.yaml')),
    large,
  )
  t.end()
})

t.test('values nest 32 levels deep and no deeper, however that is written', (t) => {
  const spellings: readonly (readonly [string, (depth: number) => string])[] = [
    ['flow lists', (depth) => '['.repeat(depth) + ']'.repeat(depth)],
    ['flow maps', (depth) => `${'{ a: '.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`],
    ['block maps', (depth) => Array.from({ length: depth }, (_, index) => `${' '.repeat(index)}a:\n`).join('')],
    ['block lists', (depth) => `${'- '.repeat(depth)}a\n`],
    ['pairs in lists', (depth) => `${'[a: '.repeat(depth / 2)}1${']'.repeat(depth / 2)}`],
  ]
  for (const [claim, spell] of spellings) {
    t.doesNotThrow(() => parseSource(spell(32), 'p.yaml'), claim)
    const deep = claim === 'pairs in lists' ? 34 : 33
    t.match(
      message(() => parseSource(spell(deep), 'p.yaml')),
      'the policy is nested deeper than 32 levels',
      claim,
    )
  }
  t.end()
})

t.test('bombs of a mebibyte are refused before they cost much', (t) => {
  const units = [
    '[',
    '{"a":',
    '- ',
    '? ',
    'a,',
    '"',
    ' ',
    '#\n',
    ':',
    '-',
    '! ',
    '&a ',
    '*a ',
    '%\n',
    '}',
    'a\n ',
    '---\n',
    '|\n',
  ]
  for (const text of [
    ...units.map(filled),
    `a:${filled('\n').slice(2)}`,
    Array.from({ length: 60_000 }, (_, index) => `k${index}: 1\n`).join(''),
    `["${filled('a","').slice(6)}"]`,
    `{"version":1,"name":"a","filesystem":{"read":[${Array.from({ length: 20_000 }, (_, index) => `"k${index}"`).join()}]}}`,
  ]) {
    const before = process.cpuUsage()
    t.type(problemOf(text), PolicyError, JSON.stringify(text.slice(0, 20)))
    const { user } = process.cpuUsage(before)
    // One takes about half a second; without its limit each of these is many times that.
    t.ok(user < 5_000_000, `${Math.round(user / 1000)} ms`)
  }
  t.end()
})

t.test('of thousands of problems the first fifty are told, and how many more there are', (t) => {
  const text = `${head}filesystem:\n  read:\n${Array.from({ length: 1000 }, (_, index) => `    - a${index}\n`).join('')}`
  const error = problemOf(text)
  t.equal(error?.problems.length, 51)
  t.match(error?.problems.at(-1), { message: 'and 950 more problems' })
  t.end()
})

for (const [host, kind] of [
  ['192.0.2.1', 'ipv4'],
  ['255.255.255.255', 'ipv4'],
  ['0.0.0.0', 'ipv4'],
  ['example.com', 'name'],
  ['a', 'name'],
  ['xn--bcher-kva.example', 'name'],
  ['r3---sn-x.example', 'name'],
  ['1.2.3.4.example', 'name'],
  ['0x7f.example', 'name'],
  [`${'a'.repeat(63)}.example`, 'name'],
  [`${'a.'.repeat(126)}a`, 'name'],
  ['localhost.example', 'name'],
  ['2001:db8::1', 'ipv6'],
  ['::1', 'ipv6'],
  ['::', 'ipv6'],
  ['2001:db8:1:2:3:4:5:6', 'ipv6'],
  ['64:ff9b::c000:201', 'ipv6'],
  ['*.a.example', 'wildcard'],
  ['*.xn--bcher-kva.example', 'wildcard'],
  [`*.${'a.'.repeat(125)}a`, 'wildcard'],
] as const) {
  t.equal(parseHost(host).kind, kind, `a host: ${host.slice(0, 40)}`)
}

for (const [host, refused] of [
  ['', 'is empty'],
  ['127.1', 'is not an IPv4 address'],
  ['0x7f.1', 'is not an IPv4 address'],
  ['0x7f000001', 'is not an IPv4 address'],
  ['2130706433', 'is not an IPv4 address'],
  ['017700000001', 'is not an IPv4 address'],
  ['127.0.0.01', 'is not an IPv4 address'],
  ['0177.0.0.1', 'is not an IPv4 address'],
  ['256.0.0.1', 'is not an IPv4 address'],
  ['1.2.3', 'is not an IPv4 address'],
  ['1.2.3.4.5', 'is not an IPv4 address'],
  ['1.2.3.0x4', 'is not an IPv4 address'],
  ['example.0x', 'is not an IPv4 address'],
  ['[::1]', 'holds brackets'],
  ['::ffff:192.0.2.1', 'is an IPv4 address in IPv6 form'],
  ['::ffff:c000:201', 'is an IPv4 address in IPv6 form'],
  ['::FFFF:192.0.2.1', 'is an IPv4 address in IPv6 form'],
  ['0:0:0:0:0:ffff:192.0.2.1', 'is an IPv4 address in IPv6 form'],
  ['2001:DB8::1', 'is not the one spelling of this address'],
  ['2001:db8:0::1', 'is not the one spelling of this address'],
  ['2001:0db8::1', 'is not the one spelling of this address'],
  ['2001:db8::0:0:1', 'is not the one spelling of this address'],
  ['2001:db8::1:0:0:0:1', 'is not the one spelling of this address'],
  ['64:ff9b::192.0.2.1', 'is not the one spelling of this address'],
  ['::192.0.2.1', 'is not the one spelling of this address'],
  ['2001:db8::1::2', 'is not an IPv6 address'],
  ['2001:db8:1:2:3:4:5:6:7', 'is not an IPv6 address'],
  ['12345::1', 'is not an IPv6 address'],
  [':::', 'is not an IPv6 address'],
  ['g::1', 'is not an IPv6 address'],
  ['[2001:db8::1', 'is not an IPv6 address'],
  ['2001:db8::1]:443', 'is not an IPv6 address'],
  ['[2001:db8::1]:443', 'holds a port'],
  ['2001:db8::1%25eth0', 'holds a percent sign'],
  ['2001:db8::/32', 'is a range'],
  ['fe80::1%eth0', 'holds a percent sign'],
  ['a%00.example', 'holds a percent sign'],
  ['a\0.example', 'holds a space or a control character'],
  ['a.example\n', 'holds a space or a control character'],
  ['a example', 'holds a space or a control character'],
  ['a.example.', 'ends with a dot'],
  ['.', 'ends with a dot'],
  ['.a', 'has an empty label'],
  ['a..example', 'has an empty label'],
  ['-a.example', 'has the bad label "-a"'],
  ['a-.example', 'has the bad label "a-"'],
  [`${'a'.repeat(64)}.example`, `has the bad label "${'a'.repeat(64)}"`],
  ['xn--.example', 'has the bad label "xn--"'],
  [`${'a.'.repeat(126)}ab`, 'is longer than 253 bytes'],
  ['a_b.example', 'holds an underscore, which no host name has'],
  ['A.example', 'is not in lower case'],
  ['bücher.example', 'is not ASCII'],
  ['a\uff0eexample', 'is not ASCII'],
  ['\u212aa.example', 'is not ASCII'],
  ['*.example', 'is a wildcard over no host name of two labels or more'],
  ['*.*.a.example', 'is a wildcard over no host name of two labels or more'],
  ['*.192.0.2.1', 'is a wildcard over no host name of two labels or more'],
  ['*.2.1', 'is a wildcard over no host name of two labels or more'],
  ['*.2001:db8::1', 'is a wildcard over no host name of two labels or more'],
  ['*', 'is a wildcard in the wrong place'],
  ['*.', 'is a wildcard over no host name of two labels or more'],
  ['*a.example', 'is a wildcard in the wrong place'],
  ['a*.b.example', 'is a wildcard in the wrong place'],
  ['a.*.example', 'is a wildcard in the wrong place'],
  ['a.example.*', 'is a wildcard in the wrong place'],
  ['**.a.example', 'is a wildcard in the wrong place'],
  ['*.a.example.', 'ends with a dot'],
  ['*.localhost', 'is the sandbox itself'],
  ['*.a.localhost', 'is the sandbox itself'],
  [`*.${'a.'.repeat(125)}ab`, 'is longer than 253 bytes'],
  ['https://a.example', 'is a URL'],
  ['a.example:443', 'holds a port'],
  ['a.example/x', 'holds a path'],
  ['192.0.2.0/24', 'is a range'],
  ['user@a.example', 'holds a user name'],
  ['localhost', 'is the sandbox itself'],
  ['x.localhost', 'is the sandbox itself'],
  ['a;b', 'holds a character that no host name has'],
  ['a\\b', 'holds a character that no host name has'],
] as const) {
  t.match(parseHost(host), { kind: 'refused', refused }, `no host: ${JSON.stringify(host.slice(0, 40))}`)
}

t.test('a suggestion is near, and there is none when nothing is', (t) => {
  const keys = ['read', 'write', 'exec', 'deny', 'move', 'tmp']
  t.equal(nearest('raed', keys), 'read')
  t.equal(nearest('wirte', keys), 'write')
  t.equal(nearest('Read', keys), 'read')
  t.equal(nearest('exce', keys), 'exec')
  t.equal(nearest('mov', keys), 'move')
  t.equal(nearest('memory', keys), null)
  t.equal(nearest('t', keys), null)
  t.equal(nearest('read'.repeat(100), keys), null)
  t.end()
})

const fertile = new TextEncoder().encode(`version: 1
name: fertile
description: "a \\u00e9 b"
filesystem:
  read: [/usr, "\${CWD}/in"]
  write:
    - /srv/out
  tmp: 64M
network: { egress: [{ host: api.example.com, port: 443 }, { host: 192.0.2.1, port: 80 }], loopback: true }
syscalls:
  promises: [stdio, rpath]
  denied: kill
  rules:
    - { syscall: socket, when: "family == AF_VSOCK", action: { errno: ENOSYS } }
process:
  environment: { pass: [LANG], set: { A: "b" } }
  user: { uid: 1000, gid: 1000 }
  descriptors: { log: 3 }
limits: { wall: 30s, files: 64 }
unsafe:
  host-root: { reason: because }
`)

t.test('whatever is done to a policy, it is read or it is a PolicyError', (t) => {
  const random = generator(0x5eed)
  const before = process.cpuUsage()
  let read = 0
  for (let round = 0; round < 800; round += 1) {
    const text = mutate(fertile, random)
    try {
      loadPolicy('p.yaml', { read: () => text, realPath: () => '/p.yaml' }, new Map([['CWD', '/srv']]))
      read += 1
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      if (error.problems.some(({ line, column, message: text }) => line < 1 || column < 1 || text === ''))
        t.fail('no place')
    }
  }
  t.ok(read > 15, `${read} were read`)
  t.ok(read < 770, `${800 - read} were refused`)
  t.ok(process.cpuUsage(before).user < 30_000_000)
  t.end()
})

/** One to three small accidents: bytes changed, taken out, doubled, or put elsewhere. */
function mutate(source: Uint8Array, random: () => number): Uint8Array {
  const pick = (below: number) => Math.floor(random() * below)
  const signs = new TextEncoder().encode('[]{}:,-#&*!|>%@`"\'\\?\n\t \0~.0x_$/é')
  let bytes = Array.from(source)
  for (let count = pick(3) + 1; count > 0; count -= 1) {
    const at = pick(bytes.length)
    const length = pick(20)
    const piece = bytes.slice(at, at + length)
    const accident = pick(5)
    if (accident === 0) bytes[at] = pick(256)
    else if (accident === 1) bytes.splice(at, 1, signs[pick(signs.length)] ?? 0)
    else if (accident === 2) bytes.splice(at, length)
    else if (accident === 3) bytes.splice(at, 0, ...piece)
    else
      bytes = [
        ...bytes.slice(0, at),
        ...bytes.slice(at + length, at + 2 * length),
        ...piece,
        ...bytes.slice(at + 2 * length),
      ]
  }
  return Uint8Array.from(bytes)
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A good policy of so many bytes. */
function ofSize(size: number): string {
  return `${head}#${'x'.repeat(size - head.length - 1)}`
}

/** As much of one thing as fits into a policy. */
function filled(unit: string): string {
  return unit.repeat(Math.floor(policyBytesMax / unit.length))
}

function problemOf(text: string): PolicyError | null {
  try {
    loadPolicy('p.yaml', { read: () => new TextEncoder().encode(text), realPath: () => '/p.yaml' }, new Map())
  } catch (error) {
    if (error instanceof PolicyError) return error
    throw error
  }
  return null
}

function message(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof PolicyError) return error.message
    throw error
  }
  return 'nothing thrown'
}

t.test('a variable that is not quoted in a flow list gets its own advice', (t) => {
  const advised = (text: string): readonly (string | undefined)[] => {
    const { findings } = readSource(`version: 1\n${text}\n`, 'p.yaml')
    return findings.map(({ fix }) => fix)
  }
  t.same(advised('read: [${CWD}, /usr]').slice(0, 1), ['quote what holds a variable: "${CWD}"'])
  t.same(advised('read: [a b: c: d, }').slice(0, 1), [undefined], 'another syntax error does not')
  t.end()
})

t.test('files: a profile is called a profile, with a fix that fits', (t) => {
  const wrong = ['', 'null', ofSize(policyBytesMax + 1), `[${'1,'.repeat(60_000)}]`, '[]\n---\n[]\n', '['.repeat(100)]
  for (const text of wrong) {
    const told = message(() => parseSource(text, 'p.json', profileWords))
    t.match(told, /profile|one document|second document/)
    t.notMatch(told, /policy|version|director/)
    t.match(
      message(() => parseSource(text, 'p.yaml')),
      /policy/,
      'control: a policy',
    )
  }
  t.end()
})
