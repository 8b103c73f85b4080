import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { must } from '../world/process.js'
import { environmentOf, type Candidate, type Place } from './candidates.js'
import { demand } from './not-run.js'

const controllers = '/sys/fs/cgroup/unified/cgroup.controllers'

/** Whether crun refuses the host, whose cgroups are of both versions, each with controllers (crun, cgroup.c). */
export async function hasMixedCgroups(): Promise<boolean> {
  try {
    return (await readFile(controllers, 'utf8')).trim() !== ''
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/** A bundle of the OCI runtime specification for each program; it takes no cgroup. */
export async function crun(place: Place): Promise<Candidate> {
  const path = await demand('crun')
  const [version = ''] = (await must([path, '--version'], environmentOf(place))).split('\n')
  const state = join(place.directory, 'crun')
  return {
    name: 'crun',
    who: 'peer',
    gives: `${version}, without cgroups: all namespaces, the same view as bubblewrap`,
    every: 2,
    command: async (program, run) => {
      const bundle = await makeBundle(place.directory, program)
      return [path, '--root', state, '--cgroup-manager=disabled', 'run', '--bundle', bundle, run]
    },
  }
}

async function makeBundle(directory: string, program: string): Promise<string> {
  const bundle = join(directory, `bundle-${basename(program)}`)
  // The one user of its namespace may make nothing in a directory of root's: all places of mounts are there before.
  for (const name of ['usr', 'proc', 'dev', 'tmp']) await mkdir(join(bundle, 'rootfs', name), { recursive: true })
  await writeFile(join(bundle, 'rootfs/program'), '')
  await writeFile(join(bundle, 'config.json'), JSON.stringify(configuration(program)))
  return bundle
}

function configuration(program: string): object {
  const [ids, none] = [[{ containerID: 65534, hostID: 65534, size: 1 }], [] as const]
  const namespaces = ['user', 'pid', 'network', 'ipc', 'uts', 'mount', 'cgroup']
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 65534, gid: 65534 },
      args: ['/program'],
      env: ['PATH=/usr/bin'],
      cwd: '/',
      capabilities: { bounding: none, effective: none, permitted: none, inheritable: none, ambient: none },
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'sandbox',
    mounts: [
      { destination: '/usr', source: '/usr', options: ['bind', 'ro', 'nosuid', 'nodev'] },
      { destination: '/program', source: program, options: ['bind', 'ro', 'nosuid', 'nodev'] },
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777', 'size=16m'] },
    ],
    linux: { uidMappings: ids, gidMappings: ids, namespaces: namespaces.map((type) => ({ type })) },
  }
}
