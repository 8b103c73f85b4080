/** Both ends of a path under load: network-load.c, compiled, started and asked. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { must, searchPath } from '../world/process.js'
import { moveToProcessor, statusField, withDescendants } from './network-processes.js'

/** The client end of one path. */
export interface Load {
  /** Of the command that was started: the client, or the launcher above it. */
  readonly pid: number
  /** Runs one command of network-load.c; rejects if it fails or does not answer. */
  ask(command: string): Promise<number>
  close(): Promise<void>
}

/** A static program: it runs in a sandbox that shows no library. */
export async function buildLoad(directory: string): Promise<string> {
  const source = join(import.meta.dirname, '../../../integration/bench/network-load.c')
  const program = join(directory, 'network-load')
  await must(['cc', '-O2', '-static', '-pthread', '-Wall', '-Wextra', '-Werror', '-o', program, source])
  return program
}

/** Whether this is the client itself, not the launcher above it. */
export function isClient(pid: number): boolean {
  return statusField(pid, 'Name') === 'network-load'
}

/** Starts a client; `plan`, if there is one, is open as descriptor 3 of the command. */
export function startLoad(argv: readonly string[], plan: string | null = null): Load {
  const descriptor = plan === null ? null : openSync(plan, 'r')
  const child = launch(argv, descriptor)
  if (descriptor !== null) closeSync(descriptor)
  const complaints: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (part: string) => complaints.push(part))
  const answers = linesOf(child)
  const ended = new Promise<void>((resolve) => {
    child.once('close', resolve)
    child.once('error', resolve)
  })
  const pid = child.pid ?? -1
  let pinned = false
  // The launcher stays free: only its program is to stay where it is.
  const pin = async (): Promise<void> => {
    if (pinned) return
    const clients = withDescendants(pid).filter(isClient)
    for (const client of clients) await moveToProcessor(0, client)
    pinned = clients.length > 0
  }
  return {
    pid,
    ask: async (command) => {
      await pin()
      child.stdin?.write(`${command}\n`)
      const answer = await within(answerTimeoutMs, answers.next(), command)
      if (answer.done === true) throw new Error(`${argv[0]} has ended: ${complaints.join('').trim()}`)
      const [word, value] = answer.value.split(' ')
      if (word !== 'ok') throw new Error(answer.value)
      return Number(value)
    },
    close: async () => {
      child.stdin?.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
      await ended
      clearTimeout(timer)
    },
  }
}

function launch([file = '', ...rest]: readonly string[], descriptor: number | null): ChildProcess {
  return spawn(file, rest, {
    env: { PATH: searchPath },
    stdio: ['pipe', 'pipe', 'pipe', descriptor ?? 'ignore'],
  })
}

function linesOf(child: ChildProcess): AsyncIterator<string> {
  if (child.stdout === null) throw new Error('a client without stdout')
  // A client that ends early is told of by its closed stdout.
  child.stdin?.on('error', () => {})
  return createInterface(child.stdout)[Symbol.asyncIterator]()
}

/** Longer than any command of ours and all waits of network-load.c together. */
const answerTimeoutMs = 30_000

async function within<A>(milliseconds: number, promise: Promise<A>, what: string): Promise<A> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: no answer in ${milliseconds / 1000} s`)), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
