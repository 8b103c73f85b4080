import type { Arch } from '../../../host/facts.js'
import { bindCondition } from '../condition/bind.js'
import { ConditionError } from '../condition/error.js'
import { maximum } from '../code/ranges.js'
import type { Conjunction, Test, Word64 } from '../condition/test.js'
import { toWords } from '../condition/words.js'
import { constantsFor } from '../listing/constants.js'
import { constantOf, type Argument, type Syscall } from '../tables.js'
import { widthOf } from './width.js'

/** A condition of a profile in our words, for one call of one arch; `why` says what of it has no words. */
export type Worded = { readonly text: string } | { readonly never: true } | { readonly why: string }

/** Orders on signed arguments become lists of at most this many values. */
const listMax = 64

/** `and` of all tests. A test that no value of the argument meets makes the condition never true. */
export function conditionText(tests: Conjunction, call: Syscall, arch: Arch): Worded {
  const worded = tests.map((test) => testText(test, call, arch))
  for (const one of worded) if ('why' in one) return one
  if (worded.some((one) => 'never' in one)) return { never: true }
  const texts = worded.flatMap((one) => ('text' in one && one.text !== '' ? [one.text] : []))
  if (texts.length === 0) return { why: 'its tests hold for every value' }
  const text = texts.join(' and ')
  const refusal = refusalOf(text, call, arch)
  return refusal === null ? { text } : { why: refusal }
}

function refusalOf(text: string, call: Syscall, arch: Arch): string | null {
  try {
    return toWords(bindCondition(text, call, arch)).length === 0 ? 'it can never hold' : null
  } catch (error) {
    if (error instanceof ConditionError) return error.message
    throw error
  }
}

function testText(test: Test, call: Syscall, arch: Arch): Worded {
  const argument = call.arguments[test.argument]
  if (argument === undefined) return { why: `${call.name} on ${arch} has no argument ${test.argument}` }
  const fitted = fit(test, widthOf(argument, arch))
  if (fitted === 'never' || fitted === 'always') return fitted === 'never' ? { never: true } : { text: '' }
  const { mask, relation, values } = fitted
  const [value] = values
  if (value === undefined) return { never: true }
  if (relation === 'in' || relation === 'not in') {
    const sign = relation === 'in' ? '==' : '!='
    const whole = mask.lo === maximum && (mask.hi === maximum || widthOf(argument, arch) === 32)
    if (whole || (widthOf(argument, arch) === 16 && mask.lo === 0xffff)) {
      const texts = values.map((one) => valueText(one, argument, call, arch))
      if (texts.length === 1) return { text: `${argument.name} ${sign} ${texts.join('')}` }
      return { text: `${argument.name} ${relation} [${texts.join(', ')}]` }
    }
    if (values.length > 1) return { why: `${argument.name} is compared with several values under a mask` }
    return { text: `${argument.name} & ${hex(mask)} ${sign} ${hex(value)}` }
  }
  const plain = `${argument.name} ${relation} ${hex(value)}`
  if (refusalOf(plain, call, arch) === null) return { text: plain }
  const bound = listBound(fitted.relation, value)
  if (bound === null) return { why: `${plain} compares ${argument.name}, which has a sign` }
  const list = Array.from({ length: bound.below }, (_, index) => String(index)).join(', ')
  return { text: `${argument.name} ${bound.side} [${list}]` }
}

/** `x < 3` is `x in [0, 1, 2]`, and `x > 2` what is not. */
function listBound(relation: Test['relation'], { hi, lo }: Word64) {
  const below = relation === '<' || relation === '>=' ? lo : lo + 1
  if (hi !== 0 || below > listMax || below === 0) return null
  return { below, side: relation === '<' || relation === '<=' ? 'in' : 'not in' }
}

/** The same test on as many bits as the kernel reads; or what it comes to when the rest is zero. */
function fit(test: Test, width: 16 | 32 | 64): Test | 'never' | 'always' {
  if (width === 64) return test
  const limit = width === 16 ? 0xffff : maximum
  const mask = { hi: 0, lo: (test.mask.lo & limit) >>> 0 }
  const beyond = test.values.every(({ hi, lo }) => hi !== 0 || lo > limit)
  switch (test.relation) {
    case 'in':
      if (beyond) return 'never'
      return mask.lo === 0 ? 'always' : { ...test, mask: widen(mask, width) }
    case 'not in':
      if (beyond) return 'always'
      return { ...test, mask: widen(mask, width) }
    case '<':
    case '<=':
      return beyond ? 'always' : test
    case '>':
    case '>=':
      return beyond ? 'never' : test
  }
}

function widen(mask: Word64, width: 16 | 32): Word64 {
  return width === 32 && mask.lo === maximum ? { hi: 0, lo: maximum } : mask
}

/** By name where a name has the same value on every arch, so that the text holds for each. */
function valueText(value: Word64, argument: Argument, call: Syscall, arch: Arch): string {
  const named = constantsFor(call.name, argument.name, arch).find((one) => one.hi === value.hi && one.lo === value.lo)
  if (named === undefined) return hex(value)
  const everywhere = (['x86_64', 'i386', 'aarch64', 'arm', 'riscv64'] as const).every((other) => {
    const found = constantOf(named.name, other)
    return found.kind === 'value' && found.value === BigInt(value.lo)
  })
  return everywhere && refusalOf(`${argument.name} == ${named.name}`, call, arch) === null ? named.name : hex(value)
}

function hex({ hi, lo }: Word64): string {
  const value = (BigInt(hi) << 32n) | BigInt(lo)
  return value < 10n ? String(value) : `0x${value.toString(16)}`
}
