/**
 * Limits of everything inside together, by cgroup v2: in the root cgroup, and in one that a user was given. Each limit
 * stands beside the same plan without it, and below it beside above it.
 */
import type { Guest } from '../matrix.js'
import { failureJobs, killedAtEachJobs, killJobs } from './cgroup-endings.js'
import { given, nothingLeft, places, plan, script, type Limits, type Where } from './cgroup-places.js'
import { actsOf, type Job } from './jobs.js'
import type { PlanOptions } from './place.js'

const eagain = 'errno 11'
const etime = 'errno 62'
const large = `${64 << 20}`
const small = `${8 << 20}`
/** Of a cgroup around it: enough for a supervisor under sanitizers, not for `large` besides. */
const outside = `${48 << 20}`

/** All of what follows was seen by other jobs too if it leaves something: each ends with a look. */
export function cgroupJobs(guest: Guest): readonly Job[] {
  const { arch } = guest
  return [
    ...places.flatMap((where) => [
      ...limitJobs(guest, where),
      ...(arch === 'x86_64' ? failureJobs(guest, where) : []),
      ...killJobs(guest, where),
      ...(where.uid === 0 ? startedJobs(guest, where) : []),
      nothingLeft(where),
    ]),
    ...killedAtEachJobs(guest),
    ...refusedJobs(guest),
  ]
}

/** One limit: `within` and `over` are acts of the probe, alone in the sandbox. */
function limitJobs(guest: Guest, where: Where): readonly Job[] {
  const { name } = where
  const job = (
    what: string,
    limits: Limits,
    acts: readonly (readonly string[])[],
    answers: readonly string[],
  ): Job => ({
    ...where,
    runs: plan(guest, where, limits),
    ...actsOf(
      `${name}: ${what}: ends`,
      acts,
      acts.map((act) => `${name}: ${what}: ${act.join(' ')}`),
      answers,
      acts.map(() => 'resources'),
    ),
  })
  return [
    // The batch, and the act itself, are two of them.
    job(
      'pids: 10',
      { pids: 10 },
      [
        ['forks', '8'],
        ['forks', '9'],
      ],
      ['ok', eagain],
    ),
    job('control: no pids', {}, [['forks', '9']], ['ok']),
    job('cpus: 0.1', { cpus: 0.1 }, [['burn', '200']], [etime]),
    job('control: cpus: 4', { cpus: 4 }, [['burn', '200']], ['ok']),
    job('memory: 32M', { memory: '32M' }, [['allocate', small]], ['ok']),
    job('control: no memory', {}, [['allocate', large]], ['ok']),
    {
      ...where,
      runs: plan(guest, where, { memory: '32M' }, { reportDescriptor: 1 }),
      input: `allocate ${large}\n`,
      points: [
        {
          kind: 'ends',
          layer: 'resources',
          name: `${name}: memory: 32M: allocate ${large} ends it all`,
          expected: 'exit 137',
        },
        {
          kind: 'has',
          layer: 'resources',
          name: `${name}: memory: 32M: the Report says so`,
          expected: '"limitsHit":["limits.memory"]',
        },
      ],
    },
    {
      ...where,
      runs: plan(guest, where, { memory: '32M', pids: 10, cpus: 1 }, { reportDescriptor: 1 }),
      input: 'show /proc/self/cgroup\n',
      points: [
        {
          kind: 'lines',
          layer: 'resources',
          name: `${name}: it sees its cgroup as the root`,
          expected: ['0::/', 'ok', 'end 0', '{"policy":*'],
        },
        {
          kind: 'has',
          layer: 'resources',
          name: `${name}: control: the Report says that no limit was hit`,
          expected: '"limitsHit":[]',
        },
        {
          kind: 'has',
          layer: 'resources',
          name: `${name}: the Report has what was counted`,
          expected: '"usage":{"cpuMs":',
        },
        { kind: 'ends', layer: 'resources', name: `${name}: all three: ends`, expected: 'exit 0' },
      ],
    },
  ]
}

