import type { HostFacts, PathFacts } from '../host/facts.js'

/** What execve(2) opens to start a program, besides the program: by the name written in the file that asks for it. */
export interface ProgramFiles {
  readonly found: readonly { readonly written: string; readonly facts: PathFacts }[]
  /** Interpreters that do not exist: execve(2) would answer ENOENT. */
  readonly missing: readonly string[]
}

/** The kernel goes through at most this many `#!` lines (BINPRM, execve(2)) and then one loader. */
const depthMax = 6

/** Follows `#!` lines and PT_INTERP from `program` on. */
export function programFiles(program: PathFacts, host: HostFacts): ProgramFiles {
  const found: { readonly written: string; readonly facts: PathFacts }[] = []
  const missing: string[] = []
  let next = program.interpreters ?? []
  for (let depth = 0; depth < depthMax && next.length > 0; depth += 1) {
    const level = next.map((written) => ({ written, facts: host.paths.get(written) ?? null }))
    next = []
    for (const { written, facts } of level) {
      if (facts === null) {
        missing.push(written)
        continue
      }
      found.push({ written, facts })
      next = [...next, ...(facts.interpreters ?? [])]
    }
  }
  return { found, missing }
}
