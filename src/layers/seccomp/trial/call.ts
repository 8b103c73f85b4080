import type { Arch } from '../../../host/facts.js'
import { isWide } from '../arch.js'
import { nearest } from '../../../policy/suggest.js'
import { constantNames, constantOf, syscallTable } from '../tables.js'

/** A call as a program makes it. */
export interface TrialCall {
  /** As written. */
  readonly text: string
  /** Unsigned, as the filter finds it: -1 is 0xffffffff, x32 numbers carry bit 30. */
  readonly number: number
  /** null: the table has no such number. */
  readonly name: string | null
  /** Registers, up to six; negative values as two's complement of the arch's registers. */
  readonly args: readonly bigint[]
}

/** Something wrong with the text of a call, at `offset` (UTF-16 units). */
export class CallError extends Error {
  override readonly name = 'CallError'
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message)
  }
}

const lengthMax = 4096

/**
 * Reads a call in the notation of C: `socket(AF_VSOCK, SOCK_STREAM, 0)`, `#41(40, 1)`, `syscall(41, 40, 1)`. A value is
 * a number, a constant, several of them joined by `|`, NULL, or a text in quotes, which stands for some pointer.
 * Throws `CallError`.
 */
export function parseCall(text: string, arch: Arch): TrialCall {
  if (text.length > lengthMax) throw new CallError(`longer than ${lengthMax} characters`, lengthMax)
  const tokens = tokenize(text)
  const head = tokens[0]
  if (head === undefined) throw new CallError('expected a call, found nothing', 0)
  const args = tokens.length === 1 ? [] : parseArguments(tokens.slice(1), text.length)
  if (head.text === 'syscall') return bySyscall(text, head, args, arch)
  if (head.text.startsWith('#')) {
    const number = callNumber(numberOf(head.text.slice(1)), head)
    return { text, number, name: nameOf(number, arch), args: values(args, nameOf(number, arch), arch) }
  }
  return byName(text, head, args, arch)
}

interface Token {
  readonly text: string
  readonly offset: number
}

const word = /\s*(?:(#?-?[0-9][0-9A-Za-z_]*|[A-Za-z_][A-Za-z0-9_]*|"(?:[^"\\]|\\.)*"|[(),|~])|(\S))/uy

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  word.lastIndex = 0
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    const found = match[1] ?? match[2] ?? ''
    const offset = word.lastIndex - found.length
    if (match[1] === undefined) throw new CallError(`unexpected character "${found}"`, offset)
    tokens.push({ text: found, offset })
  }
  return tokens
}

/** One argument: the items that `|` joins. */
type Written = readonly Token[]

function parseArguments(tokens: readonly Token[], end: number): readonly Written[] {
  const [open, ...rest] = tokens
  if (open?.text !== '(') throw new CallError(`expected "(", found "${open?.text ?? ''}"`, open?.offset ?? end)
  const close = rest.findIndex(({ text }) => text === ')')
  if (close === -1) throw new CallError('expected ")", found the end', end)
  const after = rest[close + 1]
  if (after !== undefined) throw new CallError(`"${after.text}" comes after the call`, after.offset)
  return close === 0 ? [] : splitArguments(rest.slice(0, close), rest[close]?.offset ?? end)
}

function splitArguments(tokens: readonly Token[], end: number): readonly Written[] {
  const written: Token[][] = [[]]
  let wanted: 'item' | 'joint' = 'item'
  for (const token of tokens) {
    const isJoint = token.text === ',' || token.text === '|'
    if (wanted === 'item' && (isJoint || token.text === '(')) {
      throw new CallError(`expected a value, found "${token.text}"`, token.offset)
    }
    if (wanted === 'joint' && !isJoint) {
      throw new CallError(`expected "," or "|", found "${token.text}"`, token.offset)
    }
    if (token.text === ',') written.push([])
    else if (!isJoint) written.at(-1)?.push(token)
    wanted = isJoint || token.text === '~' ? 'item' : 'joint'
  }
  if (wanted === 'item') throw new CallError('expected a value, found ")"', end)
  return written
}

function bySyscall(text: string, head: Token, args: readonly Written[], arch: Arch): TrialCall {
  const [first, ...rest] = args
  const item = first?.[0]
  if (item === undefined) throw new CallError('syscall() wants the number of a call first', head.offset)
  const value = first?.length === 1 ? numberOf(item.text) : null
  const number = callNumber(value, item)
  return { text, number, name: nameOf(number, arch), args: values(rest, nameOf(number, arch), arch) }
}

