import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { PolicyError } from '../core/errors.js'
import { packageRoot } from '../core/package-root.js'
import { describeMerged } from './describe.js'
import { loadPolicy, parsePolicyObject, type LoadedPolicy } from './load.js'
import { variablesOf, type Variables } from './variables.js'

const variables: Variables = new Map([
  ['CWD', '/home/user/project'],
  ['HOME', '/home/user'],
  ['UID', '1000'],
  ['CACHE_DIRECTORY', '/var/cache/app'],
  ['LOGS_DIRECTORY', '/var/log/a:/var/log/b'],
  ['RUNTIME_DIRECTORY', 'run/app'],
  ['CONFIGURATION_DIRECTORY', '/etc/a\nb'],
  ['CREDENTIALS_DIRECTORY', '/run/../x'],
])

const golden = readFileSync(join(packageRoot(), 'src/policy/refused.golden'), 'utf8')
const entries = golden.split('\n### ').slice(1)
t.ok(entries.length > 100, 'the list of refused policies is read')
for (const entry of entries) {
  const [, claim = '', wrong = '', right = '', told] =
    /^(.*)\n([^]*)\n--- accepted\n([^]*)\n--- told\n([^]*)\n$/.exec(entry) ?? []
  t.test(`refused: ${claim}`, (t) => {
    t.equal(complaints(() => load({ 'p.yaml': complete(wrong) })).join('\n'), told)
    t.doesNotThrow(() => load({ 'p.yaml': complete(right) }), `control: ${right}`)
    t.end()
  })
}

