import { fileType, mountAttribute } from './attributes.js'
import type { Placing } from './mount-points.js'

/** Harmless devices that programs expect: they hold no state of the host, and reading them waits for nobody. */
export const devices = ['/dev/full', '/dev/null', '/dev/random', '/dev/urandom', '/dev/zero'] as const

const links = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
] as const

const { readOnly, noSuid, noDev, noExec } = mountAttribute

/** What is in every view: /proc, five devices, four links; with `tmp` also /tmp and /dev/shm. */
export function baseView(tmpBytes: bigint | null): readonly Placing[] {
  return [
    { op: 'filesystem.mount-proc', origin: 'filesystem', target: '/proc' },
    ...devices.map((path): Placing => ({
      op: 'filesystem.bind',
      origin: 'filesystem',
      source: path,
      target: path,
      type: fileType('device'),
      // A read-only mount keeps the host's node as it is (chmod, utime) and does not hinder writing to a device.
      attributes: readOnly | noSuid | noExec,
    })),
    ...links.map(([target, content]): Placing => {
      return { op: 'filesystem.make-symlink', origin: 'filesystem', target, content }
    }),
    ...(tmpBytes === null ? [] : ['/tmp', '/dev/shm'].map((target) => privateDirectory(target, tmpBytes))),
  ]
}

/** Sticky and writable for all, as everywhere. */
function privateDirectory(target: string, sizeBytes: bigint): Placing {
  return {
    op: 'filesystem.mount-tmpfs',
    origin: 'filesystem.tmp',
    target,
    mode: 0o1777,
    sizeBytes,
    attributes: noSuid | noDev | noExec,
  }
}
