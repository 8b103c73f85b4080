import type { Arch } from '../../../host/facts.js'
import { isWide } from '../arch.js'
import { constantNames, constantOf, type Argument, type Syscall } from '../tables.js'
import { ConditionError, parseCondition, type TestSyntax, type ValueSyntax, type Word } from './grammar.js'
import { nearest } from './nearest.js'
import { toWord64, type Conjunction, type Test, type Word64 } from './test.js'

/** Gives a condition its meaning for one call on one arch; throws `ConditionError`. */
export function bindCondition(text: string, call: Syscall, arch: Arch): Conjunction {
  const { tests } = parseCondition(text)
  const bound = tests.map((test) => ({ syntax: test, ...bindTest(test, call, arch) }))
  for (const { syntax, argument } of bound) {
    if (!isMaybePointer(argument) || isNullTest(syntax)) continue
    const command = bound.some((other) => isCommandTest(other.syntax, other.argument))
    if (!command) throw maybePointerError(syntax.argument, call)
  }
  return bound.map(({ test }) => test)
}

function bindTest(syntax: TestSyntax, call: Syscall, arch: Arch): { readonly argument: Argument; readonly test: Test } {
  const position = positionOf(syntax.argument, call, arch)
  const argument = call.arguments[position]
  if (argument === undefined) throw unknownArgument(syntax.argument, call, arch)
  checkClass(syntax, argument, call)
  const width = widthOf(argument, arch)
  const full = toWord64((1n << BigInt(width)) - 1n)
  const mask = syntax.mask === null ? full : bindMask(syntax.mask, argument, arch, width)
  const values = syntax.values.map((value) => bindValue(value, argument, arch, width))
  if (syntax.mask !== null) checkMasked(syntax, mask, values)
  return { argument, test: { argument: position, mask, relation: syntax.relation, values } }
}

function positionOf(word: Word, call: Syscall, arch: Arch): number {
  const named = call.arguments.findIndex((argument) => argument.name === word.text)
  if (named !== -1) return named
  const position = /^arg([0-5])$/.exec(word.text)?.[1]
  if (position === undefined || Number(position) >= call.arguments.length) throw unknownArgument(word, call, arch)
  return Number(position)
}

function unknownArgument(word: Word, call: Syscall, arch: Arch): ConditionError {
  const names = call.arguments.map(({ name }) => name)
  if (names.length === 0) {
    return new ConditionError(`${call.name} on ${arch} has no argument that a filter could test`, word.offset)
  }
  const guess = nearest(word.text, names)
  const fix = guess === null ? `use one of ${names.join(', ')}` : `write ${guess}`
  const message = `${call.name} on ${arch} has no argument "${word.text}"; it has ${names.join(', ')}`
  return new ConditionError(message, word.offset, fix)
}

function checkClass(syntax: TestSyntax, argument: Argument, call: Syscall): void {
  const { offset } = syntax.argument
  switch (argument.class) {
    case 'pointer':
      if (isNullTest(syntax)) return
      throw pointerError(argument, call, offset)
    case 'split':
      throw new ConditionError(
        `${argument.name} of ${call.name} is half of a 64-bit value here, or padding; halves cannot be compared`,
        offset,
        'limit the rule to arches where the value is one argument (arch: x86_64)',
      )
    case 's32':
    case 's64':
      if (syntax.relation === 'in' || syntax.relation === 'not in') return
      throw new ConditionError(
        `${argument.name} of ${call.name} is signed, and a filter compares unsigned: -1 would be the largest value`,
        offset,
        'list the values with in [...]',
      )
    case 'w32':
    case 'u16':
    case 'u64':
    case 'maybe-pointer32':
    case 'maybe-pointer64':
      return
  }
}

function pointerError(argument: Argument, call: Syscall, offset: number): ConditionError {
  return new ConditionError(
    `${argument.name} of ${call.name} is a pointer: the kernel reads what it points to after the filter has run, and ` +
      `another thread can change it in between; only a comparison with NULL holds`,
    offset,
    carrierOf(argument.name, call.name),
  )
}

/** Which layer carries what an author would ask of a pointer. */
function carrierOf(argument: string, call: string): string {
  if (call.startsWith('exec')) return 'say which programs may start in filesystem.exec'
  if (/(?:file|path|old|new|dir|from)_?name|pathname|^path$/.test(argument)) {
    return 'say which paths may be used in filesystem.read, filesystem.write and filesystem.deny'
  }
  if (/^(?:connect|bind|sendto|sendmsg|sendmmsg|accept4?)$/.test(call)) {
    return 'say which addresses may be reached in network.egress'
  }
  return 'allow or refuse the call as a whole; no other layer looks into this memory'
}

function maybePointerError(word: Word, call: Syscall): ConditionError {
  const command = call.arguments.find(isCommand)
  return new ConditionError(
    `${word.text} of ${call.name} is a pointer for some commands and a value for others`,
    word.offset,
    command === undefined
      ? 'allow or refuse the call as a whole'
      : `add a test that fixes the command (${command.name} == ...)`,
  )
}

