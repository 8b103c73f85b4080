import { chown, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { launcherPath } from '../src/launch/addon.js'
import { buildProbes, type Probes } from './probes/probes.js'
import type { Outcome } from './world/process.js'
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

/** A world on whose client host every user can run the checkout's Palisade, and the probes. */
export interface Harness {
  readonly world: World
  readonly probes: Probes
  /** What a user calls sandbox-exec. */
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
  const probes = await buildProbes(world.directory)
  await requireReadable(world)
  for (const uid of world.uids) await makeOwn(world, uid)
  const command = [launcherPath()]
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

/** What is not for every user to read cannot be tried as another one. */
async function requireReadable(world: World): Promise<void> {
  for (const uid of world.uids) {
    const { code, stderr } = await world.run(['cat', join(checkout, 'dist/cli/main.cjs')], { uid })
    if (code !== 0) throw new Error(`uid ${uid} cannot read the checkout: ${stderr}`)
  }
}

// From build-test/integration.
const checkout = join(import.meta.dirname, '../..')
