/** The value of each constant on each arch, as the kernel has it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Arch } from '../../host/facts.js'
import type { Compiler } from './compiler.js'
import { archHeaders, isWanted, kernelHeaders, prctlHeader, programHeaders } from './constant-names.js'
import type { Headers } from './headers.js'

/** Names that libc or the kernel's own sources have for something: name and C expression. */
export type Aliases = ReadonlyMap<string, string>

/** Value by name on one arch. */
export function constantsOf(
  arch: Arch,
  compiler: Compiler,
  headers: Headers,
  aliases: Aliases,
): ReadonlyMap<string, bigint> {
  const isX86 = arch === 'x86_64' || arch === 'i386'
  const included = [...programHeaders, ...archHeaders, ...(isX86 ? [prctlHeader] : [])]
  const source = typeNames + included.map((header) => `#include <${header}>\n`).join('')
  const own = kernelHeaders.map(([header, names]) => piecesOf(join(headers.kernel, header), names))
  const names = new Set([...compiler.macros(source).keys(), ...enumerators(compiler.expand(source))].filter(isWanted))
  const pieces = own.flatMap((piece) => piece.lines)
  const added = [...own.flatMap((piece) => piece.names), ...aliases.keys(), ...errnosOf(compiler)]
  const defined = [...aliases].map(([name, expression]) => `#ifndef ${name}\n#define ${name} (${expression})\n#endif`)
  return compiler.evaluate([source, ...pieces, ...defined, ''].join('\n'), [...new Set([...names, ...added])])
}

/** Types that the headers leave to libc. 32-bit programs with a time_t of 64 bits pass other socket options. */
const typeNames = '#include <stddef.h>\ntypedef long time_t;\n'

/** The errors, of which the header has nothing but; the kernel's own name of a number before its other names. */
export function errnosOf(compiler: Compiler): readonly string[] {
  const errors = [...compiler.macros('#include <asm/errno.h>\n')].filter(([name]) => /^E[A-Z0-9]+$/.test(name))
  const [own, others] = [true, false].map((isNumber) => errors.filter(([, body]) => /^\d+$/.test(body) === isNumber))
  return [...(own ?? []), ...(others ?? [])].map(([name]) => name)
}

interface Pieces {
  readonly lines: readonly string[]
  readonly names: readonly string[]
}

/** The kernel's own headers do not compile alone: single definitions are taken out of them. */
function piecesOf(path: string, wanted: RegExp): Pieces {
  const text = readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
  const macros = [...text.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+([^\n]*[^\\\n])$/gm)]
  const found = macros.filter(([, name = '']) => wanted.test(name))
  const enums = enumBodies(text).filter((body) => enumeratorsIn(body).some((name) => wanted.test(name)))
  return {
    lines: [
      ...enums.map((body) => `enum {${body}};`),
      ...found.map(([, name = '', value = '']) => `#undef ${name}\n#define ${name} ${value}`),
    ],
    names: [...found.map(([, name = '']) => name), ...enums.flatMap(enumeratorsIn).filter((name) => wanted.test(name))],
  }
}

function enumerators(text: string): readonly string[] {
  return enumBodies(text).flatMap(enumeratorsIn)
}

function enumBodies(text: string): readonly string[] {
  return [...text.matchAll(/\benum\s*\w*\s*\{([^{}]*)\}/g)].map(([, body = '']) => body)
}

function enumeratorsIn(body: string): readonly string[] {
  return body.split(',').flatMap((part) => /^\s*(\w+)/.exec(part)?.[1] ?? [])
}
