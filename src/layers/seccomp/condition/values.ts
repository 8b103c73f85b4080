/** What stands on the right of a comparison: numbers and constants. */
import type { Arch } from '../../../host/facts.js'
import { nearest } from '../../../policy/suggest.js'
import { constantNames, constantOf, type Argument } from '../tables.js'
import { ConditionError, type Word } from './error.js'
import type { ValueSyntax } from './grammar.js'
import { toWord64, type Word64 } from './test.js'

/** The argument that a value is for. */
interface Place {
  readonly argument: Argument
  readonly arch: Arch
  /** Bits that the kernel uses. */
  readonly width: 16 | 32 | 64
}

/** The number that a value stands for; throws `ConditionError`. */
export function bindValue(syntax: ValueSyntax, place: Place, role: 'mask' | 'value'): Word64 {
  const joined = syntax.items.reduce((value, item) => value | bindItem(item, place, role), 0n)
  return toWord64(syntax.complement === 'none' ? joined : BigInt.asUintN(place.width, ~joined))
}

function bindItem(item: Word, { argument, arch, width }: Place, role: 'mask' | 'value'): bigint {
  const bits = BigInt(width)
  const value = valueOf(item, arch)
  if (value < 1n << bits && value >= -(1n << (bits - 1n))) return BigInt.asUintN(width, value)
  const uses = `the kernel uses ${width} bits of ${argument.name} on ${arch}`
  throw role === 'mask'
    ? new ConditionError(`the mask ${item.text} asks for bits above: ${uses}`, item, `keep to the lower ${width} bits`)
    : new ConditionError(`${item.text} does not fit: ${uses}`, item, `compare with a number of ${width} bits`)
}

function valueOf(item: Word, arch: Arch): bigint {
  if (item.text === 'NULL') return 0n
  const number = /^(-?)(0x[0-9a-fA-F]+|0o[0-7]+|0|[1-9][0-9]*)$/.exec(item.text)
  if (number !== null) return number[1] === '-' ? -BigInt(number[2] ?? '') : BigInt(number[2] ?? '')
  if (/^[-0-9]/.test(item.text)) {
    const octal = /^-?0[0-7]+$/.test(item.text)
    const fix = octal
      ? `write 0o${item.text.slice(1)} for octal`
      : 'write decimal, hexadecimal with 0x, or octal with 0o'
    throw new ConditionError(`"${item.text}" is no number`, item, fix)
  }
  const found = constantOf(item.text, arch)
  switch (found.kind) {
    case 'value':
      return found.value
    case 'other-arch':
      throw new ConditionError(
        `${item.text} does not exist on ${arch}, only on ${found.arches.join(', ')}`,
        item,
        'limit the rule with arch, or write a number',
      )
    case 'unknown': {
      const guess = nearest(item.text, constantNames())
      const fix = guess === null ? 'write the number' : `write ${guess}`
      throw new ConditionError(`unknown constant ${item.text}`, item, fix)
    }
  }
}
