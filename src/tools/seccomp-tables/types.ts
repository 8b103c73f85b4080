/** How many bits of a register the kernel looks at, by the C type that a system call declares. */
export type Width = 'pointer' | 'u16' | 's32' | 'u32' | 's64' | 'u64' | 'long' | 'unsigned long'

/** Throws for a type that nobody has looked at yet. */
export function widthOf(type: string): Width {
  const plain = type
    .replaceAll(/\b(const|__user|volatile)\b/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  if (plain.includes('*')) return 'pointer'
  if (plain.startsWith('enum ')) return 'u32'
  const found = widths.get(plain)
  if (found === undefined) throw new Error(`how wide is '${type}'?`)
  return found
}

const widths: ReadonlyMap<string, Width> = new Map([
  ...each('pointer', ['cap_user_header_t', 'cap_user_data_t', '__sighandler_t']),
  // The kernel's umode_t and the ids of the old calls are short.
  ...each('u16', ['umode_t', 'old_uid_t', 'old_gid_t']),
  ...each('s32', ['int', 'pid_t', 'key_t', 'key_serial_t', 'mqd_t', 'timer_t', 'clockid_t', 'rwf_t', 's32', '__s32']),
  ...each('u32', ['unsigned int', 'unsigned', 'uint', 'u32', '__u32', 'uint32_t', 'uid_t', 'gid_t', 'qid_t']),
  ...each('s64', ['loff_t']),
  ...each('u64', ['u64', '__u64']),
  ...each('long', ['long', 'off_t']),
  ...each('unsigned long', ['unsigned long', 'size_t', 'aio_context_t', 'old_sigset_t', 'uintptr_t']),
])

function each(width: Width, types: readonly string[]): readonly (readonly [string, Width])[] {
  return types.map((type) => [type, width] as const)
}
