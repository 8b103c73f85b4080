/**
 * What the kernel of this machine cannot do, found by trying. Tests name it as the reason to skip; CI believes it only
 * after its own look (.ci/expected-skips).
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** getpid(2) has the number 20 in the table of i386. */
const int80 = `
#include <unistd.h>
int main(void) {
  long pid = 20;
  __asm__ volatile("int $0x80" : "+a"(pid) : : "memory", "r8", "r9", "r10", "r11");
  return pid == getpid() ? 0 : 1;
}
`

/**
 * Why tests that run 32-bit code are skipped, for tap's `skip`; false where they run. Without CONFIG_IA32_EMULATION,
 * or with ia32_emulation=0, the kernel has no gate for int 0x80 and execve(2) of an i386 program is ENOEXEC.
 */
export const no32Bit: string | false = runs32Bit() ? false : 'this kernel runs no 32-bit programs'

/** Names the part that a test leaves out; what needs no 32-bit code goes on in the same test. */
export function skipWithout32Bit(t: Pick<Test, 'pass'>, part: string): void {
  if (no32Bit !== false) t.pass(part, { skip: no32Bit })
}

// By int 0x80: execvp(3), which Node uses, gives what the kernel does not start to a shell, and no ENOEXEC is seen.
function runs32Bit(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'palisade-kernel-'))
  try {
    const [source, program] = [join(directory, 'int80.c'), join(directory, 'int80')]
    writeFileSync(source, int80)
    execFileSync('cc', ['-O1', '-Wall', '-Wextra', '-Werror', '-o', program, source], { timeout: 60_000 })
    const { status, signal } = spawnSync(program, { timeout: 60_000 })
    if (status === 0) return true
    if (signal === 'SIGSEGV') return false
    throw new Error(`int 0x80 ended with ${signal ?? status}: neither an answer nor the fault of a missing gate`)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
