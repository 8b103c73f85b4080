/** How proc_pid_limits(5) names what a policy limits, by RLIMIT_* number (asm-generic/resource.h). */
const names: ReadonlyMap<string, number> = new Map([
  ['Max cpu time', 0],
  ['Max file size', 1],
  ['Max stack size', 3],
  ['Max processes', 6],
  ['Max open files', 7],
  ['Max address space', 9],
])

/** The hard limits in the text of /proc/PID/limits, by RLIMIT_* number; what is unlimited is left out. */
export function parseLimits(text: string): ReadonlyMap<number, bigint> {
  const limits = new Map<number, bigint>()
  for (const line of text.split('\n')) {
    const [, name = '', hard = ''] = /^(.*?) {2,}\S+ +([0-9]+) /.exec(line) ?? []
    const number = names.get(name)
    if (number !== undefined) limits.set(number, BigInt(hard))
  }
  return limits
}
