/** The C compiler for each arch, with the kernel's headers and nothing of the machine's. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Arch } from '../../host/facts.js'
import type { Headers } from './headers.js'

/** In the order of the columns of constants.gen.ts. */
export const arches: readonly Arch[] = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64']

/** Debian's name of the folder with an arch's own headers; a target name for clang as well. */
const triplets: { readonly [A in Arch]: string } = {
  x86_64: 'x86_64-linux-gnu',
  i386: 'i386-linux-gnu',
  aarch64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf',
  riscv64: 'riscv64-linux-gnu',
}

export interface Compiler {
  /** The macros without parameters that are defined after the source: name and body. */
  readonly macros: (source: string) => ReadonlyMap<string, string>
  /** The source with all macros expanded. */
  readonly expand: (source: string) => string
  /** The values of those names that are constants after the source. */
  readonly evaluate: (source: string, names: readonly string[]) => ReadonlyMap<string, bigint>
}

/** Uses clang 19, which compiles for every arch of ours. */
export function compilerFor(arch: Arch, headers: Headers): Compiler {
  const compile = (words: readonly string[], source: string): Compiled => runClang(arch, headers, words, source)
  const checked = (words: readonly string[], source: string): string => {
    const { status, stdout, stderr } = compile(words, source)
    if (status !== 0) throw new Error(`clang for ${arch}: ${stderr.slice(0, 2000)}`)
    return stdout
  }
  return {
    macros: (source) => {
      const lines = checked(['-E', '-dM'], source).matchAll(/^#define (\w+) (.+)$/gm)
      return new Map([...lines].map(([, name = '', body = '']) => [name, body]))
    },
    expand: (source) => checked(['-E', '-P'], source),
    evaluate: (source, names) => {
      const constant = withoutErrors(source, names, compile)
      const text = checked(['-S', '-emit-llvm', '-o', '-'], definitions(source, constant))
      const found = text.matchAll(/^@value_(\w+) = .*constant i64 (-?\d+)/gm)
      return new Map([...found].map(([, name = '', value = '']) => [name, BigInt(value)]))
    },
  }
}

interface Compiled {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Linux's headers for sockets include this one of libc. */
const socketHeader = `#include <linux/socket.h>
typedef __kernel_sa_family_t sa_family_t;
struct sockaddr { sa_family_t sa_family; char sa_data[14]; };
`

function runClang(arch: Arch, { uapi }: Headers, words: readonly string[], source: string): Compiled {
  const stubs = mkdtempSync(join(tmpdir(), 'palisade-headers-'))
  try {
    mkdirSync(join(stubs, 'sys'))
    writeFileSync(join(stubs, 'sys/socket.h'), socketHeader)
    const folders = [stubs, compilersOwn(), join(uapi, triplets[arch]), uapi].flatMap((path) => ['-isystem', path])
    const target = [`--target=${triplets[arch]}`, '-nostdinc', ...folders, '-w', '-ferror-limit=0', '-x', 'c']
    const options = { input: source, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 60_000 } as const
    const result = spawnSync('clang-19', [...target, ...words, '-'], options)
    if (result.error !== undefined) throw result.error
    return result
  } finally {
    rmSync(stubs, { recursive: true })
  }
}

/** stddef.h and its kin, which belong to the compiler. */
function compilersOwn(): string {
  return join(execFileSync('clang-19', ['-print-resource-dir'], { encoding: 'utf8' }).trim(), 'include')
}

function definitions(source: string, names: readonly string[]): string {
  return source + names.map((name) => `const long long value_${name} = (long long)(${name});\n`).join('')
}

/** Macros that are types, strings or functions are no constants: the compiler tells which, by line. */
function withoutErrors(
  source: string,
  names: readonly string[],
  compile: (words: readonly string[], source: string) => Compiled,
): readonly string[] {
  const before = source.split('\n').length - 1
  const { status, stderr } = compile(['-fsyntax-only'], definitions(source, names))
  if (status === 0) return names
  const lines = [...stderr.matchAll(/^<stdin>:(\d+):\d+: (?:fatal )?error/gm)].map(([, line]) => Number(line))
  const wrong = new Set(lines.map((line) => line - before - 1))
  const left = names.filter((_, index) => !wrong.has(index))
  if (left.length === names.length) throw new Error(`an error outside of the constants: ${stderr.slice(0, 2000)}`)
  return withoutErrors(source, left, compile)
}
