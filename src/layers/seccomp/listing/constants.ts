import type { Arch } from '../../../host/facts.js'
import { constantNames, constantOf } from '../tables.js'

/** Names that the values of an argument have; by the name of the argument, and of the call where that is not enough. */
const families: readonly (readonly [argument: RegExp, call: RegExp, constants: RegExp])[] = [
  [/^family$|^domain$/, /^socket/, /^AF_(?!MAX$|FILE$|LOCAL$|ROUTE$)/],
  [/^type$/, /^socket/, /^SOCK_(?:STREAM|DGRAM|RAW|RDM|SEQPACKET|DCCP|PACKET|CLOEXEC|NONBLOCK|TYPE_MASK)$/],
  [/^protocol$/, /^socket/, /^IPPROTO_(?!MAX$|HOPOPTS$)/],
  [/^prot$/, /mmap|mprotect/, /^PROT_/],
  [/^flags?$/, /^mmap/, /^MAP_/],
  [/^flags$/, /^open/, /^O_(?!ACCMODE$|NDELAY$)/],
  [/^flags?$/, /^(?:fstatat|newfstatat|statx|faccessat|fchownat|unlinkat|linkat)/, /^AT_/],
  [/^(?:clone_)?flags$|^unshare_flags$/, /^clone$|^unshare$|^setns$/, /^CLONE_/],
  [/^cmd$/, /^ioctl$/, /^(?:TIOC(?!M_|PKT_)|TC(?:[GS]ET|SBRK|XONC|FLSH)|FIO|SIOC|FS_IOC|BLK|PERF_EVENT_IOC)/],
  [/^cmd$/, /^fcntl/, /^F_(?:DUP|GET|SET|ADD|CREATED|OFD|NOTIFY$|CANCELLK$)/],
  [
    /^option$/,
    /^prctl$/,
    /^PR_(?!CAP_AMBIENT_|CFI_|SET_MM_|FP_|FPEMU|ENDIAN_|TSC_|TIMING_|UNALIGN_|MCE_KILL_|SPEC_|PAC_AP|TAGGED_|MTE_|SCHED_CORE_|S[MV]E_VL|RISCV_[CSV]|PPC_|MDWE_|FUTEX_HASH_|THREAD_|TIMER_CREATE_RESTORE_|RSEQ_SLICE_EXT_)/,
  ],
  [/^option$/, /^arch_prctl$/, /^ARCH_/],
  [/^level$/, /sockopt$/, /^SOL_/],
  [/^resource$/, /rlimit/, /^RLIMIT_/],
  [/^op$/, /^futex/, /^FUTEX_/],
  [/^(?:behavior|advice)$/, /madvise$/, /^MADV_/],
  [/^flags$/, /^(?:send|recv)/, /^MSG_/],
  [/^sig$/, /kill|sigaction|signal/, /^SIG[A-Z0-9]+$/],
  [/^personality$/, /^personality$/, /^PER_|^ADDR_|^STICKY|^UNAME26|^READ_IMPLIES/],
]

/** A constant and its value as 32-bit words on one arch. */
export interface Named {
  readonly name: string
  readonly hi: number
  readonly lo: number
}

/** What a value of that argument may be called on an arch. */
export function constantsFor(call: string, argument: string, arch: Arch): readonly Named[] {
  const found = families.find(([one, other]) => one.test(argument) && other.test(call))
  return found === undefined
    ? []
    : namedValues(
        constantNames().filter((name) => found[2].test(name)),
        arch,
      )
}

/** The constants among some words, with their values. */
export function namedValues(words: readonly string[], arch: Arch): readonly Named[] {
  return words.flatMap((name) => {
    const found = constantOf(name, arch)
    if (found.kind !== 'value') return []
    return [{ name, hi: Number((found.value >> 32n) & 0xffffffffn), lo: Number(found.value & 0xffffffffn) }]
  })
}

/** A value by name: one constant, or, as flags, several; null: it has none. */
export function nameValue(
  value: number,
  known: readonly { readonly name: string; readonly value: number }[],
  as: 'number' | 'flags',
): string | null {
  const exact = known.find((one) => one.value === value)
  if (exact !== undefined) return exact.name
  if (as === 'number') return null
  const bits = known.filter((one) => one.value !== 0 && (one.value & value) >>> 0 === one.value && isOneBit(one.value))
  const flags = bits.filter((one, index) => bits.findIndex((other) => other.value === one.value) === index)
  const covered = flags.reduce((sum, one) => (sum | one.value) >>> 0, 0)
  return value !== 0 && covered === value && flags.length <= 8 ? flags.map(({ name }) => name).join('|') : null
}

function isOneBit(value: number): boolean {
  return (value & (value - 1)) === 0
}
