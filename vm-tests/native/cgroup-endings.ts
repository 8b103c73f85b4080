/** Starts that fail, and supervisors that are killed: no cgroup is left. */
import type { Step } from '../../src/plan/descriptors.js'
import { guests, type Guest } from '../matrix.js'
import { given, plan, script, type Where } from './cgroup-places.js'
import type { Job } from './jobs.js'

/** What the kernel refuses while the cgroup is made: nothing is started, and nothing is left. */
export function failureJobs(guest: Guest, where: Where): readonly Job[] {
  type Change = (step: Extract<Step, { op: 'resources.limit-cgroup' }>) => Step
  const setting =
    (file: string, value: string): Change =>
    (step) => ({ ...step, settings: [{ file, value }] })
  const changes: readonly (readonly [what: string, change: Change])[] = [
    ['a controller that does not exist', (step) => ({ ...step, enable: '+none' })],
    ['a file that does not exist', setting('memory.none', '1')],
    ['a value that is none', setting('pids.max', 'many')],
    ['control: none of them', (step) => step],
  ]
  return changes.map(([what, change]) => ({
    ...where,
    runs: plan(
      guest,
      where,
      { pids: 10 },
      {
        plant: (steps) => steps.map((step) => (step.op === 'resources.limit-cgroup' ? change(step) : step)),
      },
    ),
    input: 'forks 1\n',
    points: [
      {
        kind: 'ends',
        layer: 'resources',
        name: `${where.name}: ${what}`,
        expected: what.startsWith('control') ? 'exit 0' : 'exit 125',
      },
    ],
  }))
}

/** A supervisor that is killed: its guard ends what is inside and takes the cgroups away. */
export function killJobs(guest: Guest, where: Where): readonly Job[] {
  const { name, cgroup } = where
  const own = cgroup === undefined ? [] : [`/sys/fs/cgroup/${cgroup.name}`]
  return [
    {
      ...where,
      runs: { program: ['/payload/busybox', 'sh', script.kill, plan(guest, where, { pids: 10 }).plan, ...own] },
      points: [
        {
          kind: 'lines',
          layer: 'resources',
          name: `${name}: a supervisor that is killed leaves nothing`,
          expected: [`cgroups: ${cgroup === undefined ? 1 : 2}`, 'cgroups: 0', 'restored'],
        },
      ],
    },
  ]
}

/** However far it has come: the kernels of one arch share its calls among them. */
export function killedAtEachJobs(guest: Guest): readonly Job[] {
  const kernels = guests.filter(({ arch }) => arch === 'x86_64')
  const index = kernels.findIndex(({ name }) => name === guest.name)
  if (index === -1) return []
  const where = given(1000)
  const calls = [`${index + 1}`, `${kernels.length}`]
  const program = ['/payload/busybox', 'sh', script.killAtEach, plan(guest, where, { pids: 10 }).plan, ...calls]
  return [
    {
      ...where,
      runs: { program },
      points: [
        {
          kind: 'lines',
          layer: 'resources',
          name: `${where.name}: a supervisor that is killed at any of its calls leaves nothing`,
          expected: ['killed at each of its calls it left nothing'],
        },
      ],
    },
  ]
}