/** The argument that says what the others are, in the kernel's spelling. */
function isCommand({ name }: Argument): boolean {
  return name === 'cmd' || name === 'option' || name === 'request' || name === 'call'
}

function isMaybePointer(argument: Argument): boolean {
  return argument.class === 'maybe-pointer32' || argument.class === 'maybe-pointer64'
}

/** A test that says which command it is: `cmd == X` or `cmd in [...]`. */
function isCommandTest(syntax: TestSyntax, argument: Argument): boolean {
  return isCommand(argument) && syntax.relation === 'in' && syntax.mask === null
}

function isNullTest({ mask, relation, values }: TestSyntax): boolean {
  if (mask !== null || (relation !== 'in' && relation !== 'not in')) return false
  return values.every(({ complement, items }) => {
    return complement === 'none' && items.every(({ text }) => text === 'NULL' || text === '0')
  })
}

function widthOf(argument: Argument, arch: Arch): 16 | 32 | 64 {
  if (argument.class === 'u16') return 16
  const wide = argument.class === 'u64' || argument.class === 's64' || argument.class === 'maybe-pointer64'
  return isWide(arch) && (wide || argument.class === 'pointer') ? 64 : 32
}

/** Numbers that stand for one of several choices: testing one as a mask also matches others (SOCK_RAW is 3). */
const choices = /^(?:SOCK_(?:STREAM|DGRAM|RAW|RDM|SEQPACKET|DCCP|PACKET)|[AP]F_[A-Z0-9]+|IPPROTO_|SOL_|S_IF(?!MT))/

function bindMask(syntax: ValueSyntax, argument: Argument, arch: Arch, width: number): Word64 {
  const choice = syntax.items.find(({ text }) => choices.test(text))
  if (choice !== undefined) {
    const family = choice.text.startsWith('SOCK_') ? ' (SOCK_TYPE_MASK here)' : ''
    throw new ConditionError(
      `${choice.text} is a number, not a set of flags: as a mask it matches other numbers too`,
      choice.offset,
      `mask with the mask of the field${family} and compare, or compare without a mask`,
    )
  }
  const mask = bindValue(syntax, argument, arch, width)
  const first = syntax.items[0]
  if (mask.hi === 0 && mask.lo === 0 && first !== undefined) {
    throw new ConditionError('the mask is 0, so the test says nothing about the argument', first.offset)
  }
  return mask
}

function checkMasked(syntax: TestSyntax, mask: Word64, values: readonly Word64[]): void {
  if (syntax.relation !== 'in' && syntax.relation !== 'not in') {
    throw new ConditionError('a masked argument can be compared with ==, != and in only', syntax.argument.offset)
  }
  values.forEach((value, index) => {
    const beyond = (value.hi & ~mask.hi) !== 0 || (value.lo & ~mask.lo) !== 0
    const first = syntax.values[index]?.items[0]
    if (!beyond || first === undefined) return
    throw new ConditionError(`the value has bits that the mask removes, so it is never equal`, first.offset)
  })
}

function bindValue(syntax: ValueSyntax, argument: Argument, arch: Arch, width: number): Word64 {
  const bits = BigInt(width)
  const joined = syntax.items.reduce((value, item) => value | bindItem(item, argument, arch, bits), 0n)
  return toWord64(syntax.complement === 'none' ? joined : BigInt.asUintN(width, ~joined))
}

function bindItem(item: Word, argument: Argument, arch: Arch, bits: bigint): bigint {
  const value = valueOf(item, arch)
  if (value >= 1n << bits || value < -(1n << (bits - 1n))) {
    const message = `${item.text} does not fit: the kernel uses ${bits} bits of ${argument.name}`
    throw new ConditionError(message, item.offset)
  }
  return BigInt.asUintN(Number(bits), value)
}

function valueOf(item: Word, arch: Arch): bigint {
  if (item.text === 'NULL') return 0n
  const number = /^(-?)(0x[0-9a-fA-F]+|0|[1-9][0-9]*)$/.exec(item.text)
  if (number !== null) return number[1] === '-' ? -BigInt(number[2] ?? '') : BigInt(number[2] ?? '')
  if (/^[-0-9]/.test(item.text)) {
    throw new ConditionError(`"${item.text}" is no number`, item.offset, 'write decimal, or hexadecimal with 0x')
  }
  const found = constantOf(item.text, arch)
  switch (found.kind) {
    case 'value':
      return found.value
    case 'other-arch':
      throw new ConditionError(
        `${item.text} does not exist on ${arch}, only on ${found.arches.join(', ')}`,
        item.offset,
        'limit the rule with arch, or write a number',
      )
    case 'unknown': {
      const guess = nearest(item.text, constantNames())
      const fix = guess === null ? 'write the number' : `write ${guess}`
      throw new ConditionError(`unknown constant ${item.text}`, item.offset, fix)
    }
  }
}
