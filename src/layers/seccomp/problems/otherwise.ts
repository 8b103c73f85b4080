/** What `otherwise: allow` leaves open of what rules refuse. */
import type { Problem } from '../../../core/errors.js'
import type { Arch } from '../../../host/facts.js'
import { letsByDefault } from '../request.js'
import type { Context } from './context.js'
import { openTwins, type OpenTwin } from './twins.js'

/** Rules that refuse a call which the program makes under another name, or by another table. */
export function otherwiseProblems(context: Context): readonly Problem[] {
  if (!letsByDefault(context.part)) return []
  const open = openTwins(context)
  const keys = [...new Set(open.map(({ key }) => key))]
  return keys.flatMap((key) => {
    const ofRule = open.filter((one) => one.key === key)
    const same = ofRule.filter(({ rule, name }) => rule.syscall === name)
    const others = ofRule.filter(({ rule, name }) => rule.syscall !== name)
    return [...same.map((one) => otherTableProblem(one, context.arch)), ...twinProblems(others)]
  })
}

function otherTableProblem({ key, name, arch, isRefusedElse }: OpenTwin, native: Arch): Problem {
  const how = isRefusedElse ? 'stays allowed for some of these arguments' : 'stays allowed'
  return {
    key: `${key}.arch`,
    message: `${name} on ${arch} ${how}, and ${reachText(arch, native)}`,
    fix: `remove arch, or add a rule for ${arch}${isRefusedElse ? ' that refuses as much' : ''}`,
  }
}

/** Who makes calls of a table. */
function reachText(arch: Arch, native: Arch): string {
  if (arch === native) return `programs of ${native} make calls of it`
  // int 0x80 enters the table of i386 from any code; the table of arm belongs to 32-bit programs.
  return arch === 'arm' ? 'a 32-bit program makes calls of arm' : `every program can make calls of ${arch}`
}

function twinProblems(open: readonly OpenTwin[]): readonly Problem[] {
  const [first] = open
  if (first === undefined) return []
  const { key, name, arch } = first
  return [
    {
      key,
      message: twinText(open),
      fix: `add a rule for each: { arch: ${arch}, syscall: ${name}, action: ... }, which is allow if that is meant`,
    },
  ]
}

/** For one rule: what stays allowed, and where. */
export function twinText(open: readonly OpenTwin[]): string {
  const names = [...new Set(open.map(({ name }) => name))]
  const parts = names.map((name) => {
    const arches = open.filter((one) => one.name === name).map(({ arch }) => arch)
    return `${name} on ${arches.join(' and ')}`
  })
  const [first] = open
  const stays = open.length === 1 ? 'stays allowed' : 'stay allowed'
  const call = first?.rule.syscall
  if (names.every((name) => name === call)) return `${parts.join(', ')} ${stays}`
  return `${parts.join(', ')} ${stays} and ${open.length === 1 ? 'does' : 'do'} what ${call} does`
}
