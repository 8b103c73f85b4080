import type { Arch } from '../../host/facts.js'

/** Every arch that we have a table of. */
export const allArches = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64'] as const satisfies readonly Arch[]

/** AUDIT_ARCH_* of linux/audit.h: what a filter finds in `seccomp_data.arch`. */
export const auditArch: { readonly [A in Arch]: number } = {
  x86_64: 0xc000003e,
  i386: 0x40000003,
  aarch64: 0xc00000b7,
  arm: 0x40000028,
  riscv64: 0xc00000f3,
}

/**
 * The tables that programs of a kernel can reach: any 64-bit process may enter the 32-bit table (`int 0x80`), so a
 * filter must speak of both. The native table comes first.
 */
export function reachableArches(native: Arch): readonly Arch[] {
  switch (native) {
    case 'x86_64':
      return ['x86_64', 'i386']
    case 'aarch64':
      return ['aarch64', 'arm']
    case 'i386':
    case 'arm':
    case 'riscv64':
      return [native]
  }
}

/** Where 32-bit programs live, the upper word of every argument is zero. */
export function isWide(arch: Arch): boolean {
  return arch === 'x86_64' || arch === 'aarch64' || arch === 'riscv64'
}

/** x32 calls share AUDIT_ARCH_X86_64 and carry this bit; numbers from here on, -1 included, are no x86_64 call. */
export const x32Bit = 0x40000000
