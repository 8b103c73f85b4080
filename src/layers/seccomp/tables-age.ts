import type { Arch } from '../../host/facts.js'
import { isNewer } from './kernel-version.js'
import { syscallTable } from './tables.js'

/** Calls of an arch that came after a kernel, whose release is as uname(2) has it: `6.1.0-44-amd64`. */
export function callsAfter(release: string, arch: Arch): readonly string[] {
  const [kernel = ''] = /^\d+\.\d+/.exec(release) ?? []
  const calls = [...syscallTable(arch).byName.values()]
  return calls.filter(({ since }) => isNewer(since, kernel)).map(({ name }) => name)
}
