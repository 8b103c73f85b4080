import {
  closeSync,
  chmodSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { canUnshareUser, loadAddon } from '../launch/addon.js'
import { HostError } from '../core/errors.js'
import { packageRoot } from '../core/package-root.js'
import { isWithin } from '../core/path.js'
import { hostFiles } from './files.js'
import { findCommand } from './find-command.js'
import { interpreterOf } from './interpreters.js'
import { ownPaths } from './own-paths.js'
import { namedCgroup, ownCgroup, ownPath } from './cgroup.js'
import { parseLimits } from './limits.js'
import { lookUp } from './paths.js'
import { archOf, probe } from './probe.js'
import { parseKernelMounts } from './mounts.js'
import { parseUsers } from './users.js'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'palisade-host-')))
t.teardown(() => rmSync(root, { recursive: true }))

interface Elf {
  readonly interpreter: string
  readonly class?: 1 | 2
  readonly encoding?: number
  readonly patch?: (file: Buffer) => void
}

/** The smallest ELF file that names a loader: a header, one PT_INTERP, the path. */
function elf({ interpreter, class: size = 2, encoding = 1, patch }: Elf): Buffer {
  const [header, entry] = size === 2 ? [64, 56] : [52, 32]
  const file = Buffer.alloc(header + entry)
  file.write('\x7fELF', 'latin1')
  file[4] = size
  file[5] = encoding
  const word = (value: number, at: number) => {
    if (size === 2) file.writeBigUInt64LE(BigInt(value), at)
    else file.writeUInt32LE(value, at)
  }
  word(header, size === 2 ? 32 : 28)
  file.writeUInt16LE(entry, size === 2 ? 54 : 42)
  file.writeUInt16LE(1, size === 2 ? 56 : 44)
  file.writeUInt32LE(3, header)
  word(header + entry, header + (size === 2 ? 8 : 4))
  word(interpreter.length, header + (size === 2 ? 32 : 16))
  patch?.(file)
  return Buffer.concat([file, Buffer.from(interpreter)])
}

function read(file: Buffer): string | null {
  return interpreterOf((offset, length) => file.subarray(offset, offset + length))
}

t.test('interpreters: the loader of an ELF file of either class, and the interpreter of a script', (t) => {
  t.equal(read(elf({ interpreter: '/lib64/ld.so\0' })), '/lib64/ld.so')
  t.equal(read(elf({ interpreter: '/lib/ld.so\0', class: 1 })), '/lib/ld.so')
  for (const [line, interpreter] of [
    ['#!/bin/sh\n', '/bin/sh'],
    ['#! \t /usr/bin/env python3\n', '/usr/bin/env'],
    ['#!/bin/sh', '/bin/sh'],
    ['#!\n/bin/sh', null],
    ['#!', null],
    ['# !/bin/sh\n', null],
    ['', null],
  ] as const) {
    t.equal(read(Buffer.from(line)), interpreter, JSON.stringify(line))
  }
  t.end()
})

t.test('interpreters: a hostile ELF file names nothing, and reads nothing beyond bounds', (t) => {
  const lies: Readonly<Record<string, Elf>> = {
    'big-endian': { interpreter: '/ld\0', encoding: 2 },
    'no closing NUL': { interpreter: '/ld' },
    'an empty path': { interpreter: '\0' },
    'a path of 4 GiB': { interpreter: '/ld\0', patch: (file) => file.writeBigUInt64LE(1n << 32n, 64 + 32) },
    'a path at 2^63': { interpreter: '/ld\0', patch: (file) => file.writeBigUInt64LE(1n << 63n, 64 + 8) },
    'a path beyond the end': { interpreter: '/ld\0', patch: (file) => file.writeBigUInt64LE(9999n, 64 + 8) },
    'a table at 2^63': { interpreter: '/ld\0', patch: (file) => file.writeBigUInt64LE(1n << 63n, 32) },
    'entries of no size': { interpreter: '/ld\0', patch: (file) => file.writeUInt16LE(0, 54) },
    'no entry': { interpreter: '/ld\0', patch: (file) => file.writeUInt16LE(0, 56) },
  }
  for (const [lie, made] of Object.entries(lies)) {
    const file = elf(made)
    const bounded = (offset: number, length: number) => {
      t.ok(offset <= 2 ** 40 && length <= 65_536, `${lie}: ${length} bytes at ${offset}`)
      return file.subarray(offset, offset + length)
    }
    t.equal(interpreterOf(bounded), null, lie)
  }
  const whole = elf({ interpreter: '/ld\0' })
  for (let length = 0; length < whole.length; length += 1) t.equal(read(whole.subarray(0, length)), null)
  t.equal(read(whole), '/ld', 'control')
  t.end()
})

