import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { must, run, searchPath, type Outcome } from '../world/process.js'
import { seedsOf } from './seeds.js'

// From build-test/integration/fuzz.
const checkout = join(import.meta.dirname, '../../..')
const built = join(checkout, 'build/Fuzz')

/** The libFuzzer targets: native/fuzz/fuzz_NAME.cc. */
export const targets = ['client_hello', 'dns_message', 'notice'] as const
export type Target = (typeof targets)[number]

/** Inputs that are kept, one for each path through the target that was found. */
export function corpusOf(target: Target): string {
  return join(checkout, 'native/fuzz/corpus', target)
}

// libFuzzer is clang's alone, so this is no target of CMakeLists.txt, where one compiler builds everything.
const compiler = ['clang++-19', '-std=c++20', '-O2', '-g', '-fno-omit-frame-pointer', `-I${join(checkout, 'native')}`]
const warnings = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Wno-sign-conversion', '-Werror']
const sanitizers = ['-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all']
const parsers = ['host_name', 'hello_records', 'client_hello', 'dns_query', 'dns_message'].map(
  (name) => `relay/${name}`,
)
const oracles = ['plain_hello', 'plain_names']

/** Compiles a target; `run` and `merge` start what this leaves. */
export async function build(target: Target): Promise<void> {
  await mkdir(built, { recursive: true })
  const sources = [
    ...[`fuzz_${target}`, ...oracles].map((name) => join(checkout, 'native/fuzz', `${name}.cc`)),
    ...[...parsers, 'launcher/notice'].map((name) => join(checkout, 'native', `${name}.cc`)),
  ]
  await must([...compiler, ...warnings, ...sanitizers, ...sources, '-o', join(built, target)])
}

export interface FuzzOptions {
  /** How long: so many inputs, or so many seconds. */
  readonly limit: { readonly runs: number } | { readonly seconds: number }
  /** The same seed and corpus give the same inputs; 0 takes a new one each time. */
  readonly seed: number
  /** Where new inputs go, and the one that fails. */
  readonly directory: string
}

/** Runs a target from the kept inputs and from `seedsOf`; what libFuzzer says is in `stderr`, and `code` is 0 if no property failed. */
export async function fuzz(target: Target, { limit, seed, directory }: FuzzOptions): Promise<Outcome> {
  for (const [index, seed] of seedsOf(target).entries()) await writeFile(join(directory, `seed-${index}`), seed)
  const bound = 'runs' in limit ? `-runs=${limit.runs}` : `-max_total_time=${limit.seconds}`
  const flags = [bound, `-seed=${seed}`, `-artifact_prefix=${directory}/`, '-print_final_stats=1', '-timeout=60']
  const timeoutMs = 'runs' in limit ? 600_000 + limit.runs : (limit.seconds + 600) * 1000
  const argv = [join(built, target), ...flags, directory, corpusOf(target)]
  // Freed memory is kept from use, but not so much of it that fresh pages are what the time goes into.
  const env = { PATH: searchPath, ASAN_OPTIONS: 'quarantine_size_mb=8' }
  return run(argv, { env, timeoutMs, directory })
}

/**
 * Fills the empty directory `to` with as few of these inputs as reach every edge of the target. How often an edge is
 * taken does not count (-use_counters): that would keep five times as many.
 */
export async function merge(target: Target, to: string, from: readonly string[]): Promise<void> {
  await must([join(built, target), '-set_cover_merge=1', '-use_counters=0', to, ...from], { directory: to })
}
