import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { errorCode } from '../../src/core/error-code.js'

/** One line of proc_pid_stat(5). */
export interface Process {
  readonly pid: number
  readonly name: string
  readonly state: string
  readonly parent: number
}

export function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => whereTold<readonly Process[]>([], () => [parse(readFileSync(`/proc/${pid}/stat`, 'utf8'))]))
}

/** The name may have spaces and brackets of its own. */
function parse(text: string): Process {
  const [, pid, name = '', state = '', parent] = /^(\d+) \((.*)\) (\S) (\d+)/s.exec(text) ?? []
  return { pid: Number(pid), name, state, parent: Number(parent) }
}

/** What this process has started, and what that has, down to the last one. */
export function descendants(all: readonly Process[], of: number = process.pid): readonly Process[] {
  return all.filter(({ parent }) => parent === of).flatMap((child) => [child, ...descendants(all, child.pid)])
}

export function descriptorsOf(pid: number): number {
  return whereTold(0, () => readdirSync(`/proc/${pid}/fd`).length)
}

export function namespacesOf(pid: number): readonly string[] {
  return ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'].flatMap((kind) =>
    whereTold<readonly string[]>([], () => [readlinkSync(`/proc/${pid}/ns/${kind}`)]),
  )
}

/** What has ended meanwhile tells nothing, and a process that forbids dumps tells root alone. */
function whereTold<Told>(otherwise: Told, read: () => Told): Told {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(errorCode(error))) return otherwise
    throw error
  }
}
