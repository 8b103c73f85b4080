/** The programs that go into guests, built for their architecture on this machine. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { GuestArch } from '../matrix.js'
import { cached, digestOf } from './cache.js'
import { must } from './commands.js'

/** Where each program is; static unless it says otherwise. */
export interface Programs {
  readonly init: string
  readonly jobs: string
  /** Starts a program as some callers are. */
  readonly started: string
  /** Kills the launcher at each of its calls of the kernel. */
  readonly killedAtEach: string
  /** Makes its calls on sockets directly. */
  readonly probe: string
  /** On i386 the C library makes socketcall(2) of them. */
  readonly probeByLibrary: string
  /** The probe as a program of the other table that the arch has; null: it has none. */
  readonly probeOfOther: string | null
  /** integration/promises/calls.c. */
  readonly calls: string
  readonly callsOfOther: string | null
  readonly launcher: string
  /** Linked as the launcher is. */
  readonly freestandingProbe: string
  /** Dynamic, as the guest's own programs are. */
  readonly resolver: string
  readonly addon: string
}

/** Prefixes of compilers' names, and what CMake calls the processor. */
interface Target {
  readonly prefix: string
  readonly processor: string
  /** For the 32-bit programs of a 64-bit kernel. */
  readonly other: string | null
}

const targets: Readonly<Record<GuestArch, Target>> = {
  x86_64: { prefix: 'x86_64-linux-gnu', processor: 'x86_64', other: 'i686-linux-gnu' },
  i386: { prefix: 'i686-linux-gnu', processor: 'i686', other: null },
  aarch64: { prefix: 'aarch64-linux-gnu', processor: 'aarch64', other: 'arm-linux-gnueabihf' },
}

// From build-test/vm-tests/host; C sources are not copied there.
const checkout = join(import.meta.dirname, '../../..')
const flags = ['-std=gnu17', '-O1', '-Wall', '-Wextra', '-Werror', '-static']
const guestSources = join(checkout, 'vm-tests/guest')
const callsSource = join(checkout, 'integration/promises/calls.c')
const probeSources = join(checkout, 'integration/probes')
const probeParts = ['probe', 'network', 'ways', 'routes', 'kernel', 'process', 'filesystem']

/** Builds what the cache does not have: a change of any source makes what is built from it anew. */
export function buildPrograms(arch: GuestArch): Programs {
  const { prefix, other } = targets[arch]
  const built = cached(`programs/native-${arch}-${digest(nativeSources())}`, (folder) => {
    const names = ['palisade-launcher', 'palisade-freestanding-probe', 'palisade-resolve', 'palisade']
    buildNative(arch, checkout, folder, names)
  })
  const guest = cached(`programs/guest-${arch}-${digest(filesIn(guestSources))}`, (folder) => {
    compile(prefix, join(folder, 'init'), [join(guestSources, 'init.c')])
    compile(prefix, join(folder, 'started'), [join(guestSources, 'started.c')])
    compile(prefix, join(folder, 'killed-at-each'), [join(guestSources, 'killed_at_each.c')])
    compile(
      prefix,
      join(folder, 'jobs'),
      ['jobs', 'run', 'servers', 'cgroups'].map((name) => join(guestSources, `${name}.c`)),
    )
  })
  const direct = join(guestSources, 'direct_sockets.c')
  const probe = cached(`programs/probe-${arch}-${digest([...filesIn(probeSources), direct])}`, (folder) => {
    const parts = probeParts.map((name) => join(probeSources, `${name}.c`))
    compile(prefix, join(folder, 'probe'), [...parts, direct])
    compile(prefix, join(folder, 'probe-by-library'), parts)
    if (other !== null) compile(other, join(folder, 'probe-of-other'), [...parts, direct])
  })
  const calls = cached(`programs/calls-${arch}-${digest([callsSource])}`, (folder) => {
    compile(prefix, join(folder, 'calls'), [callsSource])
    if (other !== null) compile(other, join(folder, 'calls-of-other'), [callsSource])
  })
  return {
    calls: join(calls, 'calls'),
    callsOfOther: other === null ? null : join(calls, 'calls-of-other'),
    init: join(guest, 'init'),
    jobs: join(guest, 'jobs'),
    started: join(guest, 'started'),
    killedAtEach: join(guest, 'killed-at-each'),
    probe: join(probe, 'probe'),
    probeByLibrary: join(probe, 'probe-by-library'),
    probeOfOther: other === null ? null : join(probe, 'probe-of-other'),
    launcher: join(built, 'palisade-launcher'),
    freestandingProbe: join(built, 'palisade-freestanding-probe'),
    resolver: join(built, 'palisade-resolve'),
    addon: join(built, 'palisade.node'),
  }
}

