/** Other sandboxes that start a program from a command line, each with what it has of our layers. */
import { existsSync } from 'node:fs'
import { must, run } from '../world/process.js'
import { environmentOf, type Candidate, type Place } from './candidates.js'
import { demand, NotRun } from './not-run.js'
import { crun } from './peer-crun.js'
import { minijail } from './peer-minijail.js'
import { sandboxRuntime } from './peer-sandbox-runtime.js'

/** A candidate, and why it is not measured. */
export interface Absent {
  readonly name: string
  readonly reason: string
}

const known: readonly (readonly [name: string, find: (place: Place) => Promise<Candidate>])[] = [
  ['minijail', minijail],
  ['nsjail', nsjail],
  ['crun', crun],
  ['firejail', firejail],
  ['systemd-run', systemdRun],
  ['sandbox-runtime', sandboxRuntime],
]

/** Those that run a program here, tried once. */
export async function findPeers(place: Place): Promise<{ found: readonly Candidate[]; absent: readonly Absent[] }> {
  const found: Candidate[] = []
  const absent: Absent[] = []
  for (const [name, find] of known) {
    try {
      const candidate = await find(place)
      await tryOnce(candidate, place)
      found.push(candidate)
    } catch (error) {
      if (!(error instanceof NotRun)) throw error
      absent.push({ name, reason: error.message })
    }
  }
  return { found, absent }
}

async function tryOnce({ command }: Candidate, place: Place): Promise<void> {
  const { code, stderr, stdout } = await run(await command(place.programs.program, 'trial'), environmentOf(place))
  if (code === 0) return
  const said = `${stdout}${stderr}`.trim().split('\n').at(-1) ?? ''
  throw new NotRun(`does not run here: ${said === '' ? `exit ${code}` : said}`)
}

async function firejail(place: Place): Promise<Candidate> {
  const path = await demand('firejail')
  const [version = ''] = (await must([path, '--version'], environmentOf(place))).split('\n')
  const namespaces = ['--net=none', '--ipc-namespace', '--hostname=sandbox']
  const flags = [
    '--quiet',
    '--noprofile',
    ...namespaces,
    '--private-dev',
    '--nonewprivs',
    '--caps.drop=all',
    '--seccomp',
  ]
  return {
    name: 'firejail',
    who: 'peer',
    gives: `${version}: namespaces but user and cgroup, its filter, a /dev; the host's files`,
    every: 4,
    command: (program) => Promise.resolve([path, ...flags, program]),
  }
}

/** For whoever has built it. */
async function nsjail(): Promise<Candidate> {
  const path = await demand('nsjail').catch(() => {
    throw new NotRun('not installable: no suite of Debian has a package of it, and none is in PATH')
  })
  const user = ['--user', '65534', '--group', '65534']
  const view = ['--bindmount_ro', '/usr', '--bindmount_ro', '/dev/null', '--tmpfsmount', '/tmp']
  return {
    name: 'nsjail',
    who: 'peer',
    gives: 'all namespaces, a view of /usr, /proc, /tmp',
    every: 2,
    command: (program) =>
      Promise.resolve([path, '-Mo', '--really_quiet', ...user, ...view, '--bindmount_ro', program, '--', program]),
  }
}

async function systemdRun(): Promise<Candidate> {
  if (!existsSync('/run/systemd/system')) throw new NotRun('no systemd runs here')
  const path = await demand('systemd-run')
  const view = ['PrivateTmp=yes', 'PrivateDevices=yes', 'ProtectSystem=strict', 'ProtectHome=yes']
  const properties = ['PrivateNetwork=yes', 'PrivateUsers=yes', 'NoNewPrivileges=yes', ...view]
  const flags = ['--quiet', '--wait', '--collect', '--pipe', ...properties.flatMap((one) => ['--property', one])]
  return {
    name: 'systemd-run',
    who: 'peer',
    gives: 'a service with namespaces of mounts, net and users',
    every: 4,
    command: (program) => Promise.resolve([path, ...flags, program]),
  }
}
