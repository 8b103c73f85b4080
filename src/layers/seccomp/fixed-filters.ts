import { InternalError } from '../../core/errors.js'
import type { Arch } from '../../host/facts.js'
import type { Action } from './action.js'
import { auditArch, reachableArches } from './arch.js'
import { encodeProgram } from './code/bpf.js'
import { generate } from './code/generate.js'
import type { Decision, Meaning, TableMeaning } from './meaning.js'
import { prove } from './proof/prove.js'
import { syscallTable } from './tables.js'

/**
 * Sends execve and execveat of every table to the listener and allows all else: loaded before the policy's filter, of
 * whose answers it cannot take anything back, because the stricter answer counts (seccomp(2)).
 */
export function oneExecFilter(arch: Arch): Uint8Array {
  const tables = reachableArches(arch).map((one) => uniform(one, ['execve', 'execveat'], 'user_notif', 'allow'))
  return build({ tables, otherArch: 'allow' })
}

/** Allows the named calls of the native table and ends the process at anything else: for parts of ours. */
export function allowListFilter(arch: Arch, names: readonly string[]): Uint8Array {
  return build({ tables: [uniform(arch, names, 'allow', 'kill_process')], otherArch: 'kill_process' })
}

function build(meaning: Meaning): Uint8Array {
  const program = generate(meaning)
  prove(program, meaning)
  return encodeProgram(program)
}

/** One answer for the named calls, another for everything else. */
function uniform(arch: Arch, names: readonly string[], named: Action, others: Action): TableMeaning {
  const table = syscallTable(arch)
  const decisions = names.map((name): readonly [number, Decision] => {
    const call = table.byName.get(name)
    if (call === undefined) throw new InternalError(`${arch} has no call ${name}`)
    return [call.number, { call, clauses: [], otherwise: named }]
  })
  return {
    arch,
    audit: auditArch[arch],
    table,
    decisions: new Map(decisions),
    unknown: others,
    x32: arch === 'x86_64' ? others : null,
  }
}
