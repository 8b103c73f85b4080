/** Bytes of a file from an offset; fewer where the file ends. */
export type ReadAt = (offset: number, length: number) => Buffer

/** Where the fields of elf(5) lie, and the size of a word. */
interface ElfClass {
  readonly headerBytes: number
  /** e_phoff, and e_phentsize, which e_phnum follows. */
  readonly tableAt: number
  readonly sizesAt: number
  readonly entryBytes: number
  /** p_offset and p_filesz of an entry. */
  readonly offsetAt: number
  readonly sizeAt: number
  readonly word: (bytes: Buffer, at: number) => number
}

const classes: ReadonlyMap<unknown, ElfClass> = new Map([
  [1, { headerBytes: 52, tableAt: 28, sizesAt: 42, entryBytes: 32, offsetAt: 4, sizeAt: 16, word: word32 }],
  [2, { headerBytes: 64, tableAt: 32, sizesAt: 54, entryBytes: 56, offsetAt: 8, sizeAt: 32, word: word64 }],
])

const littleEndian = 1
const interpreterSegment = 3
/** The kernel refuses program headers of more than 64 KiB; a linker writes about ten. */
const programHeadersMax = 65_536
const pathBytesMax = 4096
/** Beyond lies no program's content; pread(2) would refuse an offset above 2^63. */
const offsetMax = 2 ** 40

/**
 * The dynamic loader that an ELF file names (PT_INTERP), or null. Every number in the file may be a lie: it is bounded
 * before it is used. Big-endian files run on none of the architectures that we know.
 */
export function loaderOf(head: Buffer, read: ReadAt): string | null {
  const elf = classes.get(head[4])
  if (elf === undefined || head[5] !== littleEndian || head.length < elf.headerBytes) return null
  const tableOffset = elf.word(head, elf.tableAt)
  if (head.readUInt16LE(elf.sizesAt) !== elf.entryBytes || tableOffset > offsetMax) return null
  const entries = head.readUInt16LE(elf.sizesAt + 2)
  const table = read(tableOffset, Math.min(entries * elf.entryBytes, programHeadersMax))
  for (let start = 0; start + elf.entryBytes <= table.length; start += elf.entryBytes) {
    const entry = table.subarray(start, start + elf.entryBytes)
    // Only the first one counts (load_elf_binary).
    if (entry.readUInt32LE(0) === interpreterSegment) return pathOf(elf, entry, read)
  }
  return null
}

function pathOf({ word, offsetAt, sizeAt }: ElfClass, entry: Buffer, read: ReadAt): string | null {
  const [offset, size] = [word(entry, offsetAt), word(entry, sizeAt)]
  if (size < 2 || size > pathBytesMax || offset > offsetMax) return null
  const path = read(offset, size)
  // Without a closing NUL the kernel answers ENOEXEC.
  if (path.length !== size || path[size - 1] !== 0) return null
  return path.subarray(0, path.indexOf(0)).toString('utf8')
}

function word32(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at)
}

function word64(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at))
}
