/** Where sandboxes with limits of everything inside are started, and the scripts that start them. */
import type { GuestFile } from '../host/initramfs.js'
import type { Guest } from '../matrix.js'
import type { Job } from './jobs.js'
import { planFor, type PlanOptions, type Uid } from './place.js'

/** Where a sandbox is started, and by whom. */
export interface Where {
  readonly name: string
  readonly uid: Uid
  readonly cgroup?: NonNullable<Job['cgroup']>
}

export const given = (uid: Uid): Where => {
  return { name: `uid ${uid}, its own cgroup`, uid, cgroup: { name: `given-${uid}`, uid } }
}
export const places: readonly Where[] = [{ name: 'uid 0, the root cgroup', uid: 0 }, given(0), given(1000)]

export type Limits = Readonly<Record<string, unknown>>
const syscalls = { promises: ['stdio', 'rpath', 'proc', 'threads'] }

export function plan(
  guest: Guest,
  { uid }: Where,
  limits: Limits,
  options: PlanOptions = {},
): { readonly plan: Uint8Array } {
  return { plan: planFor(guest, uid, { name: 'cgroups', limits, syscalls }, options) }
}

export function nothingLeft({ name }: Where): Job {
  return {
    uid: 0,
    runs: { program: ['/payload/busybox', 'sh', script.count] },
    points: [{ kind: 'lines', layer: 'resources', name: `${name}: no cgroup is left`, expected: ['cgroups: 0'] }],
  }
}

export const script = {
  count: '/payload/count-cgroups.sh',
  kill: '/payload/kill-supervisor.sh',
  killAtEach: '/payload/kill-at-each.sh',
  stay: '/payload/stay.sh',
  started: '/payload/started.sh',
} as const

const count = 'echo "cgroups: $(/payload/busybox find /sys/fs/cgroup -name "palisade-*" | /payload/busybox wc -l)"'

/** The scripts of the jobs. */
export const cgroupFiles: readonly GuestFile[] = [
  { path: script.count, content: { text: `${count}\n` } },
  { path: script.stay, content: { text: '/payload/busybox sleep 100000 &\n' } },
  {
    path: script.started,
    content: {
      text: 'plan=$2; eval "$1 /payload/palisade-launcher --plan-descriptor 3 3<$plan"\n',
    },
  },
  {
    path: script.killAtEach,
    content: {
      // The launcher wants a cgroup to itself.
      text: [
        'own=/sys/fs/cgroup/given-1000; /payload/busybox mkdir $own/script; echo 0 >$own/script/cgroup.procs',
        '/payload/killed-at-each $2 $3 $own /payload/palisade-launcher --plan-descriptor 3 3<"$1"; status=$?',
        'echo 0 >$own/cgroup.procs; /payload/busybox rmdir $own/script; exit $status',
        '',
      ].join('\n'),
    },
  },
  {
    path: script.kill,
    content: {
      // The sandbox lives as long as its input is open; the guard has nobody to tell that it is done.
      text: [
        'b=/payload/busybox; d=$($b mktemp -d); $b mkfifo $d/in $d/out',
        'enter() { if [ -n "$1" ]; then echo 0 >$1/cgroup.procs; fi; }',
        // The launcher wants a cgroup to itself.
        'if [ -n "$2" ]; then $b mkdir $2/script; enter $2/script; fi',
        '( enter $2; exec /payload/palisade-launcher --plan-descriptor 3 3<"$1" <$d/in >$d/out ) & launcher=$!',
        'exec 4>$d/in 5<$d/out; echo "forks 1" >&4; read answer <&5',
        count,
        '$b kill -9 $launcher; wait $launcher 2>/dev/null; exec 4>&-',
        'while $b find /sys/fs/cgroup -name "palisade-*" | $b grep -q .; do $b usleep 20000; done',
        count,
        // A cgroup that hands on controllers takes no process.
        'enter $2 && echo restored; if [ -n "$2" ]; then $b rmdir $2/script; fi; $b rm -r $d',
        '',
      ].join('\n'),
    },
  },
]
