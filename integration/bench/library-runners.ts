/** Who runs a program from a process of Node. */
import { spawn } from 'node:child_process'
import { Sandbox, type PolicyObject, type RunResult } from '../../src/index.js'
import type { Bar } from './plot.js'
import { bubblewrap, endpoint, offline } from './policies.js'

/** Runs the program once. */
type Act = () => Promise<unknown>

export interface Runner extends AsyncDisposable {
  readonly run: Act
}

export interface RunnerKind {
  readonly name: string
  readonly who: Bar['who']
  readonly open: (program: string) => Promise<Runner>
}

export const poolSize = 8
export const runners: readonly RunnerKind[] = [
  { name: 'spawn', who: 'floor', open: (program) => always(() => spawned([program])) },
  { name: 'bubblewrap', who: 'peer', open: (program) => always(() => spawned(bubblewrap(program))) },
  { name: 'sandbox.run', who: 'palisade', open: (program) => opened(offline, program) },
  { name: 'sandbox.run+veth', who: 'palisade', open: (program) => opened(endpoint, program) },
  { name: 'pool.run', who: 'palisade', open: (program) => pooled(offline, program) },
  { name: 'pool.run+veth', who: 'palisade', open: (program) => pooled(endpoint, program) },
]

function spawned([file, ...words]: readonly [string, ...string[]]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${file}: ${code}`))))
  })
}

function always(run: Act): Promise<Runner> {
  return Promise.resolve({ run, [Symbol.asyncDispose]: () => Promise.resolve() })
}

async function opened(policy: PolicyObject, program: string): Promise<Runner> {
  const sandbox = await Sandbox.open(policy)
  return { run: () => succeeded(sandbox.run([program])), [Symbol.asyncDispose]: () => sandbox.close() }
}

async function pooled(policy: PolicyObject, program: string): Promise<Runner> {
  const pool = await Sandbox.pool(policy, { size: poolSize, program })
  return { run: () => succeeded(pool.run([program])), [Symbol.asyncDispose]: () => pool.close() }
}

/** A program that fails is a result, but not one to be timed. */
async function succeeded(result: Promise<RunResult>): Promise<void> {
  const { exit, signal } = await result
  if (exit !== 0) throw new Error(`the program ended with ${exit ?? signal}`)
}
