import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { must } from '../world/process.js'
import type { Candidate, Place } from './candidates.js'
import { demand, NotRun } from './not-run.js'

/** The last version that runs with Node 20. */
const version = '0.0.78'
const name = '@anthropic-ai/sandbox-runtime'

/** No address may be reached, nothing written. */
const settings = {
  network: { allowedDomains: [], deniedDomains: [] },
  filesystem: { denyRead: [], allowWrite: [], denyWrite: [] },
}

/** What npm has: Node, which starts bubblewrap with a filter and a proxy. */
export async function sandboxRuntime({ cache, directory }: Place): Promise<Candidate> {
  for (const tool of ['bwrap', 'socat', 'rg']) await demand(tool)
  const root = join(cache, `sandbox-runtime-${version}`)
  const program = join(root, 'node_modules', name, 'dist/cli.js')
  if (!existsSync(program)) await install(root)
  const file = join(directory, 'sandbox-runtime.json')
  await writeFile(file, JSON.stringify(settings))
  return {
    name: 'sandbox-runtime',
    who: 'peer',
    gives: `${version} with Node: bubblewrap's namespaces, a filter, a proxy; the host's files, read-only`,
    every: 20,
    command: (own) => Promise.resolve([process.execPath, program, '--settings', file, own]),
  }
}

async function install(root: string): Promise<void> {
  await mkdir(root, { recursive: true })
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save']
  // npm's settings may be anywhere in the environment.
  const env = Object.fromEntries(Object.entries(process.env).flatMap(([key, value]) => (value ? [[key, value]] : [])))
  try {
    await must(['npm', 'install', ...flags, '--prefix', root, `${name}@${version}`], { env })
  } catch (error) {
    const last = (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1)
    throw new NotRun(`not installable: npm install of ${name}@${version} failed: ${last}`)
  }
}
