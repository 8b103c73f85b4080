/** The C prototypes of the kernel's functions behind the calls. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Headers } from './headers.js'

export interface Parameter {
  readonly type: string
  /** null: the prototype has the type only. */
  readonly name: string | null
}

const files = [
  'include/linux/syscalls.h',
  'include/asm-generic/syscalls.h',
  'arch/x86/include/asm/syscalls.h',
  'arch/arm/include/asm/syscalls.h',
  'arch/riscv/include/asm/syscall.h',
]

/** By name of the function, as `sys_openat`; several where they depend on how a kernel is configured. */
export function prototypesOf(headers: Headers): ReadonlyMap<string, readonly (readonly Parameter[])[]> {
  const found = files.flatMap((file) => prototypesIn(readFileSync(join(headers.kernel, file), 'utf8')))
  return found.reduce(
    (map, [name, parameters]) => map.set(name, [...(map.get(name) ?? []), parameters]),
    new Map<string, readonly (readonly Parameter[])[]>(),
  )
}

function prototypesIn(text: string): readonly (readonly [string, readonly Parameter[]])[] {
  const plain = text.replaceAll(/\/\*[\s\S]*?\*\//g, ' ').replaceAll(/\/\/.*/g, '')
  const matches = plain.matchAll(/^(?:asmlinkage )?long (sys_\w+)\(([^;#{}]*)\);/gm)
  return [...matches].map(([, name = '', list = '']) => [name, parametersOf(list)] as const)
}

/** The parameters of a prototype: `unsigned int fd, char __user *buf`. */
export function parametersOf(list: string): readonly Parameter[] {
  const parts = list.split(',').map((part) => part.replaceAll(/\s+/g, ' ').trim())
  return parts.filter((part) => part !== 'void' && part !== '').map(parameterOf)
}

/** Words that end a type: what follows a type without one of them is a name. */
const typeWord =
  /^(int|long|short|char|unsigned|signed|struct|const|__user|__force|enum|\w+_t|[su](8|16|32|64)|__[su](8|16|32|64)|qid_t)$/

function parameterOf(text: string): Parameter {
  const [, type = '', name = ''] = /^(.*?)(\w+)(?:\[\w*\])?$/.exec(text) ?? []
  const words = type.replaceAll('*', ' ').trim().split(' ')
  const isName = type.trim() !== '' && !typeWord.test(name) && !['struct', 'enum'].includes(words.at(-1) ?? '')
  const pointer = text.endsWith(']') ? ' *' : ''
  return isName ? { type: type.trim() + pointer, name } : { type: text, name: null }
}
