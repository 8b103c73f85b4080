/** Which function of the kernel answers a call, by its name. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Arch } from '../../host/facts.js'
import type { Headers } from './headers.js'
import type { Values } from './values.js'

/** null: nobody does, the number is only taken. */
export type Entries = ReadonlyMap<string, string | null>

/**
 * The tables of x86 are in the headers that its build makes. The other arches name their functions alike: 64-bit ones
 * by the generic table, and ARM, of which no table is packaged, as i386 does.
 */
export function entriesOf(headers: Headers, arch: Arch, numbers: Values['numbers']): Entries {
  switch (arch) {
    case 'x86_64':
      return x86Entries(headers, 'syscalls_64.h', numbers.x86_64)
    case 'i386':
    case 'arm':
      return x86Entries(headers, 'syscalls_32.h', numbers.i386)
    case 'aarch64':
    case 'riscv64':
      return genericEntries(headers)
  }
}

function x86Entries({ generated }: Headers, file: string, numbers: ReadonlyMap<string, number>): Entries {
  const text = readFileSync(join(generated, 'asm', file), 'utf8')
  const lines = text.matchAll(/^__SYSCALL\w*\((\d+), (sys_\w+)/gm)
  const functions = new Map([...lines].map(([, number, name = '']) => [Number(number), name]))
  return new Map([...numbers].map(([name, number]) => [name, entryOf(functions.get(number) ?? 'sys_ni_syscall')]))
}

/** `__SC_3264(__NR3264_mmap, sys_mmap2, sys_mmap)`: the second function is that of 64 bits. */
function genericEntries({ uapi }: Headers): Entries {
  const text = readFileSync(join(uapi, 'asm-generic/unistd.h'), 'utf8').replaceAll('\\\n', ' ')
  const named = [...text.matchAll(/^#define __NR_(\w+) __NR3264_(\w+)$/gm)]
  // Those of 64 bits come first in the file.
  const names = new Map(named.map(([, name = '', of = '']) => [of, name] as const).toReversed())
  const lines = text.matchAll(/^__(SYSCALL|SC_\w+)\(__NR(3264)?_(\w+),\s*(sys_\w+)(?:,\s*(sys_\w+))?/gm)
  return new Map(
    [...lines].map(([, macro = '', is3264, name = '', first = '', second = '']) => [
      is3264 === undefined ? name : (names.get(name) ?? name),
      entryOf(macro.endsWith('3264') ? second : first),
    ]),
  )
}

/** i386's wrappers put two halves together that the function behind them takes as one argument. */
function entryOf(name: string): string | null {
  return name === 'sys_ni_syscall' ? null : name.replace('sys_ia32_', 'sys_')
}
