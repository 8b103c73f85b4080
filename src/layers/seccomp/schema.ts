import { z } from 'zod'
import { promiseNames } from './promises.js'

const name = z
  .string()
  .max(64)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of a system call')
const condition = z.string().min(1).max(2000)

const rule = z.strictObject({
  syscall: name.describe('Name of the system call, as the kernel spells it.'),
  arch: z
    .enum(['x86_64', 'i386', 'aarch64', 'arm', 'riscv64'])
    .optional()
    .describe('The one table that the rule is for. Without it: every table that has the call.'),
  when: z
    .union([condition, z.array(condition).min(1).max(16)])
    .optional()
    .describe(
      'Condition on the arguments, for example "family == AF_VSOCK" or ' +
        '"family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK == SOCK_STREAM". ' +
        'A list holds alternatives. Without it the rule holds for every call.',
    ),
  action: z
    .union([
      z.enum(['allow', 'log', 'kill_process']),
      z.strictObject({
        errno: z
          .string()
          .max(32)
          .regex(/^E[A-Z0-9]+$/, 'is no name of an error')
          .describe('Name of the error that the call fails with, for example ENOSYS.'),
      }),
    ])
    .describe('What happens: allow, log (allow and write an audit record), kill_process, or an error.'),
})

/** The `syscalls` key of a policy. */
export const schema = z.strictObject({
  promises: z
    .array(z.enum(promiseNames))
    .max(64)
    .default([])
    .describe('Groups of system calls, in words: stdio, rpath, inet. What no promise grants is denied.'),
  denied: z
    .enum(['EPERM', 'kill'])
    .default('EPERM')
    .describe(
      'Answer to a known call that is not granted: the error EPERM, or the end of the process. ' +
        'Unknown calls get ENOSYS either way, so that libraries fall back as on an older kernel.',
    ),
  otherwise: z
    .enum(['denied', 'allow'])
    .default('denied')
    .describe(
      'What happens to a known call that no rule, promise or `allow` names: `denied` answers as that key says, ' +
        '`allow` lets it through and needs `unsafe.allow-by-default`. Either way unknown calls get ENOSYS, x32 numbers ' +
        'and other architectures are refused, and so is what is never allowed.',
    ),
  rules: z
    .array(rule)
    .max(256)
    .optional()
    .describe(
      'Exceptions for single calls. They are tried in order, before the promises; the first that holds counts.',
    ),
  allow: z
    .array(name)
    .max(512)
    .optional()
    .describe('System calls that are allowed in addition to the promises, whatever their arguments.'),
})

export type SyscallsPolicy = z.output<typeof schema>