t.test('look-up: every symlink on the way is noted, and the real path has none', (t) => {
  mkdirSync(join(root, 'real/deep'), { recursive: true })
  writeFileSync(join(root, 'real/deep/file'), '')
  symlinkSync('real', join(root, 'relative'))
  symlinkSync(join(root, 'relative/deep'), join(root, 'absolute'))
  symlinkSync('../real/deep/file', join(root, 'real/up'))
  const found = lookUp(`${root}/absolute/../up`, '', hostFiles)
  t.equal(found.facts?.real, `${root}/real/deep/file`)
  t.equal(found.facts?.kind, 'file')
  t.same([...found.symlinks.keys()], [`${root}/absolute`, `${root}/relative`, `${root}/real/up`])
  t.equal(found.facts?.real, realpathSync(`${root}/real/up`), 'control: the kernel agrees')
  t.end()
})

t.test('look-up: absent, below a file, in a loop', (t) => {
  writeFileSync(join(root, 'plain'), '')
  symlinkSync('loop', join(root, 'loop'))
  symlinkSync('nowhere', join(root, 'dangling'))
  t.equal(lookUp(`${root}/nowhere`, '', hostFiles).facts, null)
  t.equal(lookUp(`${root}/plain/below`, '', hostFiles).facts, null)
  const dangling = lookUp(`${root}/dangling`, '', hostFiles)
  t.equal(dangling.facts, null)
  t.same([...dangling.symlinks], [[`${root}/dangling`, 'nowhere']])
  t.throws(() => lookUp(`${root}/loop`, 'filesystem.read[3]', hostFiles), {
    name: 'HostError',
    key: 'filesystem.read[3]',
    found: 'ELOOP',
  })
  t.equal(lookUp(`${root}/plain`, '', hostFiles).facts?.kind, 'file', 'control')
  t.equal(lookUp('/', '', hostFiles).facts?.real, '/')
  t.equal(lookUp('/dev/null', '', hostFiles).facts?.kind, 'device')
  t.end()
})

t.test('look-up: a socket and a fifo are not files', async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve))
  t.equal(lookUp(`${root}/socket`, '', hostFiles).facts?.kind, 'socket')
  await new Promise((resolve) => server.close(resolve))
})

t.test('command: along PATH only absolute entries count, and the status is that of a shell', (t) => {
  const bin = join(root, 'bin')
  mkdirSync(join(bin, 'folder'), { recursive: true })
  writeFileSync(join(bin, 'tool'), '#!/bin/sh\n')
  chmodSync(join(bin, 'tool'), 0o755)
  writeFileSync(join(bin, 'data'), '')
  chmodSync(join(bin, 'data'), 0o644)
  t.equal(findCommand('tool', `/nowhere:${bin}/`, '/', hostFiles), `${bin}/tool`)
  t.equal(findCommand('./bin/tool', '', root, hostFiles), `${root}/./bin/tool`)
  for (const [name, path, status] of [
    ['tool', ':.:bin', 127],
    // Read from the root this would be the program.
    ['tool', bin.slice(1), 127],
    ['data', bin, 126],
    ['folder', bin, 126],
    ['./data', '', 126],
    ['./none', '', 127],
    ['', bin, 127],
    ['to\0ol', bin, 127],
  ] as const) {
    t.throws(
      () => findCommand(name, path, bin, hostFiles),
      { name: 'CommandError', status },
      JSON.stringify([name, path]),
    )
  }
  t.end()
})

