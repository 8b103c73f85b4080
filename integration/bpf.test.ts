/** The definition in C that `bpf --format c` prints: what cc(1) makes of it is what the kernel gets. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { encodeProgram } from '../src/layers/seccomp/code/bpf.js'
import { generate } from '../src/layers/seccomp/code/generate.js'
import { listingC } from '../src/layers/seccomp/listing/c.js'
import { meaningOf } from '../src/layers/seccomp/meaning.js'
import type { FilterRequest } from '../src/layers/seccomp/request.js'
import { compile } from './oracle/oracle.js'

const directory = mkdtempSync(join(tmpdir(), 'palisade-bpf-'))
t.teardown(() => rmSync(directory, { recursive: true }))

const program = `
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "filter.h"
int main(int argc, char **argv) {
  (void)argv;
  if (argc == 1) return fwrite(filter, sizeof filter[0], sizeof filter / sizeof filter[0], stdout) == 0;
  struct sock_fprog program = { sizeof filter / sizeof filter[0], (struct sock_filter *)filter };
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 2;
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return 3;
  return syscall(SYS_sync) == -1 ? 4 : 0;
}
`

const requests: readonly (readonly [name: string, request: Omit<FilterRequest, 'arch'>])[] = [
  ['promises', { promises: ['stdio', 'rpath', 'wpath', 'inet', 'threads'], denied: 'kill' }],
  [
    'rules with every action',
    {
      promises: ['stdio'],
      denied: 'EPERM',
      rules: [
        { syscall: 'acct', action: 'kill_process' },
        { syscall: 'reboot', action: 'kill_thread' },
        { syscall: 'swapon', action: 'trap' },
        { syscall: 'swapoff', action: 'user_notif' },
        { syscall: 'sync', action: { errno: 'EXDEV' } },
        { syscall: 'syslog', action: 'log' },
        { syscall: 'lseek', arch: 'x86_64', when: 'offset == 0x123456789', action: { errno: 'EIO' } },
      ],
    },
  ],
]

for (const [name, request] of requests) {
  for (const arch of ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64'] as const) {
    t.test(`${name} for ${arch}: the definition compiles without a warning, to the same bytes`, (t) => {
      const meaning = meaningOf({ ...request, arch })
      const filter = generate(meaning)
      writeFileSync(join(directory, 'filter.h'), listingC({ title: name, program: filter, meaning }))
      writeFileSync(join(directory, 'main.c'), program)
      const binary = join(directory, 'main')
      compile('cc', ['-o', binary, join(directory, 'main.c')])
      t.same(new Uint8Array(execFileSync(binary)), encodeProgram(filter))
      if (arch === 'x86_64' && name !== 'promises' && process.arch === 'x64') {
        t.equal(statusOf(binary), 4, 'loaded, it refuses sync(2)')
      }
      writeFileSync(join(directory, 'alone.c'), listingC({ title: name, program: filter, meaning }))
      compile('cc', ['-c', '-o', join(directory, 'alone.o'), join(directory, 'alone.c')])
      t.end()
    })
  }
}

function statusOf(binary: string): number | null {
  try {
    execFileSync(binary, ['load'])
    return 0
  } catch (error) {
    const status: unknown = error instanceof Error ? Reflect.get(error, 'status') : null
    return typeof status === 'number' ? status : null
  }
}
