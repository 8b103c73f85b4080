import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Arch } from '../../src/host/facts.js'
import { no32Bit } from '../world/host-kernel.js'

/** The ways into the kernel: by which instruction, in what process, and whose table the numbers are of. */
export const entries = [
  { name: 'a 64-bit process', program: 'calls64', instruction: 'syscall', arch: 'x86_64' },
  { name: 'int 0x80 in a 64-bit process', program: 'calls64', instruction: 'int80', arch: 'i386' },
  { name: 'a 32-bit process', program: 'calls32', instruction: 'int80', arch: 'i386' },
] as const satisfies readonly { readonly [key: string]: string; readonly arch: Arch }[]

export type Entry = (typeof entries)[number]

/** Why the tests of an entry are skipped on this machine. */
export function skipOf({ instruction }: Entry): string | false {
  return instruction === 'int80' && no32Bit
}

export interface Caller extends Disposable {
  /** Makes the calls under the filter; calls.c says what lines go in and come out. */
  readonly make: (
    filter: Uint8Array,
    how: 'alone' | 'together',
    entry: Entry,
    lines: readonly string[],
    user?: 'nobody' | 'caller',
  ) => readonly string[]
}

/** Builds calls.c for both kinds of process in a folder that disposing removes. */
export function buildCaller(): Caller {
  const directory = mkdtempSync(join(tmpdir(), 'palisade-calls-'))
  const at = (name: string): string => join(directory, name)
  // The C sources are not copied to the output folder: tests run at the root of the project.
  const flags = ['-O1', '-Wall', '-Wextra', '-Werror', '-static', 'integration/promises/calls.c', '-o']
  execFileSync('cc', [...flags, at('calls64')], { timeout: 60_000 })
  execFileSync('i686-linux-gnu-gcc', [...flags, at('calls32')], { timeout: 60_000 })
  return {
    make: (filter, how, { program, instruction }, lines, user = 'nobody') => {
      if (lines.length === 0) return []
      writeFileSync(at('filter'), filter)
      const input = `${lines.join('\n')}\n`
      const options = { input, encoding: 'utf8', timeout: 60_000, maxBuffer: 2 ** 26 } as const
      return execFileSync(at(program), [at('filter'), how, instruction, user], options)
        .trimEnd()
        .split('\n')
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  }
}