t.test('users: malformed lines are passed over, and the first of a name counts', (t) => {
  const text =
    'root:x:0:0:r:/:/b\nmail:x:8:12::/:\nroot:x:5:5::/:\nx:x:-1:0::/:\ny:x:4294967295:0::/:\nz:x:010:0::/:\n:x:1:1\nshort\n'
  t.same(
    [...parseUsers(text)],
    [
      ['root', { uid: 0, gid: 0 }],
      ['mail', { uid: 8, gid: 12 }],
    ],
  )
  t.end()
})

t.test('arch: the machine that uname(2) names, or an error', (t) => {
  t.same(['x86_64', 'i686', 'aarch64', 'armv7l', 'riscv64'].map(archOf), [
    'x86_64',
    'i386',
    'aarch64',
    'arm',
    'riscv64',
  ])
  t.throws(() => archOf('sparc64'), { name: 'HostError', found: 'sparc64' })
  t.end()
})

t.test(
  'own paths: the whole package, so that nothing nearer can be put into it, Node, and the name of the start',
  (t) => {
    const own = ownPaths(hostFiles, process.argv[1])
    for (const path of ['', 'build', 'package.json', 'node_modules/yaml', 'node_modules/yaml/node_modules/yaml']) {
      t.ok(isOwn(own, join(packageRoot(), path)), path)
    }
    t.ok(own.includes(process.execPath))
    t.ok(own.includes(process.argv[1] ?? 'none'))
    t.ok(isOwn(own, import.meta.filename), 'this file')
    t.notOk(isOwn(own, join(packageRoot(), '../other')), 'control: not the directory around it')
    t.end()
  },
)

t.test('own paths: the names by which Node would be found before the one that is, and no later ones', (t) => {
  const tools = join(root, 'tools')
  for (const name of ['none', 'has', 'later']) mkdirSync(join(tools, name), { recursive: true })
  writeFileSync(join(tools, 'has/node'), '')
  writeFileSync(join(tools, 'later/node'), '')
  const path = process.env['PATH']
  process.env['PATH'] = `${tools}/none:relative::${tools}/has:${tools}/later`
  const own = ownPaths(hostFiles, undefined)
  process.env['PATH'] = path
  t.same(
    own.filter((name) => name.startsWith(tools)),
    [`${tools}/none/node`, `${tools}/has/node`],
  )
  t.end()
})

t.test('own paths: every node_modules that Node looks into, and where the links in it lead', (t) => {
  const project = join(root, 'project')
  const palisade = join(project, 'packages/node_modules/palisade')
  const store = join(root, 'store/yaml')
  makePackage(palisade, ['yaml', '@scope/one', 'cmake-js', 'nowhere'])
  makePackage(join(project, 'node_modules/@scope/one'), ['two'])
  makePackage(join(project, 'node_modules/two'), [])
  makePackage(store, [])
  symlinkSync(store, join(project, 'packages/node_modules/yaml'))
  const own = ownPaths(hostFiles, join(project, 'node_modules/.bin/sandbox-exec'), palisade)
  for (const path of [
    'packages/node_modules/palisade/node_modules/yaml/index.js',
    'packages/node_modules/yaml.js',
    'packages/node_modules/@scope/one',
    'node_modules/two.js',
    'node_modules/@scope/node_modules/two',
    'node_modules/.bin/sandbox-exec',
  ]) {
    t.ok(isOwn(own, join(project, path)), path)
  }
  t.ok(own.includes(join(project, 'packages/node_modules/yaml')), 'the link itself')
  t.ok(isOwn(own, store), 'and where it leads')
  t.ok(own.includes(join(root, 'node_modules')), 'where a package that is nowhere would be found')
  t.notOk(isOwn(own, join(project, 'src')), 'control: not the project around them')
  t.notOk(own.includes(join(project, 'packages')), 'control')
  t.end()
})

function isOwn(own: readonly string[], path: string): boolean {
  return own.some((each) => isWithin(path, each))
}

function makePackage(directory: string, dependencies: readonly string[]): void {
  mkdirSync(directory, { recursive: true })
  const listed = Object.fromEntries(dependencies.map((name) => [name, '1']))
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ dependencies: listed }))
}

