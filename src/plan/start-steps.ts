/**
 * What was true when a plan was made, and must be for it to be run again without the compiler: the words of the command
 * line, the host, and all that was looked at. The launcher compares; anything else, and the compiler is asked.
 */
import { step, type StepOf } from './step.js'

/**
 * The words of sandbox-exec up to and with the program's name, the name that it was started by, and the package that it
 * is of: the same name may come to lead to another version.
 */
export const expectWords = step('start.expect-words', 'supervisor', {
  startedAs: 'text',
  root: 'text',
  words: { list: 'text' },
})
export type ExpectWords = StepOf<typeof expectWords>

/**
 * Of a plan that was compiled into a file: the package that it is for, the name that the file must be run by, and the one
 * that sandbox-exec must be started by, because the plan protects what has these names from the program; both empty: the
 * program can write nothing, and any name will do.
 */
export const expectPlace = step('start.expect-place', 'supervisor', { root: 'text', file: 'text', startedAs: 'text' })
export type ExpectPlace = StepOf<typeof expectPlace>

/** `hardLimits` are those of `limitNumbers` in that order, 2^64-1 for none. */
export const expectHost = step('start.expect-host', 'supervisor', {
  release: 'text',
  machine: 'text',
  uid: 'u32',
  gid: 'u32',
  directory: 'text',
  landlockAbi: 'u32',
  landlockErrata: 'u32',
  lowestPort: 'u32',
  ipv6: 'u8',
  hardLimits: { list: 'u64' },
})
export type ExpectHost = StepOf<typeof expectHost>

/** Where file systems of these types are mounted, in or above what the plan binds; other mounts come and go. */
export const expectMounts = step('start.expect-mounts', 'supervisor', {
  types: { list: 'text' },
  points: { list: 'text' },
})
export type ExpectMounts = StepOf<typeof expectMounts>

/** Of the caller's environment; `isSet` 0: it has none of that name. */
export const expectVariables = step('start.expect-variables', 'supervisor', {
  variables: { list: { name: 'text', isSet: 'u8', value: 'text' } },
})
export type ExpectVariables = StepOf<typeof expectVariables>

/** lstat(2) of paths: `type` by `nodeTypes`, `writable` by `answers`. A directory's links say nothing and are 0. */
export const expectNodes = step('start.expect-nodes', 'supervisor', {
  nodes: {
    list: {
      path: 'text',
      type: 'u8',
      uid: 'u32',
      gid: 'u32',
      mode: 'u16',
      links: 'u32',
      writable: 'u8',
      target: 'text',
    },
  },
})
export type ExpectNodes = StepOf<typeof expectNodes>

/** Pieces of files: what a read of `length` bytes at `offset` gives, up to the end of the file. */
export const expectContents = step('start.expect-contents', 'supervisor', {
  pieces: { list: { path: 'text', offset: 'u64', length: 'u32', content: 'bytes' } },
})
export type ExpectContents = StepOf<typeof expectContents>

/** Where the Report goes if it is a file; it is opened when all else is known to be true. */
export const openReport = step('start.open-report', 'supervisor', { file: 'text' })
export type OpenReport = StepOf<typeof openReport>

/** Numbers on the wire. */
export const nodeTypes = ['nothing', 'directory', 'file', 'symlink', 'device', 'socket', 'fifo'] as const
export const answers = ['no', 'yes', 'not asked'] as const
/** RLIMIT_* of the limits that a policy can set (asm-generic/resource.h). */
export const limitNumbers = [0, 1, 3, 6, 7, 9] as const
