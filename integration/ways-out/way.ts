import { v4, v6, type Family } from './families.js'

/**
 * Who answers first. `capabilities`: the program has none. `gateway`: a packet gets onto the link, and in the net
 * namespace at its other end nothing takes it. `kernel`: there is no such thing on this host.
 */
export type Answerer =
  | 'network namespace'
  | 'gateway'
  | 'landlock'
  | 'seccomp'
  | 'capabilities'
  | 'pid namespace'
  | 'mount view'
  | 'relay'
  | 'kernel'

export interface Control {
  /** Absent: the same act. */
  readonly act?: string
  /** Absent: `ok`. */
  readonly answer?: string
  /** `scratch`: with all capabilities, in namespaces of its own. `root`: as root. Absent: the same user. */
  readonly place?: 'scratch' | 'root'
}

/** One way out: what a program tries, what it is told, by whom, and that the same act goes through elsewhere. */
export interface Way {
  readonly claim: string
  readonly family: Family['name'] | '-'
  /**
   * For the probe. `DEVICE` stands for the number of eth0, `LINKLOCAL` for the host's link-local address, `HOLDER` for a
   * process of the host, `SOCKETS` for a directory of its, `PATIENCE` for how long silence is listened to.
   */
  readonly act: string
  readonly inside: string
  readonly by: Answerer
  readonly control: Control
  /** Who says the same when `by`, which is seccomp, is left out. */
  readonly also?: Answerer
  /** On a host without it, the way is not tried. */
  readonly needs?: 'i386'
  /** The one layer without which the act succeeds; absent: whichever of them is left out, it does not. */
  readonly only?: Answerer
}

type Rest = Omit<Partial<Way>, 'claim' | 'family' | 'act' | 'inside' | 'by'>

export function way(
  claim: string,
  act: string,
  inside: string,
  by: Answerer,
  { control = {}, ...rest }: Rest = {},
): Way {
  return { claim, family: '-', act, inside, by, control, ...rest }
}

/** The same way in each family. */
export function both(
  claim: string,
  act: (family: Family) => string,
  inside: string,
  by: Answerer,
  rest: Rest | ((family: Family) => Rest) = {},
): readonly Way[] {
  return [v4, v6].map((family) => ({
    ...way(claim, act(family), inside, by, typeof rest === 'function' ? rest(family) : rest),
    family: family.name,
  }))
}

export function in4(claim: string, act: string, inside: string, by: Answerer, rest: Rest = {}): Way {
  return { ...way(claim, act, inside, by, rest), family: 'IPv4' }
}

export function in6(claim: string, act: string, inside: string, by: Answerer, rest: Rest = {}): Way {
  return { ...way(claim, act, inside, by, rest), family: 'IPv6' }
}

export const netns = 'network namespace'
/** Landlock knows ports and no addresses, the filter neither: nothing else stands behind the missing route. */
export const noRoute = { only: netns } as const