function compile(prefix: string, to: string, parts: readonly string[]): void {
  must(`${prefix}-gcc`, [...flags, '-o', to, ...parts])
}

/** A launcher and fuzzers of parts of it under sanitizers, and the C library that they need. */
interface Sanitized {
  readonly launcher: string
  readonly decodeFuzz: string
  /** Of what stands in place of libc. */
  readonly freestandingFuzz: string
  readonly libraries: readonly string[]
}

export function buildSanitized(arch: GuestArch): Sanitized {
  const names = ['palisade-launcher-sanitized', 'palisade-decode-fuzz', 'palisade-freestanding-fuzz']
  const built = cached(`programs/sanitized-${arch}-${digest(nativeSources())}`, (folder) => {
    buildNative(arch, checkout, folder, names, sanitizersInside)
  })
  const [launcher = '', decodeFuzz = '', freestandingFuzz = ''] = names.map((name) => join(built, name))
  const of = `/usr/${targets[arch].prefix}/lib`
  const libraries = readdirSync(of).filter((name) => /^(ld-linux\.so\.2|libc\.so\.6|libm\.so\.6)$/.test(name))
  return { launcher, decodeFuzz, freestandingFuzz, libraries: libraries.map((name) => join(of, name)) }
}

/** The compiler's own libraries, which no guest has. */
const sanitizersInside = [
  `-DCMAKE_EXE_LINKER_FLAGS=${['asan', 'ubsan', 'stdc++', 'gcc'].map((name) => `-static-lib${name}`).join(' ')}`,
]

/** Builds targets of a checkout's native code into `folder`, with the flags of the package's own build and `more`. */
export function buildNative(
  arch: GuestArch,
  sources: string,
  folder: string,
  names: readonly string[],
  more: readonly string[] = [],
): void {
  const { prefix, processor } = targets[arch]
  const tree = join(folder, 'build')
  mkdirSync(tree)
  const system = ['-DCMAKE_SYSTEM_NAME=Linux', `-DCMAKE_SYSTEM_PROCESSOR=${processor}`]
  const compilers = [`-DCMAKE_C_COMPILER=${prefix}-gcc`, `-DCMAKE_CXX_COMPILER=${prefix}-g++`]
  // What cmake-js would pass; the headers are the same for every arch.
  const headers = ['node-api-headers/include', 'node-addon-api'].map((name) => join(checkout, 'node_modules', name))
  must('cmake', ['-S', sources, '-B', tree, ...system, ...compilers, ...more, `-DCMAKE_JS_INC=${headers.join(';')}`])
  must('cmake', ['--build', tree, '--parallel', '2', '--target', ...names])
  for (const kind of ['Release', 'Sanitized', 'Probe'].map((one) => join(tree, one)).filter((one) => existsSync(one)))
    for (const file of readdirSync(kind)) must('cp', [join(kind, file), folder])
  rmSync(tree, { recursive: true })
}

function nativeSources(): readonly string[] {
  return [...filesIn(join(checkout, 'native')), join(checkout, 'CMakeLists.txt')]
}

function filesIn(folder: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
  return all.filter((one) => /\.(cc?|h)$/.test(one.name)).map((one) => join(one.parentPath, one.name))
}

function digest(files: readonly string[]): string {
  return digestOf(files.toSorted().flatMap((file) => [file.slice(checkout.length), readFileSync(file)]))
}