t.test('a path fits into PATH_MAX with its closing NUL', (t) => {
  t.match(complaints(() => load({ 'p.yaml': longPath(4096) }))[0], /\.\.\." is longer than 4095 bytes$/)
  t.doesNotThrow(() => load({ 'p.yaml': longPath(4095) }))
  t.end()
})

t.test('all errors come at once, in the order of the text, with the lines around them', (t) => {
  const wrong = complete(
    'filesystem:\n  read: [usr]\nlimits:\n  files: 64\n  wal: 30s\nnetwork: { egress: [{ port: 0 }] }',
  )
  t.equal(
    message(() => load({ 'p.yaml': wrong })),
    [
      'p.yaml:4:10: filesystem.read[0]: "usr" is relative',
      '  fix: begin it with "/" or with a variable such as ${CWD}',
      '  3 | filesystem:',
      '> 4 |   read: [usr]',
      '    |          ^^^',
      'p.yaml:7:3: limits.wal: unknown key "wal", did you mean "wall"?',
      '  6 |   files: 64',
      '> 7 |   wal: 30s',
      '    |   ^^^',
      'p.yaml:8:21: network.egress[0].host: is missing, expected a host name or an IP address',
      '  7 |   wal: 30s',
      '> 8 | network: { egress: [{ port: 0 }] }',
      '    |                     ^',
      'p.yaml:8:29: network.egress[0].port: must be between 1 and 65535, found the number 0',
      '  7 |   wal: 30s',
      '> 8 | network: { egress: [{ port: 0 }] }',
      '    |                             ^',
    ].join('\n'),
  )
  t.end()
})

t.test('a policy without sections grants nothing', (t) => {
  t.strictSame(load({ 'p.yaml': complete('') }).policy, {
    version: 1,
    name: 'test',
    filesystem: { read: [], write: [], exec: [], deny: [], move: [] },
    network: {
      egress: [],
      via: 'relay',
      dns: 'hosts',
      listen: [],
      loopback: false,
      connections: 1024,
      idle: 3_600_000,
    },
    syscalls: { promises: [], denied: 'EPERM', otherwise: 'denied' },
    process: { environment: { pass: [], set: {} }, descriptors: {} },
    service: { notify: false, sockets: [] },
    limits: {},
    unsafe: {},
  })
  t.end()
})

t.test('an empty list says the same as an absent one', (t) => {
  const empty = 'filesystem: { read: [], write: [], exec: [], deny: [], move: [] }\nnetwork: { egress: [] }\n'
  const both = [load({ 'p.yaml': complete(empty) }), load({ 'p.yaml': complete('') })]
  t.strictSame(both[0]?.policy, both[1]?.policy)
  t.end()
})

t.test('sizes are bytes, durations are milliseconds, variables are replaced', (t) => {
  const { policy } = load({
    'p.yaml': complete(
      [
        'filesystem: { write: ["${CWD}/out", "/run/user/${UID}"], tmp: 64M }',
        'limits: { wall: 500ms, cpu: 2m, file-size: 1G, stack: 512K, memory: 64M, pids: 9, cpus: 0.25 }',
        'process: { environment: { set: { WHERE: "in ${HOME}, ${UID}" } }, directory: "${CWD}" }',
      ].join('\n'),
    ),
  })
  t.strictSame(policy.filesystem.write, ['/home/user/project/out', '/run/user/1000'])
  t.equal(policy.filesystem.tmp, 67_108_864n)
  t.strictSame(policy.limits, {
    wall: 500,
    cpu: 120_000,
    'file-size': 1_073_741_824n,
    stack: 524_288n,
    memory: 67_108_864n,
    pids: 9,
    cpus: 0.25,
  })
  t.strictSame(policy.process.environment.set, { WHERE: 'in /home/user, 1000' })
  t.equal(policy.process.directory, '/home/user/project')
  t.end()
})

t.test('a variable whose value is the root directory leaves one slash', (t) => {
  const files = {
    read: () => bytes(complete('filesystem: { read: ["${CWD}/etc", "${CWD}"] }')),
    realPath: () => '/p.yaml',
  }
  t.strictSame(loadPolicy('p.yaml', files, new Map([['CWD', '/']])).policy.filesystem.read, ['/etc', '/'])
  t.end()
})

t.test('what a value holds is not expanded again', (t) => {
  const files = { read: () => bytes(complete('filesystem: { read: ["${CWD}"] }')), realPath: () => '/p.yaml' }
  t.strictSame(loadPolicy('p.yaml', files, new Map([['CWD', '/a/${HOME}/*']])).policy.filesystem.read, ['/a/${HOME}/*'])
  t.end()
})

t.test('variables come from the caller and from the directories that systemd names, and from nothing else', (t) => {
  const environment = new Map([
    ['STATE_DIRECTORY', '/var/lib/app'],
    ['HOME', '/elsewhere'],
    ['UID', '0'],
    ['SECRET', 'x'],
  ])
  t.strictSame(
    [...variablesOf({ uid: 1000, home: '/home/user', directory: '/srv' }, environment)],
    [
      ['CWD', '/srv'],
      ['HOME', '/home/user'],
      ['UID', '1000'],
      ['STATE_DIRECTORY', '/var/lib/app'],
    ],
  )
  t.end()
})

const family = {
  'p.yaml': complete(
    'extends: [base/a.yaml, base/b.yaml]\nfilesystem: { read: [/p, /lib], tmp: 3M }\nsyscalls: { promises: [exec] }',
  ),
  'base/a.yaml': 'version: 1\nname: a\nextends: first.yaml\nfilesystem: { read: [/a], tmp: 2M }\n',
  'base/b.yaml': 'version: 1\nname: b\nextends: first.yaml\nfilesystem: { read: [] }\nlimits: { files: 64 }\n',
  'base/first.yaml':
    'version: 1\nname: first\nfilesystem: { read: [/lib], exec: [/bin/sh], tmp: 1M }\nsyscalls: { promises: [exec] }\nlimits: { files: 50, processes: 6 }\n',
}

t.test('extends: bases come first, lists add up, single values are replaced, each file counts once', (t) => {
  const { policy, sources } = load(family)
  t.equal(policy.name, 'test')
  t.strictSame(policy.filesystem.read, ['/lib', '/a', '/p'])
  t.equal(policy.filesystem.tmp, 3n << 20n)
  t.strictSame(policy.limits, { files: 64, processes: 6 })
  t.strictSame(sources, ['/base/first.yaml', '/base/a.yaml', '/base/b.yaml', '/p.yaml'])
  t.notOk('extends' in policy)
  t.end()
})

t.test('extends: a file that many extend is read once, and no more than 64 are read', (t) => {
  const read: string[] = []
  const files = (levels: number, width: number) => ({
    read(file: string) {
      read.push(file)
      const level = Number(/^\/(\d)/.exec(file)?.[1] ?? -1) + 1
      const bases = Array.from({ length: width }, (_, index) => `${level}-${index}.yaml`)
      return bytes(complete(level === levels ? '' : `extends: [${bases.join(', ')}]`))
    },
    realPath: (file: string) => file,
  })
  t.equal(loadPolicy('/p.yaml', files(5, 4), variables).sources.length, 21)
  t.equal(read.length, 21)
  const told = complaints(() => loadPolicy('/p.yaml', files(5, 16), variables))
  t.match(told[0], /^\/\d-\d+\.yaml:3:\d+: extends\[\d+\]: ".*" is one file too many: 64 are allowed$/)
  t.end()
})

t.test('an exec grant can be used by the promise, or by the call where the policy names it', (t) => {
  const grant = 'filesystem: { exec: [/bin/sh] }\nsyscalls: '
  for (const right of [
    '{ promises: [exec] }',
    '{ allow: [execve] }',
    '{ allow: [execveat] }',
    '{ rules: [{ syscall: execve, action: allow }] }',
    '{ rules: [{ syscall: execve, action: log }] }',
  ]) {
    t.doesNotThrow(() => load({ 'p.yaml': complete(grant + right) }), right)
  }
  for (const wrong of ['{}', '{ allow: [open] }', '{ rules: [{ syscall: execve, action: kill_process }] }']) {
    const told = 'p.yaml:3:15: filesystem.exec: grants programs that no promise lets anyone use'
    t.equal(complaints(() => load({ 'p.yaml': complete(grant + wrong) }))[0], told, wrong)
  }
  t.end()
})

t.test('extends: every value remembers its file, line and column', (t) => {
  const { provenance, place } = load(family)
  t.strictSame(provenance.get('filesystem.read[0]'), { file: 'base/first.yaml', line: 3, column: 22 })
  t.strictSame(provenance.get('filesystem.read[1]'), { file: 'base/a.yaml', line: 4, column: 22 })
  t.strictSame(provenance.get('filesystem.read[2]'), { file: 'p.yaml', line: 4, column: 22 })
  t.strictSame(provenance.get('limits.processes'), { file: 'base/first.yaml', line: 5, column: 33 })
  const problem = place({ key: 'filesystem.read[1]', message: 'there is nothing at /a' })
  t.match(problem, { file: 'base/a.yaml', line: 4, column: 22, message: 'there is nothing at /a' })
  t.match(problem.frame, '> 4 | filesystem: { read: [/a], tmp: 2M }')
  t.end()
})

t.test('the place of an absent key is the nearest map around it', (t) => {
  const { place } = load(family)
  const at = (key: string) => {
    const { file, line, column } = place({ key, message: '' })
    return `${file}:${line}:${column}`
  }
  t.equal(at('limits.wall'), 'base/first.yaml:5:1')
  t.equal(at('filesystem.read[9]'), 'base/first.yaml:3:15')
  t.equal(at('process.user'), 'p.yaml:1:1')
  t.equal(at(''), 'p.yaml:1:1')
  t.end()
})

t.test('problems of layers become one error in the order of the text', (t) => {
  const loaded = load({ 'p.yaml': complete('filesystem: { read: [/a] }\nlimits: { files: 64 }') })
  const error = loaded.error([
    { key: 'limits.files', message: 'second' },
    { key: 'filesystem.read[0]', message: 'first' },
  ])
  t.strictSame(
    error.problems.map((problem) => problem.message),
    ['first', 'second'],
  )
  t.end()
})

t.test('extends: errors of all files come at once, each in its own file', (t) => {
  const says = complaints(() =>
    load({
      'p.yaml': complete('extends: [a.yaml, b.yaml, absent.yaml]\nlimits: { files: 0 }'),
      'a.yaml': 'version: 1\nname: a\nfilesystem: { tmp: 0M }\n',
      'b.yaml': 'version: 1\nname: [\n',
    }),
  )
  t.match(says[0], /^a\.yaml:3:20: filesystem\.tmp: "0M" is not a size/)
  t.match(says[2], /^b\.yaml:3:1: not YAML: /)
  t.equal(says.at(-2), 'p.yaml:3:27: extends[2]: "absent.yaml" cannot be read: ENOENT')
  t.equal(says.at(-1), 'p.yaml:4:18: limits.files: must be between 16 and 1048576, found the number 0')
  t.end()
})

t.test('extends: a value that the child replaces must be right all the same', (t) => {
  t.match(complaints(() => load(replacing('lots')))[0], 'a.yaml:3:20: filesystem.tmp: "lots" is not a size')
  t.equal(load(replacing('2M')).policy.filesystem.tmp, 1n << 20n)
  t.end()
})

t.test('extends: a cycle is refused with the files that make it', (t) => {
  t.strictSame(
    complaints(() => load(circle('extends: a.yaml\n'))),
    ['b.yaml:3:10: extends: "a.yaml" extends itself: a.yaml -> b.yaml -> a.yaml'],
  )
  t.doesNotThrow(() => load(circle('')), 'control: the same files without the last link')
  t.end()
})

t.test('extends: eight bases deep and no deeper', (t) => {
  t.equal(load(chain(8)).sources.length, 9)
  t.strictSame(
    complaints(() => load(chain(9))),
    ['8.yaml:3:10: extends: "9.yaml" is more than 8 bases away'],
  )
  t.end()
})

t.test('extends: a base is looked for beside the real file, whatever symlink named it', (t) => {
  const content: Readonly<Record<string, string>> = {
    '/opt/real/p.yaml': complete('extends: base.yaml'),
    '/opt/real/base.yaml': 'version: 1\nname: right\nlimits: { files: 64 }\n',
    '/etc/link/base.yaml': 'version: 1\nname: wrong\nlimits: { files: 65 }\n',
  }
  const files = { read: (file: string) => bytes(content[throughLink(file)] ?? ''), realPath: throughLink }
  const loaded = loadPolicy('/etc/link/p.yaml', files, variables)
  t.equal(loaded.policy.limits.files, 64)
  t.strictSame(loaded.sources, ['/opt/real/base.yaml', '/opt/real/p.yaml'])
  t.end()
})

t.test('extends: every name that a file was read by is told, also of a file that is reached twice', (t) => {
  const content: Readonly<Record<string, string>> = {
    '/opt/real/p.yaml': complete('extends: [a.yaml, ../other/a.yaml, /etc/link/b.yaml]'),
    '/opt/real/a.yaml': 'version: 1\nname: a\n',
    '/opt/real/b.yaml': 'version: 1\nname: b\n',
  }
  const realPath = (file: string) => file.replace(/^\/etc\/(link|other)/, '/opt/real')
  const files = { read: (file: string) => bytes(content[realPath(file)] ?? ''), realPath }
  const loaded = loadPolicy('/etc/link/p.yaml', files, variables)
  t.strictSame(loaded.sources, ['/opt/real/a.yaml', '/opt/real/b.yaml', '/opt/real/p.yaml'])
  t.strictSame(loaded.names, ['/etc/link/p.yaml', '/etc/link/a.yaml', '/etc/other/a.yaml', '/etc/link/b.yaml'])
  t.end()
})

t.test('a file that cannot be read is an error without a frame', (t) => {
  t.equal(
    message(() => load({})),
    'p.yaml:1:1: the policy cannot be read: ENOENT',
  )
  t.end()
})

t.test('an error that is not of the file system is not taken for one', (t) => {
  const files = {
    read: () => {
      throw new RangeError('a bug')
    },
    realPath: () => '/p.yaml',
  }
  t.throws(() => loadPolicy('p.yaml', files, variables), { name: 'RangeError' })
  t.end()
})

t.test('the merged policy is described line by line, with the place of each', (t) => {
  t.equal(
    describeMerged(load(family)),
    `version: 1                                   # p.yaml:1:10
name: test                                   # p.yaml:2:7
filesystem:                                  # base/first.yaml:3:1
  read:                                      # base/first.yaml:3:15
    - /lib                                   # base/first.yaml:3:22
    - /a                                     # base/a.yaml:4:22
    - /p                                     # p.yaml:4:22
  exec:                                      # base/first.yaml:3:29
    - /bin/sh                                # base/first.yaml:3:36
  tmp: "3M"                                  # p.yaml:4:38
syscalls:                                    # base/first.yaml:4:1
  promises:                                  # base/first.yaml:4:13
    - exec                                   # base/first.yaml:4:24
limits:                                      # base/first.yaml:5:1
  files: 64                                  # base/b.yaml:5:18
  processes: 6                               # base/first.yaml:5:33
`,
  )
  t.end()
})

t.test('the description of a policy is a policy that says the same', (t) => {
  const rich = complete(
    [
      'description: "# a: b, \'c\' [d] {e}"',
      'filesystem: { read: ["/a b", "/#c", "/true", "${HOME}/é"], move: [] }',
      'network: { egress: [{ host: 192.0.2.1, port: 80 }, { host: a.example, port: 443 }], loopback: true }',
      'syscalls: { denied: kill, rules: [{ syscall: socket, when: "family == AF_VSOCK", action: { errno: ENOSYS } }] }',
      'process: { environment: { pass: [NO, Y], set: { YES: "no", EMPTY: "", N: "1" } }, descriptors: { on: 3 } }',
    ].join('\n'),
  )
  const loaded = load({ 'p.yaml': rich })
  t.strictSame(load({ 'p.yaml': describeMerged(loaded) }).policy, loaded.policy)
  t.end()
})

t.test('a policy can be given as an object', (t) => {
  const { policy, sources } = parsePolicyObject(
    { version: 1, name: 'test', limits: { files: 64, wall: undefined } },
    variables,
  )
  t.strictSame(policy, load({ 'p.yaml': complete('limits: { files: 64 }') }).policy)
  t.strictSame(sources, [])
  t.end()
})

const cyclic: Record<string, unknown> = { version: 1, name: 'test' }
cyclic['limits'] = cyclic
for (const [claim, value, says] of [
  [
    'extends',
    { version: 1, name: 'test', extends: 'a.yaml' },
    'policy.extends: cannot be used in a policy that is not a file',
  ],
  ['a function', { version: 1, name: () => 'test' }, 'policy.name: is not plain data (function)'],
  [
    'an instance of a class',
    { version: 1, name: 'test', limits: new Map() },
    'policy.limits: is not plain data (object)',
  ],
  ['a newline', { version: 1, name: 'test', description: 'a\nb' }, 'policy.description: holds a newline'],
  ['a NUL byte in a key', { version: 1, name: 'test', 'a\0': 1 }, 'policy: has a key that holds a NUL byte'],
  [
    'an unknown key',
    { version: 1, name: 'test', limit: {} },
    'policy.limit: unknown key "limit", did you mean "limits"?',
  ],
  ['no map', [], 'policy: expected a map of keys, found an empty list'],
  [
    'infinity',
    { version: 1, name: 'test', limits: { files: Infinity } },
    'policy.limits.files: expected a whole number, found the number Infinity',
  ],
  [
    'a list with the same twice',
    { version: 1, name: 'test', filesystem: { read: ['/usr', '/etc', '/usr'] } },
    'policy.filesystem.read[2]: is listed twice, first as [0]',
  ],
  [
    'what lies deep',
    { version: 1, name: 'test', network: { egress: [{ host: 'example.com', port: 0 }] } },
    'policy.network.egress[0].port: ',
  ],
  [
    'the prototype of all',
    JSON.parse('{"version":1,"name":"test","process":{"environment":{"set":{"__proto__":"x"}}}}'),
    'policy.process.environment.set: has the key "__proto__"',
  ],
  ['a circle', cyclic, 'policy.limits.limits'],
] as const) {
  t.test(`an object is refused for ${claim}`, (t) => {
    const lines = complaints(() => parsePolicyObject(value, variables))
    t.equal(lines[0]?.slice(0, says.length), says)
    t.end()
  })
}

function load(files: Readonly<Record<string, string>>): LoadedPolicy {
  const content = new Map(Object.entries(files))
  return loadPolicy(
    'p.yaml',
    {
      read: (file) => bytes(content.get(file) ?? ''),
      realPath(file) {
        if (!content.has(file) && file !== '.' && file !== 'base')
          throw Object.assign(new Error('absent'), { code: 'ENOENT' })
        return file === '.' ? '/' : `/${file}`
      },
    },
    variables,
  )
}

function longPath(length: number): string {
  return complete(`filesystem: { read: ["/${'a'.repeat(length - 1)}"] }`)
}

function replacing(tmp: string): Readonly<Record<string, string>> {
  return {
    'p.yaml': complete('extends: a.yaml\nfilesystem: { tmp: 1M }'),
    'a.yaml': `version: 1\nname: a\nfilesystem: { tmp: ${tmp} }\n`,
  }
}

function circle(last: string): Readonly<Record<string, string>> {
  return {
    'p.yaml': complete('extends: a.yaml'),
    'a.yaml': 'version: 1\nname: a\nextends: b.yaml\n',
    'b.yaml': `version: 1\nname: b\n${last}`,
  }
}

function chain(depth: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: depth + 1 }, (_, index) => [
      index === 0 ? 'p.yaml' : `${index}.yaml`,
      complete(index === depth ? '' : `extends: ${index + 1}.yaml`),
    ]),
  )
}

function throughLink(file: string): string {
  return file === '/etc/link/p.yaml' ? '/opt/real/p.yaml' : file
}

function complete(body: string): string {
  const lines = ['version: 1', 'name: test'].filter((line) => !body.startsWith(line.slice(0, 5)))
  return `${[...lines, body].join('\n')}\n`
}

/** What a person reads, without the lines of the text. */
function complaints(act: () => unknown): readonly string[] {
  return message(act)
    .split('\n')
    .filter((line) => !/^(?:>| ) *\d* \| ?/.test(line))
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

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
