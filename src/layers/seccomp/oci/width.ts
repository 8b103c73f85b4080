import type { Arch } from '../../../host/facts.js'
import { isWide } from '../arch.js'
import type { Argument } from '../tables.js'

/** Bits of an argument that the kernel reads. */
export function widthOf(argument: Argument, arch: Arch): 16 | 32 | 64 {
  if (argument.class === 'u16') return 16
  if (!isWide(arch)) return 32
  return argument.class === 'w32' || argument.class === 's32' || argument.class === 'maybe-pointer32' ? 32 : 64
}
