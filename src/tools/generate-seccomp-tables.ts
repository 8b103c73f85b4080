/**
 * Makes `src/layers/seccomp/tables/*.gen.ts` from the reviewed files in `src/layers/seccomp/data/`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const kernel = '7.3.4'
const arches = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64']
const wide: readonly string[] = ['x86_64', 'aarch64', 'riscv64']
const source = 'src/layers/seccomp/data'
const target = 'src/layers/seccomp/tables'

/** The generated files, path to text. Run from the root of the project. */
export function generateSeccompTables(): ReadonlyMap<string, string> {
  const read = (name: string): string => readFileSync(join(source, name), 'utf8')
  const data: Data = {
    syscalls: rowsOf(read('syscalls.tsv')),
    signatures: rowsOf(read('args.tsv')),
    constants: rowsOf(read('constants.tsv')),
    lowWord: new Set(rowsOf(read('low-word.tsv')).map(([syscall, argument]) => `${syscall} ${argument}`)),
  }
  const files = arches.map((arch): [string, string] => [join(target, `${arch}.gen.ts`), tableFile(arch, data)])
  return new Map([...files, [join(target, 'constants.gen.ts'), constantsFile(data.constants)]])
}

interface Data {
  readonly syscalls: readonly Row[]
  readonly signatures: readonly Row[]
  readonly constants: readonly Row[]
  readonly lowWord: ReadonlySet<string>
}
type Row = readonly string[]

function rowsOf(text: string): readonly Row[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => line.split('\t'))
}

function header(what: string): string {
  return [
    `// Generated from src/layers/seccomp/data by src/tools/generate-seccomp-tables.ts. Do not edit.`,
    `// ${what}, Linux ${kernel} (Debian linux-libc-dev 7.3.4-1~bpo13+1).`,
    '',
  ].join('\n')
}

function tableFile(arch: string, data: Data): string {
  const column = 1 + arches.indexOf(arch)
  const lines = data.syscalls.flatMap((row): readonly { readonly number: number; readonly line: string }[] => {
    const [name = '', since = ''] = [row[0], row[6]]
    const number = row[column] ?? '-'
    if (number === '-') return []
    const fields = [name, number, since, ...signature(name, arch, data)]
    return [{ number: Number(number), line: fields.join(' ') }]
  })
  const sorted = lines.toSorted((a, b) => a.number - b.number).map(({ line }) => line)
  return [
    header(`System calls of ${arch}`),
    '/** Lines of `name number since argument:class...`; the classes are in tables.ts; `!`: the kernel has no body. */',
    `export const calls = \``,
    ...sorted,
    '`',
    '',
  ].join('\n')
}

function signature(name: string, arch: string, data: Data): readonly string[] {
  const row = data.signatures.find((other) => other[0] === name && (other[1] ?? '').split(',').includes(arch))
  if (row === undefined) return []
  const args = row.slice(3).filter((arg) => arg !== '')
  const listed = args.map((arg) => {
    const [argument = '', role = '', width = ''] = arg.split('|')
    const letter = data.lowWord.has(`${name} ${argument}`) ? 'w' : letterOf(role, width, arch)
    return `${argument}:${letter}`
  })
  return row[2] === 'ni' ? ['!', ...listed] : listed
}

/** One letter a class, so that a table stays small enough to load with every start. */
function letterOf(role: string, width: string, arch: string): string {
  if (role === 'ptr') return 'p'
  if (role === 'maybe_ptr') return wide.includes(arch) && width === 'u64' ? 'M' : 'm'
  if (role === 'split_lo' || role === 'split_hi' || role === 'pad') return 'x'
  if (width === 'u16') return 'h'
  if (width === 's32') return 's'
  if (width === 'u32') return 'w'
  if (width === 's64') return 'S'
  if (width === 'u64') return 'W'
  throw new Error(`args.tsv: no class for ${role}|${width}`)
}

function constantsFile(rows: readonly Row[]): string {
  const lines = rows.map(([name = '', , ...values]) => {
    const numbers = values.map((value) => (value === '-' ? '-' : BigInt.asIntN(64, BigInt(value)).toString()))
    const same = numbers.every((number) => number === numbers[0])
    return `${name} ${same ? numbers[0] : numbers.join(',')}`
  })
  const errnos = rows.filter(([, category]) => category === 'errno').map(([name = '']) => name)
  return [
    header('Constants'),
    `/** Lines of \`NAME value\`, or one value for each of ${arches.join(', ')}; \`-\`: not there. */`,
    `export const constants = \``,
    ...lines,
    '`',
    '',
    '/** The constants that are error numbers. */',
    `export const errnos = \``,
    ...errnos,
    '`',
    '',
  ].join('\n')
}
