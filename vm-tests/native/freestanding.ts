/** A program that is linked as the launcher is, without libc: its start by the kernel of each arch, and its ends. */
import type { GuestArch } from '../matrix.js'
import type { Job, Point } from './jobs.js'

/** native/fuzz/freestanding_probe.cc. */
export const freestandingProbe = '/payload/freestanding-probe'

/** How a trap of the compiler's ends a process. */
const trap: Readonly<Record<GuestArch, string>> = { x86_64: 'signal 4', i386: 'signal 4', aarch64: 'signal 5' }

export function freestandingJobs(arch: GuestArch): readonly Job[] {
  const said: Point = {
    ...about('addresses in data, errno, vfork, the clock, division'),
    kind: 'lines',
    expected: ['in a child', 'ok'],
  }
  return [
    job(['check'], 'it runs to its end', 'exit 0', [said]),
    job(['overflow'], 'an array of a frame that overflows is its end', trap[arch]),
    job(['overrun', 'long'], 'a copy beyond a buffer is its end', trap[arch]),
    job(['constant'], 'a constant with an address in it that is written is its end', 'signal 11'),
  ]
}

function job(act: readonly string[], what: string, ends: string, said: readonly Point[] = []): Job {
  return {
    uid: 1000,
    runs: { program: [freestandingProbe, ...act] },
    points: [...said, { ...about(what), kind: 'ends', expected: ends }],
  }
}

function about(what: string): Pick<Point, 'layer' | 'name'> {
  return { layer: 'process', name: `without libc: ${what}` }
}
