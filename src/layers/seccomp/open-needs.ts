import { promiseDefinition, type ImplicitPromise, type OpenNeed, type PromiseName } from './promises.js'

/** One way in which the open family is granted; conditions as in promises.ts. */
export interface OpenGrant {
  readonly by: readonly string[]
  readonly call: string
  readonly when: readonly string[]
}

/**
 * What the promises let open(2) and its kin do. Each open *needs* something, and all it needs must be granted:
 * - read: O_RDONLY, O_RDWR and O_PATH
 * - write: O_WRONLY, O_RDWR, access mode 3 and O_TRUNC
 * - create: O_CREAT and O_TMPFILE
 *
 * A union of conditions per promise would be wrong: `cpath` must not let `O_CREAT | O_RDWR` open an existing file.
 */
export function openGrants(names: readonly (PromiseName | ImplicitPromise)[]): readonly OpenGrant[] {
  const definitions = names.map((name) => ({ name, opens: promiseDefinition(name).opens }))
  const joined = definitions.filter(({ opens }) => opens?.how === 'joined')
  const alone = definitions.filter(({ opens }) => opens?.how === 'alone')
  return [joined, ...alone.map((one) => [one])].flatMap((set) => {
    const needs = set.flatMap(({ opens }) => opens?.needs ?? [])
    return needs.length === 0
      ? []
      : grantsFor(
          set.map(({ name }) => name),
          new Set(needs),
        )
  })
}

function grantsFor(by: readonly string[], granted: ReadonlySet<OpenNeed>): readonly OpenGrant[] {
  const tests = [
    // Access mode 3 asks for both rights and opens for ioctl only: it needs both.
    ...(granted.has('write') ? [] : ['flags & (O_ACCMODE | O_TRUNC) == O_RDONLY']),
    ...(granted.has('create') ? [] : ['flags & (O_CREAT | __O_TMPFILE) == 0']),
    ...(granted.has('read') ? [] : ['flags & (O_ACCMODE | O_PATH) == O_WRONLY']),
  ]
  const impossible = !granted.has('read') && !granted.has('write')
  const when = tests.length === 0 ? [] : [tests.join(' and ')]
  const opens = impossible ? [] : ['open', 'openat'].map((call) => ({ by, call, when }))
  // creat(2) is O_CREAT | O_WRONLY | O_TRUNC; openat2 keeps its flags in memory, so it takes all rights.
  const creates = granted.has('write') && granted.has('create') ? [{ by, call: 'creat', when: [] }] : []
  const all = granted.size === 3 ? [{ by, call: 'openat2', when: [] }] : []
  return [...opens, ...creates, ...all]
}
