/** Processes by their descent and their processors, as /proc tells. */
import { readdirSync, readFileSync } from 'node:fs'
import { must, searchPath, start } from '../world/process.js'

/** `pid` and all its descendants, ancestors first. */
export function withDescendants(pid: number): readonly number[] {
  const parents = pids().map((own): readonly [number, string] => [own, statusField(own, 'PPid')])
  const found = [pid]
  for (const above of found) found.push(...parents.flatMap(([own, parent]) => (parent === `${above}` ? [own] : [])))
  return found
}

/** A field of /proc/PID/status; empty for a process that has ended meanwhile. */
export function statusField(pid: number, field: string): string {
  const text = statusOf(pid)
  return new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(text)?.[1] ?? ''
}

/**
 * The command line on one of two processors: the client has the first and the server the second, as if they were two
 * machines. Unpinned, the scheduler puts a bare pair on one processor in some rounds and on two in others, which is more
 * than what is measured. A machine with one processor has nothing to choose.
 */
export function onProcessor(which: 0 | 1, argv: readonly string[]): readonly string[] {
  const processor = processors()[which]
  return processor === undefined ? argv : ['taskset', '--cpu-list', `${processor}`, ...argv]
}

/** The same for a process that runs already, all its threads, and those that it will make. */
export async function moveToProcessor(which: 0 | 1, pid: number): Promise<void> {
  const processor = processors()[which]
  if (processor !== undefined) await must(['taskset', '--all-tasks', '--pid', '--cpu-list', `${processor}`, `${pid}`])
}

/** Gives both processors something to do that whatever is measured may interrupt, until it is stopped. */
export function keepBusy(): { stop(): void } {
  const idle = ['chrt', '--idle', '0', 'sh', '-c', 'while :; do :; done']
  const options = { env: { PATH: searchPath }, timeoutMs: 3_600_000 }
  const workers = ([0, 1] as const).map((which) => start(onProcessor(which, idle), options))
  return { stop: () => workers.forEach((worker) => worker.signal('SIGKILL')) }
}

/** The first two processors that we may use; none if there is but one. */
function processors(): readonly number[] {
  const ranges = statusField(process.pid, 'Cpus_allowed_list').split(',')
  const all = ranges.flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
  return all.length < 2 ? [] : all.slice(0, 2)
}

function pids(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return ''
    throw error
  }
}
