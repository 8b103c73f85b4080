import { chown, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { buildProbes, type Probes } from './probes/probes.js'
import { must, run, searchPath, type Outcome } from './world/process.js'
import { makeWorld, type ClientOptions, type World } from './world/world.js'

/** A policy as text, or the file that holds it. */
export type PolicyInput = { readonly text: string } | { readonly file: string }

export interface SandboxOptions extends ClientOptions {
  /** Arguments for sandbox-exec itself. */
  readonly flags?: readonly string[]
}

export interface SandboxOutcome extends Outcome {
  /** The Report, as JSON; empty text if there is none. */
  readonly report: string
}

/** A world with Palisade installed on its client host, readable by every user, and the probes. */
export interface Harness {
  readonly world: World
  readonly probes: Probes
  /** `node main.js` of the installed copy. */
  readonly command: readonly string[]
  /** A directory that belongs to the program of a sandbox that this user starts. */
  own(uid: number): string
  /** Whom a sandbox that `uid` starts runs its program as: root's program is nobody. */
  programUid(uid: number): number
  /** Writes a policy that every user can read and none but the owner can write. */
  policyFile(text: string): Promise<string>
  /** Runs `argv` in a sandbox on the client host. */
  sandboxed(policy: PolicyInput, argv: readonly string[], options?: SandboxOptions): Promise<SandboxOutcome>
  close(): Promise<void>
}

export async function makeHarness(): Promise<Harness> {
  const world = await makeWorld()
  const [probes, installed] = await Promise.all([buildProbes(world.directory), install(world)])
  for (const uid of world.uids) await makeOwn(world, uid)
  const command = [process.execPath, join(installed, 'dist/cli/main.js')]
  let policies = 0
  const policyFile = async (text: string): Promise<string> => {
    const file = join(world.directory, `policy-${(policies += 1)}.yaml`)
    await writeFile(file, text, { mode: 0o644 })
    return file
  }
  const sandboxed: Harness['sandboxed'] = async (policy, argv, { flags = [], ...options } = {}) => {
    const file = 'file' in policy ? policy.file : await policyFile(policy.text)
    const palisade = [...command, '--policy', file, '--report', '3', ...flags, '--']
    const outcome = await world.run([...palisade, ...argv], { ...options, descriptor3: 'pipe' })
    return { ...outcome, report: outcome.descriptor3 }
  }
  return {
    world,
    probes,
    command,
    programUid,
    own: (uid) => own(world, uid),
    policyFile,
    sandboxed,
    close: () => world.close(),
  }
}

function own(world: World, uid: number): string {
  return join(world.directory, `user-${uid}`)
}

async function makeOwn(world: World, uid: number): Promise<void> {
  await mkdir(own(world, uid), { mode: 0o755 })
  const owner = programUid(uid)
  if (process.getuid?.() === 0) await chown(own(world, uid), owner, owner)
}

/** Whom a sandbox that `uid` starts runs its program as: root's program is nobody. */
export function programUid(uid: number): number {
  return uid === 0 ? 65534 : uid
}

/** The checkout, if every user of the world can read it; else a copy of what a user would have installed. */
async function install(world: World): Promise<string> {
  const main = join(checkout, 'dist/cli/main.js')
  const tries = await Promise.all(world.uids.map((uid) => world.run(['cat', main], { uid })))
  if (tries.every(({ code }) => code === 0)) return checkout
  const target = join(world.directory, 'installed')
  const list = ['npm', 'ls', '--omit=dev', '--all', '--parseable']
  const { stdout } = await run(list, { directory: checkout, env: { PATH: searchPath, HOME: world.directory } })
  const modules = stdout.split('\n').filter((path) => path.includes('/node_modules/'))
  const parts = [
    'package.json',
    'dist',
    'build/Release',
    'policies',
    ...modules.map((path) => relative(checkout, path)),
  ]
  for (const part of parts) await cp(join(checkout, part), join(target, part), { recursive: true })
  await must(['chmod', '-R', 'go+rX', target])
  await readFile(join(target, 'dist/cli/main.js'))
  return target
}

// From build-test/integration.
const checkout = join(import.meta.dirname, '../..')
