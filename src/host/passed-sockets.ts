/** What a service manager passes to the process that it starts (sd_listen_fds(3)). */
import type { PassedSocket } from './facts.js'
import { isInherited } from './inherited.js'

/** What only native code can ask of a descriptor: null for what is no socket. */
export interface SocketFacts {
  readonly family: 'ipv4' | 'ipv6' | 'unix' | 'other'
  readonly type: 'stream' | 'datagram' | 'seqpacket' | 'other'
  readonly listens: boolean
  /** Of an IP socket; empty otherwise. */
  readonly address: string
  readonly port: number
}

const first = 3

/** Descriptors from 3 on, if they are for this process; none otherwise. */
export function passedSockets(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
  describe: (descriptor: number) => SocketFacts | null,
): readonly PassedSocket[] {
  const { LISTEN_PID, LISTEN_FDS = '', LISTEN_FDNAMES } = environment
  if (LISTEN_PID !== String(pid) || !/^[1-9][0-9]{0,2}$/.test(LISTEN_FDS)) return []
  const names = LISTEN_FDNAMES === undefined ? [] : LISTEN_FDNAMES.split(':')
  return Array.from({ length: Number(LISTEN_FDS) }, (_, index) => {
    const descriptor = first + index
    // sd_listen_fds_with_names(3) gives this name to what has none.
    return {
      descriptor,
      name: names[index] ?? 'unknown',
      socket: isInherited(descriptor) ? describe(descriptor) : 'closed',
    }
  })
}