/** What a caller has that would exempt everything inside, or lead elsewhere; only root can have most of it. */
function startedJobs(guest: Guest, where: Where): readonly Job[] {
  const { name, cgroup } = where
  const started = (how: string, limits: Limits, input: string, options: PlanOptions = {}): Omit<Job, 'points'> => ({
    ...where,
    runs: { program: ['/payload/busybox', 'sh', script.started, how, plan(guest, where, limits, options).plan] },
    input: `${input}\n`,
  })
  const point = (what: string, expected: string, kind: 'ends' | 'has'): Job['points'][number] => {
    return { kind, layer: 'resources', name: `${name}: ${what}`, expected }
  }
  const real = 'exec /payload/started real-time'
  const namespace = 'exec /payload/started cgroup-namespace'
  const report = { reportDescriptor: 1 }
  const outer = cgroup === undefined ? [] : [`/sys/fs/cgroup/${cgroup.name}/memory.max`]
  return [
    {
      ...started(real, { cpus: 0.1 }, 'burn 200'),
      points: [point('started in real time: cpus: 0.1: burn 200', etime, 'has')],
    },
    {
      ...started(real, {}, 'burn 200'),
      points: [point('control: started in real time, without cpus: burn 200', 'end 0', 'has')],
    },
    {
      ...started('ulimit -r 9; exec', { cpus: 0.1 }, 'show /proc/self/limits'),
      points: [point('with cpus nobody becomes real time', realTime(0), 'has')],
    },
    {
      ...started('ulimit -r 9; exec', {}, 'show /proc/self/limits'),
      points: [point("control: without cpus the limit is the caller's", realTime(9), 'has')],
    },
    {
      ...started('echo -1000 >/proc/self/oom_score_adj; exec', { memory: '32M' }, `allocate ${large}`),
      points: [point('a caller whom nothing kills: memory: 32M ends it all', 'exit 137', 'ends')],
    },
    // As its root, its cgroup is the one that is mounted, or another one by the same name.
    {
      ...started(namespace, { pids: 10 }, 'forks 1'),
      points: [
        point(
          'in a cgroup namespace, the hierarchy of another mounted',
          cgroup === undefined ? 'exit 0' : 'exit 125',
          'ends',
        ),
      ],
    },
    ...outer.map((file): Job => ({
      ...started(`echo ${outside} >${file}; exec`, { memory: '1G' }, `allocate ${large}`, report),
      points: [
        point('an outer limit ends it', 'exit 125', 'ends'),
        point('an outer limit is not told as its own', '"limitsHit":[]', 'has'),
      ],
    })),
  ]
}

/** As proc_pid_limits(5) has it. */
function realTime(priority: number): string {
  return `Max realtime priority     ${`${priority}`.padEnd(20)} ${`${priority}`.padEnd(20)}`
}

/** Where it cannot be done it is not done; that it can, elsewhere, is above. */
function refusedJobs(guest: Guest): readonly Job[] {
  const user = given(1000)
  const refused = (what: string, where: Where): Job => ({
    ...where,
    runs: plan(guest, where, { pids: 10 }),
    input: 'forks 1\n',
    points: [{ kind: 'ends', layer: 'resources', name: `uid 1000, ${what}: refused`, expected: 'exit 125' }],
  })
  const crowded: Where = { ...user, cgroup: { name: 'crowded', uid: 1000 } }
  return [
    refused("root's cgroup", { name: '', uid: 1000 }),
    {
      ...crowded,
      runs: { program: ['/payload/busybox', 'sh', script.stay] },
      points: [
        { kind: 'ends', layer: 'resources', name: 'uid 1000, a process stays in its cgroup', expected: 'exit 0' },
      ],
    },
    refused('a cgroup with another process in it', crowded),
    nothingLeft({ ...crowded, name: 'after refusals' }),
  ]
}
