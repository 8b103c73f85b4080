/** Arguments of which the kernel uses 64 bits for one command and 32 for another. */
import type { Problem } from '../../../core/errors.js'
import { lets } from '../action.js'
import { bindAlternatives } from '../condition/bind.js'
import type { Relation } from '../condition/grammar.js'
import { alternativesOf } from '../request.js'
import type { SyscallTable } from '../tables.js'
import type { PlacedRule } from './context.js'

/** Calls of which some commands take an int (tried on 6.18; semctl(2), ioctl(2)). prctl(2) looks at all of a number. */
const withNumbers: readonly string[] = ['fcntl', 'ioctl', 'keyctl', 'semctl']

/** Tests that a value with something in its upper half fails, so that it gets around a rule that refuses. */
const escapesRefusal: readonly Relation[] = ['in', '<', '<=']
/** Tests that such a value meets, so that a rule that allows would let it through. */
const escapesIntoPermission: readonly Relation[] = ['not in', '>', '>=']

/**
 * Rules that garbage in an upper half gets around. F_DUPFD of fcntl(2) takes an int, and the kernel drops the rest; its
 * F_SETLK takes a pointer. The kernel does not say which, so the author has to.
 */
export function widthProblems({ rule, key }: PlacedRule, tables: readonly SyscallTable[]): readonly Problem[] {
  if (!withNumbers.includes(rule.syscall)) return []
  const escapes = lets(rule.action) ? escapesIntoPermission : escapesRefusal
  for (const { arch, byName } of tables) {
    const call = byName.get(rule.syscall)
    if (call === undefined) continue
    const tests = (alternativesOf(rule.when) ?? []).flatMap((text) =>
      bindAlternatives(text, call, arch).flatMap((one) => one.tests),
    )
    const wide = tests.find(({ argument, mask, relation }) => {
      return mask.hi !== 0 && escapes.includes(relation) && call.arguments[argument]?.class === 'maybe-pointer64'
    })
    if (wide === undefined) continue
    const name = call.arguments[wide.argument]?.name ?? ''
    const message =
      `${name} of ${call.name} has 64 bits, of which the kernel drops the upper 32 for commands that take a number: ` +
      'with something there the call would get around the rule'
    return [{ key: `${key}.when`, message, fix: `write ${name} & 0xffffffff, and == or in` }]
  }
  return []
}
