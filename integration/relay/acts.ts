/** Acts of program.py in a sandbox whose endpoints behave as peer.py does. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Harness } from '../run.js'
import { link } from '../world/addresses.js'
import { held, type Running } from '../world/process.js'

/** Where the Python of this folder is. */
export const source = (name: string): string => join(import.meta.dirname, '../../../integration/relay', name)

const report = z.object({
  status: z.number(),
  failure: z.object({ key: z.string(), syscall: z.string() }).optional(),
  network: z.object({
    endpoints: z.array(z.object({ key: z.string(), connections: z.number(), refused: z.number() })),
    connections: z.array(z.object({ key: z.string(), end: z.string() })),
    unlisted: z.number(),
  }),
})

export interface Act {
  readonly running: Running
  /** The supervisor's children: init first, the relay last. */
  children(): Promise<readonly number[]>
  end(): Promise<{
    readonly lines: readonly string[]
    readonly report: z.infer<typeof report>
    readonly stderr: string
  }>
}

export interface ActOptions {
  readonly uid?: number
  /** What the program connects to, and what the policy says of it. */
  readonly address?: string
  readonly endpoint?: string
  readonly ports?: readonly number[]
  /** More of `network`. */
  readonly more?: string
}

/** Starts one act of program.py in a sandbox whose endpoints are the ports of peer.py. */
export async function start(
  harness: Harness,
  act: readonly (string | number)[],
  options: ActOptions = {},
): Promise<Act> {
  const { address = link.client, more = '', uid } = options
  const endpoint = options.endpoint ?? `host: "${address}"`
  const { ports = [7001, 7002, 7003, 7004, 7005, 7006, 7007] } = options
  const endpoints = ports.map((port) => `{ ${endpoint}, port: ${port} }`)
  const policy = await harness.policyFile(`version: 1
name: streams
filesystem: { read: [/usr] }
network: { egress: [${endpoints.join(', ')}]${more} }
syscalls: { promises: [stdio, rpath, inet_client] }
process: { environment: { set: { HOME: / } } }
limits: { files: 4096 }
`)
  const command = [
    ...harness.command,
    '--policy',
    policy,
    '--report',
    '3',
    '--',
    '/usr/bin/python3',
    '-c',
    await readFile(source('program.py'), 'utf8'),
  ]
  const running = harness.world.start([...command, address, ...act.map(String)], {
    descriptor3: 'pipe',
    timeoutMs: 240_000,
    stdin: held,
    ...(uid === undefined ? {} : { uid }),
  })
  return {
    running,
    children: async () => {
      const text = await readFile(`/proc/${running.pid}/task/${running.pid}/children`, 'utf8')
      return text.trim().split(' ').map(Number)
    },
    end: async () => {
      const { stdout, stderr, descriptor3 } = await running.outcome
      return { lines: stdout.trim().split('\n'), report: report.parse(JSON.parse(descriptor3)), stderr }
    },
  }
}
