import type { Problem } from '../../core/errors.js'
import { isWithin } from '../../core/path.js'
import type { HostFacts } from '../../host/facts.js'
import type { Located } from './locate.js'

/**
 * Mounts below a grant come along with it. One of the kernel's own state (the /proc of a chroot, say) would show the
 * host's processes and sysctls, which no policy can grant by name either.
 */
export function checkKernelMounts(
  named: readonly Located[],
  denied: readonly Located[],
  { kernelMounts }: HostFacts,
): readonly Problem[] {
  return named.flatMap(({ key, facts }) => {
    const mount = kernelMounts.find(
      (path) => isWithin(path, facts.real) && !denied.some((hidden) => isWithin(path, hidden.facts.real)),
    )
    if (mount === undefined) return []
    const message = `${mount}, where the kernel shows the host, is mounted in ${facts.real} and would come along`
    return [{ key, message, fix: `add ${mount} to filesystem.deny, or grant what lies beside it` }]
  })
}
