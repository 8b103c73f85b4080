/** Who runs a program: nobody, the floor, bubblewrap and the launcher. The other peers are in peers.ts. */
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { PolicyObject } from '../../src/index.js'
import { launcherPath } from '../../src/launch/addon.js'
import { must, searchPath } from '../world/process.js'
import type { Bar } from './plot.js'
import { bubblewrap, endpoint, offline } from './policies.js'
import type { Programs } from './programs.js'

export interface Candidate {
  readonly name: string
  readonly who: Bar['who']
  /** Which version, and what it gives the program. */
  readonly gives: string
  /** Slow ones take part in every so many rounds only, and have as many fewer runs in a batch. */
  readonly every: number
  /** The command line that runs `program`; `run`: a word that no other run at the same time may have. */
  readonly command: (program: string, run: string) => Promise<readonly string[]>
}

/** Where the bench puts things. */
export interface Place {
  /** Gone at its end; anybody may search it. */
  readonly directory: string
  /** Kept for the next time. */
  readonly cache: string
  readonly programs: Programs
}

/** A compiled plan compares HOME, and plans are kept there. */
export function environmentOf({ directory }: Pick<Place, 'directory'>): { readonly env: Record<string, string> } {
  return { env: { PATH: searchPath, HOME: directory } }
}

export async function ownCandidates(place: Place): Promise<readonly Candidate[]> {
  const { floor } = place.programs
  const version = (await must(['/usr/bin/bwrap', '--version'], environmentOf(place))).trim()
  const all = 'all namespaces, a view of /usr, a tmpfs, Landlock, a filter'
  const candidate = (name: string, who: Bar['who'], gives: string, command: Candidate['command']): Candidate => ({
    name,
    who,
    gives,
    every: 1,
    command,
  })
  return [
    candidate('fork+exec', 'floor', 'nothing', (program) => Promise.resolve([program])),
    candidate('floor', 'floor', `${all}: the calls alone (floor.c)`, (program) => Promise.resolve([floor, program])),
    candidate('floor+veth', 'floor', 'the same, two net namespaces and a veth pair between them', (program) =>
      Promise.resolve([floor, '--veth', program]),
    ),
    candidate('bubblewrap', 'peer', `${version}: all namespaces, the same view`, (program) =>
      Promise.resolve(bubblewrap(program)),
    ),
    candidate('palisade', 'palisade', `${all}; a compiled plan (--plan)`, (program) =>
      planned(place, 'offline', offline, program),
    ),
    candidate('palisade, kept', 'palisade', `${all}; the plan that an earlier start has kept`, (program) =>
      kept(place, 'offline', offline, program),
    ),
    candidate('palisade+veth', 'palisade', 'the same, a fresh veth pair and a relay for one address', (program) =>
      planned(place, 'endpoint', endpoint, program),
    ),
  ]
}

async function planned(place: Place, name: string, policy: PolicyObject, program: string): Promise<readonly string[]> {
  const file = await policyFile(place, name, policy)
  const plan = join(place.directory, `${name}-${basename(program)}.plan`)
  const command = [launcherPath(), 'compile', '--policy', file, '-o', plan, '--', program]
  await must(command, environmentOf(place))
  return [launcherPath(), '--plan', plan]
}

async function kept(place: Place, name: string, policy: PolicyObject, program: string): Promise<readonly string[]> {
  const command = [launcherPath(), '--policy', await policyFile(place, name, policy), '--', program]
  await must(command, environmentOf(place))
  return command
}

/** JSON is YAML. */
export async function policyFile({ directory }: Place, name: string, policy: PolicyObject): Promise<string> {
  const file = join(directory, `${name}.yaml`)
  await writeFile(file, JSON.stringify(policy))
  return file
}
