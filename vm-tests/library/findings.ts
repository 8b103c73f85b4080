/** What harness.ts is to find. */
import { join } from 'node:path'
import { z } from 'zod'
import type { Layer } from '../layers.js'

export interface LibraryCheck {
  readonly layer: Layer
  readonly name: string
  readonly expected: string | RegExp
  readonly found: () => Promise<string>
}

export const harness = join(import.meta.dirname, 'harness.js')
/** Some thirty runs, under emulation on a busy machine. */
export const harnessMs = 1_200_000

/** `run` starts it in the cgroup `given`, once, and gives what it printed. */
export function libraryChecks(given: string, run: () => Promise<string>): readonly LibraryCheck[] {
  let known: Promise<ReadonlyMap<string, string>> | null = null
  const findings = () => (known ??= run().then(parse))
  return expectations(given.replaceAll('.', '\\.')).map(([name, finding, expected]) => ({
    layer: 'resources',
    name: `the library: ${name}`,
    expected,
    found: async () => (await findings()).get(finding) ?? 'nothing was found',
  }))
}

/** `place` is for regular expressions. */
const expectations = (
  place: string,
): readonly (readonly [name: string, finding: string, expected: string | RegExp])[] => [
  ['limits.memory: what takes more is ended, and that is told', 'memory', 'SIGKILL limits.memory'],
  ['control: without it the same comes to its end', 'memory, control', '0'],
  ['three at once are each in their own', 'memory, three at once', Array(3).fill('SIGKILL limits.memory').join()],
  ['limits.pids: a fork too many is refused, and counted', 'pids', 'failed, some refused'],
  ['control: of 500 none is', 'pids, control', 'came to its end, none refused'],
  ['limits.cpus: a program that wants more waits', 'cpus', '0, at times throttled'],
  ['control: with more than there are it does not', 'cpus, control', '0, never throttled'],
  ['peak memory of everything together, and processor time', 'used', '0, peak fits, some processor time'],
  [
    'the result says which limit the cgroup carries',
    'carried',
    'enforced by setrlimit(2) (files) and a cgroup (memory, pids, cpus)',
  ],
  ['control: another limit is none of it', 'carried, control', 'enforced by setrlimit(2) (files, processes)'],
  ['a pool: each run is in a cgroup of its own', 'pool', 'SIGKILL limits.memory,0,SIGKILL limits.memory'],
  ['nothing is left in the cgroup that was named', 'left', '0'],
  ['nor when an abort is told', 'aborted', '1, then Error: enough and 0'],
  ['a supervisor that is killed leaves nothing either', 'killed', '1, then 0'],
  ['nor does Node, killed with a program running', 'Node killed', '1, then 0'],
  ['nor is anything left after all of it', 'left at the end', '0'],
  [
    'a cgroup with the harness in it is refused',
    'in it',
    new RegExp(`needs a cgroup without processes, and this one is in ${place}\n {2}fix: mkdir ${place}/own, and write`),
  ],
  ['so is the leaf in which it is', 'itself', new RegExp(`and this one is in ${place}/own\n`)],
  ['a directory that is no cgroup is refused', 'no cgroup', /needs a cgroup of version 2, and \/tmp is none\n/],
  [
    "a cgroup of root's is refused",
    'not given',
    /needs a cgroup that this user may divide, and \/sys\/fs\/cgroup.* is not\n/,
  ],
  [
    'without the option limits are refused, and the message names it',
    'none named',
    /\/own is the one that this process is in\n {2}fix: name one that this user was given \(option cgroup\)/,
  ],
  [
    'a controller that was not handed on is named with its fix, which is one',
    'controller',
    new RegExp(
      `needs the cpu controller, which ${place}/below does not have\n {2}fix: write \\+cpu to ${place}/cgroup.subtree_control; then 0$`,
    ),
  ],
]

function parse(printed: string): ReadonlyMap<string, string> {
  return new Map(
    printed
      .trimEnd()
      .split('\n')
      .map((line) => pair.parse(JSON.parse(line))),
  )
}

const pair = z.tuple([z.string(), z.string()])
