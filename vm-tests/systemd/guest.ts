/** What the suite asks of the guest that it runs in. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { run, searchPath, start, type Outcome } from '../../integration/world/process.js'
import type { Layer } from '../layers.js'

/** One point: what is found must be, or fit, what is expected. */
export interface Check {
  /** `service` where none is named. */
  readonly layer?: Layer
  readonly name: string
  readonly expected: string | RegExp
  readonly found: () => string | Promise<string>
}

const options = { env: { PATH: searchPath }, timeoutMs: 180_000 }

export async function ask(...argv: readonly string[]): Promise<Outcome> {
  return run(argv, options)
}

/** Values of a unit's properties, in this order. */
export async function show(unit: string, ...names: readonly string[]): Promise<string> {
  const { stdout } = await ask('systemctl', 'show', `--property=${names.join(',')}`, unit)
  const values = new Map(stdout.split('\n').map((line) => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')]))
  return names.map((name) => values.get(name) ?? '').join(' ')
}

/** Where the journal ends now. */
export async function journalCursor(): Promise<string> {
  const { stdout } = await ask('journalctl', '--lines=0', '--show-cursor')
  return /^-- cursor: (.*)$/m.exec(stdout)?.[1] ?? ''
}

/** Settles when the processes of a unit have said a line, behind a cursor or ever. */
export async function said(unit: string, line: string, cursor?: string): Promise<void> {
  const from = cursor === undefined ? '--lines=all' : `--after-cursor=${cursor}`
  const journal = start(['journalctl', '--follow', from, '--output=cat', `_SYSTEMD_UNIT=${unit}`], options)
  await journal.printed(line)
  journal.signal('SIGKILL')
  await journal.outcome
}

/** The processes in a unit's control group; none when there is no such group. */
export function processesIn(unit: string): readonly number[] {
  const file = `/sys/fs/cgroup/system.slice/${unit}/cgroup.procs`
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []
}

/** A process and all that come from it. */
export function familyOf(pid: number): readonly number[] {
  const parents = allProcesses().map((one): [number, number] => [one, parentOf(one)])
  const family = [pid]
  for (const member of family) family.push(...parents.flatMap(([one, parent]) => (parent === member ? [one] : [])))
  return family
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(ofProcess(pid, 'status'))?.[1] ?? '0')
}

export function allProcesses(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** A file in /proc/PID; empty when the process has ended. */
export function ofProcess(pid: number, name: string): string {
  return ifAlive(() => readFileSync(`/proc/${pid}/${name}`, 'utf8'), '')
}

/** Those that a process has and process 1 has not: `net:[4026532201]`. */
export function ownNamespaces(pid: number): readonly string[] {
  const kinds = ['mnt', 'net', 'pid', 'user']
  const of = (one: number): readonly string[] =>
    ifAlive(() => kinds.map((kind) => readlinkSync(`/proc/${one}/ns/${kind}`)), [])
  const first = of(1)
  return of(pid).filter((name) => !first.includes(name))
}

function ifAlive<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return otherwise
    throw error
  }
}
