/** The numbers of the system calls, as a program of each arch is compiled with them. */
import type { Compiler } from './compiler.js'

const source = '#include <asm/unistd.h>\n'

/**
 * Bounds, bases and masks, which are no calls; and ARM's own name of sync_file_range2: a call has one name here, so that
 * a rule cannot be about one name and a grant about another.
 */
const noCall =
  /^__NR_(syscalls|SYSCALL_MASK|SYSCALL_BASE|OABI_SYSCALL_BASE|arch_specific_syscall|arm_sync_file_range)$|^__NR3264_/

/** Number by name; calls that only ARM has beside its table are named as `ARM_cacheflush`. */
export function numbersOf(compiler: Compiler): ReadonlyMap<string, number> {
  const macros = [...compiler.macros(source).keys()].filter((name) => /^__(ARM_)?NR_/.test(name))
  const calls = macros.filter((name) => !noCall.test(name) && name !== '__ARM_NR_BASE')
  const values = [...compiler.evaluate(source, calls)]
  return new Map(values.map(([name, value]) => [callName(name), Number(value)]))
}

function callName(macro: string): string {
  return macro.startsWith('__ARM_NR_') ? `ARM_${macro.slice('__ARM_NR_'.length)}` : macro.slice('__NR_'.length)
}
