/** What is run: a tiny static program, by the library. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sandbox, type PolicyObject, type RunResult } from '../../src/index.js'
import { must, searchPath } from '../world/process.js'
import type { Act } from './soak.js'

export interface Subjects {
  readonly pool: Act
  readonly run: Act
  /** The same program, without a sandbox. */
  readonly bare: Act
  close(): Promise<void>
}

/** With an endpoint, so that each run has a relay too. */
const policy: PolicyObject = {
  version: 1,
  name: 'soak',
  filesystem: { read: ['/usr'], tmp: '16M' },
  network: { egress: [{ host: '203.0.113.10', port: 443 }] },
  syscalls: { promises: ['stdio', 'rpath', 'inet_client'] },
}
const size = 4

export async function makeSubjects(): Promise<Subjects> {
  const directory = mkdtempSync(join(tmpdir(), 'palisade-soak-'))
  chmodSync(directory, 0o755)
  const program = join(directory, 'true')
  await must(['cc', '-static', '-O2', '-o', program, source], { env: { PATH: searchPath } })
  const sandbox = await Sandbox.open(policy)
  const pool = await Sandbox.pool(policy, { size, program })
  return {
    pool: async () => requireSuccess(await pool.run([program])),
    run: async () => requireSuccess(await sandbox.run([program])),
    bare: () => spawned(program),
    close: async () => {
      await Promise.all([pool.close(), sandbox.close()])
      rmSync(directory, { recursive: true })
    },
  }
}

// From build-test/integration/soak; what is no TypeScript is not copied there.
const source = join(import.meta.dirname, '../../../integration/bench/true.c')

function requireSuccess({ exit, signal, report }: RunResult): void {
  if (exit !== 0) throw new Error(`a run ended with ${exit ?? signal}: ${JSON.stringify(report)}`)
}

function spawned(program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program}: ${code}`))))
  })
}
