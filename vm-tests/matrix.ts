/** The guests: which kernels, and what each must have and lack. Reviewed as specification. */

export interface Guest {
  /** Names it on the command line and in the report. */
  readonly name: string
  readonly arch: GuestArch
  /** Where the kernel is from: the newest package of a suite that has this name. */
  readonly kernel: { readonly suite: string; readonly package: RegExp }
  /** Of the machine's `uname -r`: another kernel of the same suite is another guest. */
  readonly release: RegExp
  readonly landlock: { readonly abi: number; readonly errata: number }
  /** Other tables that programs reach. */
  readonly tables: readonly ('i386' | 'x32' | 'arm')[]
  /** Points that are skipped, by tier and reason; any other number of them is a failure. */
  readonly skips?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Added to the kernel's command line. */
  readonly boot?: string
}

export type GuestArch = 'x86_64' | 'i386' | 'aarch64'

export const guests: readonly Guest[] = [
  {
    name: 'x86_64-6.1',
    arch: 'x86_64',
    kernel: { suite: 'bookworm', package: /^linux-image-cloud-amd64$/ },
    release: /^6\.1\./,
    landlock: { abi: 2, errata: 0 },
    tables: ['i386'],
  },
  {
    name: 'x86_64-6.12-x32',
    arch: 'x86_64',
    kernel: { suite: 'trixie', package: /^linux-image-amd64$/ },
    release: /^6\.12\./,
    landlock: { abi: 6, errata: 0b1111 },
    tables: ['i386', 'x32'],
    boot: 'syscall.x32=y',
  },
  {
    name: 'x86_64-7',
    arch: 'x86_64',
    kernel: { suite: 'trixie-backports', package: /^linux-image-cloud-amd64$/ },
    release: /^7\.[3-9]\./,
    landlock: { abi: 11, errata: 0b1111 },
    tables: ['i386'],
  },
  {
    name: 'i386-6.1',
    arch: 'i386',
    kernel: { suite: 'bookworm', package: /^linux-image-686-pae$/ },
    release: /^6\.1\./,
    landlock: { abi: 2, errata: 0 },
    tables: [],
  },
  {
    name: 'i386-6.5',
    arch: 'i386',
    kernel: { suite: 'bookworm-backports', package: /^linux-image-6\.5\.[^-]+-[^-]+-686-pae$/ },
    release: /^6\.5\./,
    landlock: { abi: 3, errata: 0 },
    tables: [],
  },
  {
    name: 'aarch64-6.1',
    arch: 'aarch64',
    kernel: { suite: 'bookworm', package: /^linux-image-cloud-arm64$/ },
    release: /^6\.1\./,
    landlock: { abi: 2, errata: 0 },
    tables: ['arm'],
  },
  {
    name: 'aarch64-6.12',
    arch: 'aarch64',
    kernel: { suite: 'trixie', package: /^linux-image-cloud-arm64$/ },
    release: /^6\.12\./,
    landlock: { abi: 6, errata: 0b1111 },
    tables: ['arm'],
  },
  {
    name: 'aarch64-7',
    arch: 'aarch64',
    kernel: { suite: 'trixie-backports', package: /^linux-image-cloud-arm64$/ },
    release: /^7\.[3-9]\./,
    landlock: { abi: 11, errata: 0b1111 },
    tables: ['arm'],
  },
]
