/** What the examples share: the caller's home, a folder to work in, and the form of a denial. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Harness } from '../run.js'
import type { Arrival } from '../world/messages.js'
import { must, type Outcome } from '../world/process.js'

/** A policy that ships, as it is. */
export function policyOf(name: string): { readonly file: string } {
  // From build-test/integration/examples.
  return { file: join(import.meta.dirname, '../../../policies', `${name}.yaml`) }
}

/** Whether both the policy and docs/examples.md tell people to run exactly this. */
export async function isDocumented(name: string, argv: readonly string[]): Promise<boolean> {
  const words = argv.map((word) => (word.includes(' ') ? `'${word}'` : word))
  const line = `sandbox-exec --policy ${name}.yaml -- ${words.join(' ')}\n`
  const places = [policyOf(name).file, join(import.meta.dirname, '../../../docs/examples.md')]
  const texts = await Promise.all(places.map((place) => readFile(place, 'utf8')))
  return texts.every((text) => text.includes(line))
}

/** One thing that a command must not do in the sandbox, and does outside. */
export interface Denial {
  readonly what: string
  readonly argv: readonly string[]
  /** What the command says in the sandbox. */
  readonly inside: RegExp
  /** Whether it was done after all. */
  readonly done: (outcome: Outcome, arrivals: readonly Arrival[]) => boolean
}

/** For a port on which something listens that is no server of the command's kind. */
export function arrivedAt(address: string, port: number): Denial['done'] {
  return (_, arrivals) => arrivals.some((arrival) => arrival.address === address && arrival.port === port)
}

/** The caller's home, of which no example sees anything. */
export interface Home {
  /** A file that only its owner may read; it holds `secret`. */
  readonly secret: string
  /** A folder that the program's user may write. */
  readonly outside: string
}

/** The program's user owns it, as every file here: no permission bit stands beside the sandbox's refusals. */
export async function makeHome(harness: Harness): Promise<Home> {
  const { world } = harness
  const top = join(world.directory, 'home')
  const home = { secret: join(top, '.ssh/id_ed25519'), outside: join(top, 'other') }
  await mkdir(join(top, '.ssh'), { recursive: true })
  await mkdir(home.outside)
  await writeFile(home.secret, 'secret\n')
  await chmod(home.secret, 0o600)
  await giveTo(programUser(harness), top)
  return home
}

/** A new folder for one run, with these files in it. */
export async function makeProject(
  harness: Harness,
  uid: number,
  name: string,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = join(harness.own(uid), name)
  await mkdir(folder)
  for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content)
  await giveTo(programUser(harness), folder)
  return folder
}

/** The user of the program is the same for each of the world's: nobody, or the caller. Controls run as this one. */
export function programUser({ world }: Harness): number {
  return world.uids.at(-1) ?? 0
}

async function giveTo(uid: number, path: string): Promise<void> {
  if (process.getuid?.() === 0) await must(['chown', '-R', `${uid}:${uid}`, path])
}
