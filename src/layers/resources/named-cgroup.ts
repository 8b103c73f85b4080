/** What keeps limits from being set below a cgroup that the caller has named, and the one change that mends it. */
import { assertNever } from '../../core/assert-never.js'
import { bootForV2, delegatedProcess } from '../../host/cgroup-fixes.js'
import type { NamedCgroup } from '../../host/facts.js'

export interface Obstacle {
  readonly message: string
  readonly fix: string
}

/** Null: the controller can be used there. */
export function obstacleInNamed(cgroup: NamedCgroup, controller: string, uid: number): Obstacle | null {
  if (cgroup.kind === 'no cgroup') {
    const message = `needs a cgroup of version 2, and ${cgroup.directory} is none`
    return { message, fix: 'name a directory below /sys/fs/cgroup' }
  }
  const { directory, delegated, controllers, shared, apartIn } = cgroup
  const given = `start this process by ${delegatedProcess(uid === 0 ? 'root' : 'user')}, and name its cgroup`
  if (!delegated) return { message: `needs a cgroup that this user may divide, and ${directory} is not`, fix: given }
  if (apartIn !== null) {
    const message = `needs to make a process in ${directory}, and ${apartIn}, around it and this one, is not this user's`
    return { message, fix: given }
  }
  if (shared !== 'no')
    return { message: `needs a cgroup without processes, and ${who(shared)} in ${directory}`, fix: leaf(directory) }
  return controllers.includes(controller) ? null : missing(cgroup, controller)
}

type Given = Extract<NamedCgroup, { kind: 'named' }>

function who(shared: Exclude<Given['shared'], 'no'>): string {
  switch (shared) {
    case 'with the caller':
      return 'this one is'
    case 'with others':
      return 'there are some'
    default:
      return assertNever(shared)
  }
}

function leaf(directory: string): string {
  return `mkdir ${directory}/own, and write the number of each process to the cgroup.procs there`
}

/** The nearest that has it can hand it on, and is told to; the next one is another problem. */
function missing({ directory, above }: Given, controller: string): Obstacle {
  const giver = above.find(({ controllers }) => controllers.includes(controller))
  const message = `needs the ${controller} controller, which ${directory} does not have`
  if (giver === undefined) return { message: `${message}, nor does any above it`, fix: `${bootForV2}, if v1 holds it` }
  return { message, fix: `write +${controller} to ${giver.directory}/cgroup.subtree_control` }
}
