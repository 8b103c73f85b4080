import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PromiseName } from '../../src/layers/seccomp/promises.js'
import { must, searchPath } from '../world/process.js'

/** One act of a program of one runtime (the words of programs/acts.*). */
export interface Run {
  readonly runtime: string
  readonly act: string
  readonly command: readonly string[]
  /** All that it needs. */
  readonly needs: readonly PromiseName[]
  /** Those of `needs` that no earlier act of the runtime had: without any one of them this act fails. */
  readonly own: readonly PromiseName[]
}

interface Runtime {
  readonly name: string
  readonly command: readonly string[]
  /** What `hello` needs. */
  readonly base: readonly PromiseName[]
  /** What the other acts need beyond `base`, or all that they need where they can do without some of it. */
  readonly acts: Readonly<Record<string, Needs>>
  /** Needs that another runtime in the list stands for. */
  readonly shown?: readonly PromiseName[]
}

type Needs = readonly PromiseName[] | { readonly all: readonly PromiseName[] }

/** Builds the programs into `directory` and lists what they are to do. */
export async function buildRuntimes(directory: string, goCache: string): Promise<readonly Run[]> {
  const at = (name: string): string => join(directory, name)
  await mkdir(directory)
  const flags = ['-O1', '-Wall', '-Wextra', '-Werror', '-pthread', join(sources, 'acts.c'), '-o']
  await must(['cc', ...flags, at('glibc')])
  await must(['cc', '-static', ...flags, at('glibc-static')])
  await must(['musl-gcc', '-static', ...flags, at('musl')])
  await must(['i686-linux-gnu-gcc', ...flags, at('i386')])
  await must(['i686-linux-gnu-gcc', '-static', ...flags, at('i386-static')])
  const go = { PATH: searchPath, HOME: directory, GOCACHE: goCache, CGO_ENABLED: '0', GO111MODULE: 'off' }
  await must(['go', 'build', '-o', at('go'), join(sources, 'acts.go')], { env: go })
  await must([join(java, 'javac'), '-d', directory, join(sources, 'Acts.java')])
  for (const name of ['acts.py', 'acts.mjs']) await copyFile(join(sources, name), at(name))
  return [...cPrograms(at), ...otherRuntimes(at)].flatMap(runsOf)
}

function runsOf({ name, command, base, acts, shown = [] }: Runtime): readonly Run[] {
  const seen = new Set<PromiseName>(shown)
  return [['hello', []] as const, ...Object.entries(acts)].map(([act, needs]): Run => {
    const all = 'all' in needs ? needs.all : [...base, ...needs]
    const own = all.filter((promise) => !seen.has(promise))
    for (const promise of own) seen.add(promise)
    return { runtime: name, act, command: [...command, act], needs: all, own }
  })
}

function cPrograms(at: (name: string) => string): readonly Runtime[] {
  const acts = {
    computes: [],
    threads: ['threads'],
    forks: ['proc'],
    spawns: ['proc', 'exec'],
    files: ['rpath', 'wpath', 'cpath'],
    code: ['prot_exec'],
  } as const
  const base = ['stdio'] as const
  const sockets = { sockets: ['inet'] } as const
  return [
    { name: 'glibc 2.36', command: [at('glibc')], base, acts: { ...acts, ...sockets } },
    { name: 'glibc 2.36, static', command: [at('glibc-static')], base, acts: { ...acts, ...sockets } },
    { name: 'musl, static', command: [at('musl')], base, acts: { ...acts, ...sockets } },
    // Its socket(3) makes a socketcall(2): runtimes.test.ts.
    { name: 'i386 glibc 2.36', command: [at('i386')], base, acts: { ...acts, direct: ['inet'] } },
    { name: 'i386 glibc 2.36, static', command: [at('i386-static')], base, acts: { ...acts, direct: ['inet'] } },
  ]
}

function otherRuntimes(at: (name: string) => string): readonly Runtime[] {
  const jvm = join(java, 'java')
  return [
    {
      name: 'Go 1.19',
      command: [at('go')],
      base: ['stdio', 'threads'],
      acts: {
        threads: [],
        // What may make processes may make threads.
        spawns: { all: ['stdio', 'proc', 'exec'] },
        sockets: ['inet'],
        files: ['rpath', 'wpath', 'cpath'],
      },
    },
    {
      name: 'Python 3.11',
      command: ['/usr/bin/python3', at('acts.py')],
      base: ['stdio', 'rpath'],
      acts: { threads: ['threads'], spawns: ['proc', 'exec'], sockets: ['inet'], files: ['wpath', 'cpath'] },
    },
    {
      name: 'Node 20',
      command: [process.execPath, at('acts.mjs')],
      base: ['stdio', 'threads', 'prot_exec'],
      acts: {
        threads: [],
        spawns: { all: ['stdio', 'prot_exec', 'proc', 'exec'] },
        sockets: ['inet'],
        files: ['rpath', 'wpath', 'cpath'],
      },
    },
    {
      // It opens /proc/self/coredump_filter for writing, and asks nscd (AF_UNIX) for the name of its user.
      name: 'JVM 17',
      command: [jvm, '-XX:-UsePerfData', '-cp', at('.'), 'Acts'],
      base: ['stdio', 'threads', 'prot_exec', 'rpath', 'wpath', 'unix'],
      acts: {
        threads: [],
        spawns: { all: ['stdio', 'prot_exec', 'rpath', 'wpath', 'unix', 'proc', 'exec'] },
        sockets: ['inet'],
        // java.nio loads libnet, which tries whether there is IPv4 and IPv6.
        files: ['cpath', 'inet'],
      },
    },
    {
      // Its counters are a locked file in /tmp/hsperfdata_USER.
      name: 'JVM 17, as installed',
      command: [jvm, '-cp', at('.'), 'Acts'],
      base: ['stdio', 'threads', 'prot_exec', 'rpath', 'wpath', 'unix', 'cpath', 'flock'],
      shown: ['stdio', 'threads', 'prot_exec', 'rpath', 'wpath', 'unix'],
      acts: {},
    },
  ]
}

// By its path: another JVM may come first on PATH.
const java = '/usr/lib/jvm/java-17-openjdk-amd64/bin'
// The sources are not copied to the output folder: from build-test/integration/promises.
const sources = join(import.meta.dirname, '../../../integration/programs')
