import * as z from 'zod'
import { textAs } from '../../policy/values.js'
import type { Reading } from '../../policy/reading.js'
import { allArches } from './arch.js'
import { kernelPattern, readKernel } from './kernel-version.js'
import { promiseNames } from './promises.js'
import { errnoName } from './tables.js'

/** `syscalls`: what the program may ask of the kernel. */
export function schema() {
  return z.strictObject({
    promises: z
      .array(z.enum(promiseNames))
      .max(64)
      .default([])
      .describe('Groups of system calls, in words: stdio, rpath, inet. What no promise grants is denied.'),
    denied: z
      .enum(['EPERM', 'kill'], { error: ({ input }) => meantDenial(input) })
      .default('EPERM')
      .describe(
        'Answer to a known call that is not granted: the error EPERM, or the end of the process. ' +
          'Unknown calls get ENOSYS either way, so that libraries fall back as on an older kernel.',
      ),
    otherwise: z
      .enum(['denied', 'allow', 'log'])
      .default('denied')
      .describe(
        'What happens to a known call that no rule, promise or `allow` names: `denied` answers as that key says, ' +
          '`allow` lets it through, `log` too and writes an audit record; both need `unsafe.allow-by-default`. Either way unknown calls get ENOSYS, x32 numbers ' +
          'and other architectures are refused, and so is what is never allowed.',
      ),
    minimumKernel: textAs('a kernel version such as "5.10"', kernelPattern, readKernel)
      .optional()
      .describe(
        'The oldest kernel that the program is made for, for example "5.10". A call that is newer and not granted gets ' +
          'ENOSYS, as on that kernel, instead of what `denied` says: libraries then fall back. Absent: no call is newer.',
      ),
    rules: z
      .array(z.lazy(rule))
      .max(256)
      .optional()
      .describe(
        'Exceptions for single calls. They are tried in order, before the promises; the first that holds counts.',
      ),
    allow: z
      .array(z.lazy(callName))
      .max(512)
      .optional()
      .describe('System calls that are allowed in addition to the promises, whatever their arguments.'),
  })
}

export type SyscallsPolicy = z.output<ReturnType<typeof schema>>

function rule() {
  const arch = z.enum(allArches, { error: ({ input }) => meantArch(input) })
  const condition = z
    .string({ error: 'expected a condition' })
    .min(1, { error: 'must not be empty' })
    .max(2000, { error: 'must not have more than 2000 characters' })
  const namedActions = z.enum(['allow', 'log', 'trap', 'user_notif', 'kill_thread', 'kill_process'], {
    error: ({ input }) => meantAction(input),
  })
  return z.strictObject({
    syscall: callName().describe('Name of the system call, as the kernel spells it.'),
    arch: z
      .union([z.array(arch).min(1).max(5), arch])
      .optional()
      .describe('The table that the rule is for, or a list of them. Without it: every table that has the call.'),
    when: z
      .union([z.array(condition).min(1).max(16), condition])
      .optional()
      .describe(
        'Condition on the arguments, for example "family == AF_VSOCK" or ' +
          '"family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK == SOCK_STREAM". ' +
          'A list holds alternatives. Without it the rule holds for every call. The grammar is in conditions.md.',
      ),
    action: z
      .union([
        z.strictObject({
          errno: textAs('the name of an error such as ENOSYS', /^E[A-Z0-9]+$/, readErrno).describe(
            'Name of the error that the call fails with, for example ENOSYS.',
          ),
        }),
        namedActions,
      ])
      .describe(
        'What happens: `allow`; `log` (allow and write an audit record); `{ errno: NAME }`, the call fails with that ' +
          'error; `trap` (SIGSYS, which the program may handle, or end by); `user_notif` (asks a listener, which no run ' +
          'has: for `sandbox-exec bpf` only); `kill_process`; `kill_thread`, which ends one thread: whoever waits for ' +
          'that thread or for a lock that it held waits for ever.',
      ),
  })
}

function callName() {
  return textAs('the name of a system call', /^[A-Za-z_][A-Za-z0-9_]{0,63}$/, readName)
}

function readName(text: string): Reading<string> {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(text)) return { value: text }
  return { refused: 'is no name of a system call', fix: 'write it as syscalls(2) does, such as openat' }
}

/** Numbers of errors differ by kind of machine, and 0 would be a call that reports success without having run. */
function readErrno(text: string): Reading<string> {
  if (/^E[A-Z0-9]+$/.test(text) && text.length <= 32) return { value: text }
  const number = /^[0-9]{1,4}$/.test(text) ? Number(text) : null
  const named = number === null ? null : errnoName(number)
  if (number === 0) return { refused: 'is no error: the call would report success without having run' }
  return { refused: 'is no name of an error', fix: `write ${named ?? 'a name from errno(3), such as EPERM'}` }
}

/** What other tools call our arches. */
function meantArch(input: unknown): string | undefined {
  const other = new Map([
    ['amd64', 'x86_64'],
    ['x86-64', 'x86_64'],
    ['x64', 'x86_64'],
    ['x86', 'i386'],
    ['i686', 'i386'],
    ['arm64', 'aarch64'],
    ['armhf', 'arm'],
    ['armv7l', 'arm'],
  ]).get(String(input))
  if (input === 'x32') return 'x32 has no table here: its calls are always refused'
  return other === undefined ? undefined : `${String(input)} is called ${other} here`
}

/** What other tools call our actions. */
function meantAction(input: unknown): string | undefined {
  if (typeof input !== 'string') return 'expected an action'
  if (input === '') return undefined
  if (/^E[A-Z0-9]+$/.test(input)) return `an error is written { errno: ${input} }`
  if (input === 'trace') return 'trace needs a tracer that answers, and no run has one'
  const other = new Map([
    ['errno', '{ errno: EPERM }'],
    ['deny', '{ errno: EPERM }'],
    ['kill', 'kill_process'],
    ['notify', 'user_notif'],
  ]).get(input)
  return other === undefined ? undefined : `${input} is no action: write ${other}`
}

/** `log` lets calls through, and so stands in the other key. */
function meantDenial(input: unknown): string | undefined {
  const other = new Map([
    ['log', 'a call that is logged is not denied: write otherwise: log'],
    ['allow', 'a call that is allowed is not denied: write otherwise: allow'],
    ['kill_process', 'kill_process is called kill here'],
  ])
  return other.get(String(input))
}