t.test('probe: follows interpreters of programs, and loops of scripts end', async (t) => {
  const [one, two] = [join(root, 'one'), join(root, 'two')]
  writeFileSync(one, `#!${two}\n`)
  writeFileSync(two, `#!${one}\n`)
  chmodSync(one, 0o755)
  chmodSync(two, 0o755)
  const kernel = { landlockAbi: () => ({ abi: 3, errata: 1 }), userNamespaceError: () => 1, describeSocket: () => null }
  const questions = {
    paths: new Map([[`${root}/missing`, 'filesystem.read[0]']]),
    programs: new Map([[one, 'command']]),
    places: new Map(),
    names: new Map([['localhost', 'network.egress[0].host']]),
    passed: false,
  }
  const facts = await probe(questions, kernel, hostFiles)
  t.same(facts.paths.get(one)?.interpreters, [two])
  t.same(facts.paths.get(two)?.interpreters, [one])
  t.equal(facts.paths.get(`${root}/missing`), null)
  t.same(facts.landlock, { abi: 3, errata: 1 })
  t.same(facts.userNamespaces, { refused: 'EPERM' })
  t.same(facts.names.get('localhost'), ['127.0.0.1'])
})

t.test('addon: a plan descriptor holds the plan, at its start, and nobody can change it', (t) => {
  const addon = loadAddon()
  const fd = addon.makePlanDescriptor(Buffer.from('plan'))
  const bytes = Buffer.alloc(8)
  t.equal(readSync(fd, bytes), 4)
  t.equal(bytes.toString('latin1', 0, 4), 'plan')
  t.throws(() => writeSync(fd, 'x'), { code: 'EPERM' })
  t.equal(fstatSync(fd).size, 4)
  const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? ''
  t.equal(Number.parseInt(flags, 8) & 0o2000000, 0o2000000, 'close-on-exec')
  closeSync(fd)
  t.end()
})

t.test('addon: an execve that fails is an error with its errno, and Node goes on', (t) => {
  t.throws(() => loadAddon().execLauncher('/no/such/launcher', ['x'], Buffer.from('plan'), []), {
    name: 'Error',
    syscall: 'execve',
    errno: 2,
  })
  t.throws(() => loadAddon().execLauncher('/bin/true', ['x'], Buffer.from('plan'), [9999]), {
    name: 'Error',
    syscall: 'fcntl',
    errno: 9,
  })
  t.end()
})

t.test('addon: the kernel answers for its Landlock and for user namespaces', (t) => {
  const addon = loadAddon()
  const { abi, errata } = addon.landlockAbi()
  t.ok(Number.isInteger(abi) && abi >= 0 && Number.isInteger(errata) && errata >= 0, `ABI ${abi}, errata ${errata}`)
  t.match(canUnshareUser(addon), /^(|E[A-Z]+)$/)
  t.end()
})

t.test("mounts of the kernel's own state are known by their type, under the name they have", (t) => {
  const mountinfo = [
    '21 1 254:0 / / rw,relatime - ext4 /dev/root rw',
    '22 21 0:20 / /proc rw,relatime shared:5 - proc proc rw',
    '23 21 0:21 / /srv/a\\040chroot/proc rw - proc proc rw',
    '24 21 0:22 / /mnt/proc rw - tmpfs proc rw',
  ].join('\n')
  t.same(parseKernelMounts(Buffer.from(mountinfo)), ['/proc', '/srv/a chroot/proc'])
  t.end()
})

t.test('limits: the hard ones of proc_pid_limits(5), without those that are unlimited', (t) => {
  const text = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max cpu time              unlimited            30                   seconds   ',
    'Max file size             unlimited            unlimited            bytes     ',
    'Max open files            64                   256                  files     ',
    'Max realtime priority     0                    0                    ',
  ].join('\n')
  t.same(
    [...parseLimits(text)],
    [
      [0, 30n],
      [7, 256n],
    ],
  )
  t.ok(parseLimits(readFileSync('/proc/self/limits', 'utf8')).has(7), 'as this kernel writes them')
  t.end()
})