function byName(text: string, head: Token, args: readonly Written[], arch: Arch): TrialCall {
  const table = syscallTable(arch)
  const call = table.byName.get(head.text)
  if (call !== undefined) return { text, number: call.number, name: call.name, args: values(args, call.name, arch) }
  const others = otherArches.filter((other) => syscallTable(other).byName.has(head.text))
  if (others.length > 0) throw new CallError(`${arch} has no call ${head.text}; ${others.join(', ')} has`, head.offset)
  const near = nearest(head.text, [...table.byName.keys()])
  const guess = near === null ? '; by number it is #NUMBER(...)' : `; did you mean ${near}?`
  throw new CallError(`no call ${head.text}${guess}`, head.offset)
}

const otherArches: readonly Arch[] = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64']

function nameOf(number: number, arch: Arch): string | null {
  return syscallTable(arch).byNumber.get(number)?.name ?? null
}

/** The kernel takes the low 32 bits; a filter sees them without sign. */
function callNumber(value: bigint | null, { text, offset }: Token): number {
  if (value === null) throw new CallError(`expected the number of a call, found "${text}"`, offset)
  if (value < -0x80000000n || value > 0xffffffffn) throw new CallError(`${text} has more than 32 bits`, offset)
  return Number(BigInt.asUintN(32, value))
}

function values(written: readonly Written[], name: string | null, arch: Arch): readonly bigint[] {
  const call = name === null ? undefined : syscallTable(arch).byName.get(name)
  // Of a call that the kernel has no body for, nobody knows the arguments.
  const count = call === undefined || call.body === 'no-body' ? 6 : call.arguments.length
  const beyond = written[count]?.[0]
  if (beyond !== undefined) {
    const takes = count === 1 ? '1 argument' : `${count === 0 ? 'no' : count} arguments`
    throw new CallError(`${name ?? 'a call'} takes ${takes}, and ${written.length} are given`, beyond.offset)
  }
  return written.map((items) => valueOf(items, arch))
}

function valueOf(items: Written, arch: Arch): bigint {
  let sum = 0n
  let complement: 'plain' | 'complement' = 'plain'
  for (const item of items) {
    if (item.text === '~') {
      complement = complement === 'plain' ? 'complement' : 'plain'
      continue
    }
    const value = itemValue(item, arch)
    sum |= complement === 'plain' ? value : ~value
    complement = 'plain'
  }
  const bits = isWide(arch) ? 64 : 32
  const first = items[0]
  if (first !== undefined && (sum >= 1n << BigInt(bits) || sum < -(1n << BigInt(bits - 1)))) {
    throw new CallError(`${first.text} has more than the ${bits} bits of a register of ${arch}`, first.offset)
  }
  return BigInt.asUintN(bits, sum)
}

/** What stands for a pointer: any that is not NULL, since no filter can look behind it. */
const somePointer = 0x1000n

function itemValue({ text, offset }: Token, arch: Arch): bigint {
  if (text === 'NULL') return 0n
  if (text.startsWith('"')) return somePointer
  if (/^-?[0-9]/.test(text)) {
    const number = numberOf(text)
    if (number === null) throw new CallError(`${text} is no number`, offset)
    return number
  }
  const found = constantOf(text, arch)
  switch (found.kind) {
    case 'value':
      return found.value
    case 'other-arch':
      throw new CallError(`${text} does not exist on ${arch}, only on ${found.arches.join(', ')}`, offset)
    case 'unknown': {
      const near = nearest(text, constantNames())
      throw new CallError(`unknown constant ${text}${near === null ? '' : `; did you mean ${near}?`}`, offset)
    }
  }
}

/** As C writes numbers: decimal, hexadecimal, and octal with a leading 0. */
function numberOf(text: string): bigint | null {
  const match = /^(-?)(?:(0x[0-9a-fA-F]+)|0([0-7]+)|(0|[1-9][0-9]*))$/.exec(text)
  if (match === null) return null
  const [, sign = '', hex, octal, decimal] = match
  const value = hex !== undefined ? BigInt(hex) : octal !== undefined ? BigInt(`0o${octal}`) : BigInt(decimal ?? 0)
  return sign === '-' ? -value : value
}
