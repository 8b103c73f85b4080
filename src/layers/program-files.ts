import type { HostFacts, PathFacts } from '../host/facts.js'
import { isNeverGranted } from './never-granted.js'

/** What execve(2) opens to start a program, besides the program: by the name written in the file that asks for it. */
export interface ProgramFiles {
  readonly found: readonly ProgramFile[]
  /** What execve(2) could not start, or what no policy could grant if it named it. */
  readonly refused: readonly { readonly written: string; readonly why: string }[]
}

/** An interpreter or a loader. */
export interface ProgramFile {
  readonly written: string
  readonly facts: PathFacts
  /** Real path of the file that names it. */
  readonly namedBy: string
}

/** The kernel goes through at most this many `#!` lines (BINPRM, execve(2)) and then one loader. */
const depthMax = 6

/** Follows `#!` lines and PT_INTERP from `program` on. */
export function programFiles(program: PathFacts, host: HostFacts): ProgramFiles {
  const found: ProgramFile[] = []
  const refused: { readonly written: string; readonly why: string }[] = []
  let level: readonly PathFacts[] = [program]
  for (let depth = 0; depth < depthMax && level.length > 0; depth += 1) {
    const named = level.flatMap((file) => (file.interpreters ?? []).map((written) => ({ written, by: file.real })))
    const next: PathFacts[] = []
    for (const { written, by } of named) {
      const facts = host.paths.get(written) ?? null
      const why = whyRefused(written, facts)
      if (facts === null || why !== null) {
        refused.push({ written, why: why ?? 'does not exist' })
        continue
      }
      found.push({ written, facts, namedBy: by })
      next.push(facts)
    }
    level = next
  }
  return { found, refused }
}

function whyRefused(written: string, facts: PathFacts | null): string | null {
  if (facts === null) return 'does not exist'
  if (isNeverGranted(written) || isNeverGranted(facts.real)) return 'cannot be granted'
  return facts.kind === 'file' && (facts.mode & 0o111) !== 0 ? null : 'is not executable'
}