t.test('cgroup: the path in the hierarchy of version 2, if this process can see it', (t) => {
  t.equal(ownPath('0::/user.slice/a.scope\n'), '/user.slice/a.scope')
  t.equal(ownPath('12:memory:/a\n0::/\n'), '/')
  t.equal(ownPath('12:memory:/a\n1:name=systemd:/b\n'), null)
  t.equal(ownPath('0::/../other\n'), null, 'outside of its namespace')
  const facts = ownCgroup('this process')
  const seen = existsSync('/sys/fs/cgroup/cgroup.controllers')
  t.equal(facts.kind, seen ? 'v2' : 'none', 'as this host has it')
  t.end()
})

t.test('cgroup: one that is named is a directory of version 2, by its real path', (t) => {
  const root = t.testdir({ 'cgroup.controllers': 'memory' })
  for (const directory of [root, `${root}/none`, '/proc/self/status', '/sys/fs'])
    t.same(namedCgroup(directory), { kind: 'no cgroup', directory })
  const mounts = readFileSync('/proc/self/mounts', 'utf8').matchAll(/^\S+ (\S+) cgroup2 /gm)
  for (const [, place = ''] of mounts) {
    symlinkSync(place, `${root}/link`)
    const facts = namedCgroup(`${root}/link`)
    t.match(facts, { kind: 'named', directory: place, above: [] }, 'as this host has it')
    t.ok(facts.kind === 'named' && Array.isArray(facts.controllers))
    const file = `${place}/cgroup.procs`
    t.same(namedCgroup(file), { kind: 'no cgroup', directory: file }, 'a file of it is none')
    rmSync(`${root}/link`)
  }
  t.end()
})

t.test('probe: places are looked at only where a path leads around them or into them', async (t) => {
  const root = t.testdir({
    granted: { place: { file: '' } },
    other: { place: {} },
    link: t.fixture('symlink', 'granted'),
  })
  const kernel = { landlockAbi: () => ({ abi: 6, errata: 0 }), userNamespaceError: () => 0, describeSocket: () => null }
  const asked = [`${root}/granted/place`, `${root}/other/place`]
  const places = new Map(asked.map((path) => [path, 'filesystem']))
  const found = async (path: string): Promise<readonly string[]> => {
    const questions = {
      paths: new Map([[path, 'filesystem.read[0]']]),
      programs: new Map(),
      places,
      names: new Map(),
      passed: false,
    }
    const facts = await probe(questions, kernel, hostFiles)
    return asked.filter((one) => facts.paths.has(one))
  }
  t.strictSame(await found(`${root}/granted`), [asked[0]], 'around one')
  t.strictSame(await found(`${root}/link`), [asked[0]], 'around one, by another name')
  t.strictSame(await found(`${root}/granted/place/file`), [asked[0]], 'into one')
  t.strictSame(await found(root), asked, 'around both')
  t.strictSame(await found('/usr'), [], 'around none')
})

t.test('probe: a link that goes away between two looks is told as such', async (t) => {
  // The exe of a zombie (proc_pid_exe(5)) is a symlink to lstat(2), and gone to readlink(2).
  const parent = spawn('/bin/sh', ['-c', 'sh -c "echo \\$\\$" & exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.teardown(() => parent.kill('SIGKILL'))
  const said = await new Promise((resolve) => parent.stdout.once('data', resolve))
  const zombie = `/proc/${String(said).trim()}`
  while (!/^State:\s+Z/m.test(readFileSync(`${zombie}/status`, 'utf8'))) await nextTurn()
  const kernel = { landlockAbi: () => ({ abi: 6, errata: 0 }), userNamespaceError: () => 0, describeSocket: () => null }
  const none = { programs: new Map(), places: new Map(), names: new Map(), passed: false }
  const ask = (path: string) => probe({ ...none, paths: new Map([[path, 'filesystem.read[0]']]) }, kernel, hostFiles)
  const needed = `${zombie}/exe to stay as it is during a look at it`
  await t.rejects(ask(`${zombie}/exe`), new HostError('filesystem.read[0]', needed, 'ENOENT', 'run it again'))
  await t.resolves(ask(`${zombie}/status`), 'control')
})
