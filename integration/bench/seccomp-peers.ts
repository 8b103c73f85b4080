import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { returnValue } from '../../src/layers/seccomp/action.js'
import { assemble } from '../../src/layers/seccomp/code/assemble.js'
import { decodeProgram, field, opcode, type Instruction } from '../../src/layers/seccomp/code/bpf.js'
import { makeDecide } from '../../src/layers/seccomp/code/decide.js'
import { holdWord, makeNodes, type Node } from '../../src/layers/seccomp/code/diagram.js'
import { inWords } from '../../src/layers/seccomp/code/generate.js'
import { mergeRuns, type Run } from '../../src/layers/seccomp/code/search.js'
import type { TableMeaning } from '../../src/layers/seccomp/meaning.js'
import { syscallTable } from '../../src/layers/seccomp/tables.js'
import { must, searchPath } from '../world/process.js'
import { unpackDebianPackages } from './debian-package.js'
import type { Profile, ProfileTest } from './profile-meaning.js'

const environment = { env: { PATH: searchPath } }
const x86 = syscallTable('x86_64')

/** libseccomp's program, in its default order (1) or as a search tree (2). */
export async function libseccompFilter(profile: Profile, optimize: 1 | 2, directory: string): Promise<Uint8Array> {
  const tool = join(directory, 'libseccomp_filter')
  const source = join(import.meta.dirname, '../../../integration/oracle/libseccomp_filter.c')
  await must(['cc', '-O1', '-o', tool, source, '-lseccomp'], environment)
  const rules = rulesOf(profile).map(({ name, errno, tests }) => {
    const words = tests.map(({ argument, relation, value, masked }) => {
      const test = relation === 'MASKED_EQ' ? `masked ${masked} ${value}` : `${relation.toLowerCase()} ${value}`
      return ` ${argument} ${test}`
    })
    return `${errno === null ? 'rule' : `errno ${errno}`} ${x86.byName.get(name)?.number ?? name}${words.join('')}`
  })
  const lines = [`default ${profile.defaultErrno}`, 'arch x86_64', `optimize ${optimize}`, ...rules]
  const output = join(directory, `libseccomp-${optimize}`)
  await must(['sh', '-c', '"$0" >"$1"', tool, output], { ...environment, stdin: `${lines.join('\n')}\n` })
  return readFileSync(output)
}

/**
 * The program of minijail's compiler (compile_seccomp_policy, the search tree), which Debian has in sid. It knows no
 * errno as default: the policy says `trap`, and the returns are changed.
 */
export async function minijailFilter(profile: Profile, directory: string): Promise<Uint8Array> {
  const root = await unpackDebianPackages('sid', ['python3-minijail'], directory)
  const [policy, arch, output] = ['policy', 'arch.json', 'bpf'].map((name) => join(directory, `minijail-${name}`))
  if (policy === undefined || arch === undefined || output === undefined) return new Uint8Array()
  const byName = new Map<string, string[]>()
  for (const { name, errno, tests } of rulesOf(profile)) {
    const own = byName.get(name) ?? []
    byName.set(name, own)
    if (errno !== null) own.push(`${tests.map(minijailTest).join(' && ')}; return ${errno}`.replace(/^; /, ''))
    else own.push(tests.length === 0 ? '1' : tests.map(minijailTest).join(' && '))
  }
  const lines = [...byName].map(([name, own]) => `${name}: ${minijailAnswer(own)}`)
  writeFileSync(policy, `@default trap\n${lines.join('\n')}\n`)
  const syscalls = Object.fromEntries([...x86.byName.values()].map(({ name, number }) => [name, number]))
  writeFileSync(arch, JSON.stringify({ arch_nr: 0xc000003e, arch_name: 'x86_64', bits: 64, syscalls, constants: {} }))
  const flags = ['--arch-json', arch, '--optimization-strategy', 'bst', '--use-kill-process']
  const compiler = join(root, 'usr/bin/compile_seccomp_policy')
  await must(['/usr/bin/python3', compiler, ...flags, policy, output], {
    env: { PATH: searchPath, PYTHONPATH: join(root, 'usr/lib/python3/dist-packages') },
  })
  const [trap, wanted] = [0x00030000, 0x00050000 | profile.defaultErrno]
  const bytes = readFileSync(output)
  decodeProgram(bytes).forEach(({ code, k }, index) => {
    if (code === opcode.return && k === trap) bytes.writeUInt32LE(wanted, index * 8 + 4)
  })
  return bytes
}

/** Alternatives in one expression make a smaller program than a list, which is needed where they answer differently. */
function minijailAnswer(alternatives: readonly string[]): string {
  const [first = ''] = alternatives
  if (first === '1' || first.startsWith('return')) return first
  const one = alternatives.every((alternative) => !alternative.includes('return'))
  return one ? alternatives.join(' || ') : `{ ${alternatives.join(', ')} }`
}

const minijailOperators = { EQ: '==', NE: '!=', LT: '<', LE: '<=', GT: '>', GE: '>=' } as const

function minijailTest({ argument, relation, value, masked }: ProfileTest): string {
  if (relation !== 'MASKED_EQ') return `arg${argument} ${minijailOperators[relation]} ${value}`
  // `in`: no bits but those of the constant.
  if (masked !== 0n) throw new Error('minijail cannot compare under a mask')
  return `arg${argument} in ~0x${value.toString(16)}`
}

interface NamedRule {
  readonly name: string
  readonly errno: number | null
  readonly tests: readonly ProfileTest[]
}

/** One rule for each call that x86_64 has; what a call's unconditional rule leaves of the others: nothing. */
function rulesOf({ defaultErrno, rules }: Profile): readonly NamedRule[] {
  const named = rules.flatMap(({ names, errno, tests }) => names.map((name) => ({ name, errno, tests })))
  const always = new Set(named.filter(({ tests }) => tests.length === 0).map(({ name }) => name))
  const kept = named.filter(({ name, errno, tests }) => {
    return x86.byName.has(name) && errno !== defaultErrno && (tests.length === 0 || !always.has(name))
  })
  return [...new Map(kept.map((rule) => [JSON.stringify(rule, (_, value) => textOf(value)), rule])).values()]
}

function textOf(value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

/** The plain way: runs of numbers with equal answers, halved by `>=`; arguments as in our filters. */
export function rangeTree(table: TableMeaning): readonly Instruction[] {
  const nodes = makeNodes()
  const decide = makeDecide(nodes)
  const unknown = nodes.return(returnValue(table.unknown))
  const runs: Run[] = [{ from: 0, node: unknown, weight: 1 }]
  for (const [number, { clauses, otherwise }] of [...table.decisions].toSorted(([a], [b]) => a - b)) {
    if (runs.at(-1)?.from === number) runs.pop()
    runs.push({ from: number, node: decide(inWords(clauses, otherwise)), weight: 1 })
    runs.push({ from: number + 1, node: unknown, weight: 1 })
  }
  const held = holdWord(field.number)
  const tree = (own: readonly Run[]): Node => {
    const middle = own[Math.ceil(own.length / 2)]
    if (own.length === 1 || middle === undefined) return own[0]?.node ?? unknown
    const at = own.indexOf(middle)
    return nodes.jump(held, 'greater-equal', middle.from, tree(own.slice(at)), tree(own.slice(0, at)))
  }
  const [arch, number] = [holdWord(field.arch), nodes.load(null, held, tree(mergeRuns(runs)))]
  const kill = nodes.return(returnValue('kill_process'))
  return assemble(nodes.load(null, arch, nodes.jump(arch, 'equal', table.audit, number, kill)))
}
