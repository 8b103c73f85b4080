/** Flags and fields: what may be tested under which mask. */
import { ConditionError } from './error.js'
import type { TestSyntax } from './grammar.js'
import type { Word64 } from './test.js'

/**
 * Numbers that stand for one of several choices: testing one as a mask also matches others (SOCK_RAW is 3, which holds
 * SOCK_STREAM). `mask` cuts the field out of an argument that holds flags besides; null: the number is all there is.
 */
interface Field {
  readonly names: RegExp
  readonly mask: string | null
}

const fields: readonly Field[] = [
  { names: /^SOCK_(?:STREAM|DGRAM|RAW|RDM|SEQPACKET|DCCP|PACKET)$/, mask: 'SOCK_TYPE_MASK' },
  { names: /^O_(?:RDONLY|WRONLY|RDWR)$/, mask: 'O_ACCMODE' },
  { names: /^S_IF(?!MT$)[A-Z]+$/, mask: 'S_IFMT' },
  { names: /^MAP_(?:SHARED|PRIVATE|SHARED_VALIDATE)$/, mask: 'MAP_TYPE' },
  {
    names:
      /^FUTEX_(?:WAIT|WAKE|FD|REQUEUE|CMP_REQUEUE|WAKE_OP|LOCK_PI2?|UNLOCK_PI|TRYLOCK_PI|WAIT_BITSET|WAKE_BITSET)$/,
    mask: 'FUTEX_CMD_MASK',
  },
  {
    names:
      /^(?:[AP]F_|IPPROTO_|SOL_|SO_|TCP_|IPV?6?_|SEEK_|MADV_|RLIMIT_|PRIO_|PR_[SG]ET_|F_(?:[SG]ET|DUP|OFD)|TIOC|TC[GS]ET|FIO|SIOC|FS_IOC_|EPOLL_CTL_|PTRACE_(?!O_)|ARCH_[SG]ET|SIG[A-Z0-9]+$)/,
    mask: null,
  },
]

/** Throws `ConditionError` where a mask is one choice of a field, or what it leaves has no order. */
export function checkMask({ mask, relation, source }: TestSyntax): void {
  if (mask === null) return
  if (relation !== 'in' && relation !== 'not in') {
    const message = 'a masked argument can be compared with ==, != and in only: flags have no order'
    throw new ConditionError(message, source, 'compare the argument without a mask, or list the values')
  }
  for (const field of fields) {
    const [choice, second] = mask.items.filter(({ text }) => field.names.test(text))
    // Several choices of a field with a mask are meant as bits: O_WRONLY | O_RDWR is O_ACCMODE.
    if (choice === undefined || (second !== undefined && field.mask !== null)) continue
    throw new ConditionError(
      `${choice.text} is one choice of several, not a flag: as a mask it matches other choices too`,
      choice,
      field.mask === null ? `compare without a mask: == ${choice.text}` : `write & ${field.mask} == ${choice.text}`,
    )
  }
}

/** Throws `ConditionError` where a masked test cannot mean anything. */
export function checkMasked(syntax: TestSyntax, mask: Word64, values: readonly Word64[]): void {
  if (syntax.mask === null) return
  if (mask.hi === 0 && mask.lo === 0) {
    throw new ConditionError(
      'the mask is 0, so the test says nothing about the argument',
      syntax.mask.source,
      'remove the test',
    )
  }
  values.forEach((value, index) => {
    const beyond = (value.hi & ~mask.hi) !== 0 || (value.lo & ~mask.lo) !== 0
    const source = syntax.values[index]?.source
    if (!beyond || source === undefined) return
    const message = `${source.text} has bits that the mask ${syntax.mask?.source.text} removes, so it is never equal`
    throw new ConditionError(message, source, 'add these bits to the mask, or remove them from the value')
  })
}

/**
 * A comparison with one choice of a field and without its mask: an added flag (SOCK_CLOEXEC) gets around it. Null:
 * none.
 */
export function unmaskedChoice({
  mask,
  values,
}: TestSyntax): { readonly choice: string; readonly mask: string } | null {
  if (mask !== null) return null
  for (const { items } of values) {
    const [only, second] = items
    if (only === undefined || second !== undefined) continue
    const field = fields.find(({ names, mask: wanted }) => wanted !== null && names.test(only.text))
    if (field !== undefined && field.mask !== null) return { choice: only.text, mask: field.mask }
  }
  return null
}
