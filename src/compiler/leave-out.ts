import { namespaceFlag } from '../layers/namespaces/namespaces.js'
import type { Step } from '../plan/descriptors.js'
import type { LeftOut } from './status.js'

/** Takes one layer out of a plan. For tests only: the command line has no way to ask for it. */
export function leaveOut(steps: readonly Step[], without: readonly LeftOut[]): readonly Step[] {
  return without.reduce(leaveOutOne, steps)
}

function leaveOutOne(steps: readonly Step[], layer: LeftOut): readonly Step[] {
  switch (layer) {
    case 'landlock':
      return steps.filter(({ op }) => op !== 'landlock.restrict-self')
    case 'seccomp':
      return steps.filter(({ op }) => !op.startsWith('seccomp.'))
    case 'mount view':
      return steps.filter(({ op }) => !op.startsWith('filesystem.')).map(withoutPlacesOfTheView)
    case 'network namespace':
      return steps.filter(({ op }) => !op.startsWith('network.')).map(withoutNetworkFlag)
  }
}

/** Rules for places that the view makes would name the host's own /proc and /tmp. */
function withoutPlacesOfTheView(step: Step): Step {
  if (step.op !== 'landlock.restrict-self') return step
  const ofTheView = ['/proc', '/tmp', '/dev/shm']
  return { ...step, paths: step.paths.filter(({ path }) => !ofTheView.includes(path)) }
}

function withoutNetworkFlag(step: Step): Step {
  return step.op === 'namespaces.clone' ? { ...step, flags: step.flags & ~namespaceFlag.net } : step
}
