/** How messages speak of a file that is read as YAML. */
export interface FileWords {
  readonly kind: string
  /** What to do with an empty one. */
  readonly begin: string
  /** What to do with one that is too large. */
  readonly smaller: string
}

export const policyWords: FileWords = {
  kind: 'policy',
  begin: 'begin with "version: 1"',
  smaller: 'split it up, or grant a directory instead of its files',
}

/** A seccomp profile of a container runtime. */
export const profileWords: FileWords = {
  kind: 'profile',
  begin: 'begin with { "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [] }',
  smaller: 'join entries that have the same action and arguments: one entry may have many names',
}
