/** What each argument of a call is to a filter: its name and its class. */
import type { Arch } from '../../host/facts.js'
import type { Parameter } from './prototypes.js'
import { widthOf } from './types.js'

/** One letter a class, so that a table stays small enough to load with every start; tables.ts has their meaning. */
export type Letter = 'p' | 'm' | 'M' | 'x' | 'h' | 's' | 'w' | 'S' | 'W'

export interface Slot {
  readonly name: string
  readonly letter: Letter
}

/** What no header says of an argument. */
export interface Overrides {
  /** `clone clone_flags`: declared as long, of which the kernel uses the low word. */
  readonly lowWord: ReadonlySet<string>
  /** `ioctl arg`: a pointer or a value, by the call's command. */
  readonly maybePointer: ReadonlySet<string>
}

const wide: ReadonlySet<Arch> = new Set(['x86_64', 'aarch64', 'riscv64'])

/** The registers of a call on one arch, at most six. */
export function slotsOf(
  call: string,
  arch: Arch,
  parameters: readonly Parameter[],
  overrides: Overrides,
): readonly Slot[] {
  return parameters.reduce<readonly Slot[]>((slots, parameter) => {
    const name = parameter.name ?? `arg${slots.length}`
    return [...slots, ...slotsFor({ call, arch, type: parameter.type, name, position: slots.length }, overrides)]
  }, [])
}

interface Place {
  readonly call: string
  readonly arch: Arch
  readonly type: string
  readonly name: string
  /** Number of the first register that is free. */
  readonly position: number
}

function slotsFor(place: Place, { lowWord, maybePointer }: Overrides): readonly Slot[] {
  const { call, arch, type, name } = place
  const width = widthOf(type)
  const key = `${call} ${name}`
  if (maybePointer.has(key)) return [{ name, letter: wide.has(arch) ? 'M' : 'm' }]
  if (lowWord.has(key)) return [{ name, letter: 'w' }]
  if (/_(lo|low|l|hi|high|h)$/.test(name) && !wide.has(arch)) return [{ name, letter: 'x' }]
  switch (width) {
    case 'pointer':
      return [{ name, letter: 'p' }]
    case 'u16':
      return [{ name, letter: 'h' }]
    case 's32':
      return [{ name, letter: 's' }]
    case 'u32':
      return [{ name, letter: 'w' }]
    case 'long':
      return [{ name, letter: wide.has(arch) ? 'S' : 's' }]
    case 'unsigned long':
      return [{ name, letter: wide.has(arch) ? 'W' : 'w' }]
    case 's64':
    case 'u64':
      return wide.has(arch) ? [{ name, letter: width === 's64' ? 'S' : 'W' }] : halves(place)
  }
}

/** 64 bits in two registers, the low half first; the ARM EABI begins such a pair at an even one. */
function halves({ arch, name, position }: Place): readonly Slot[] {
  const pad: readonly Slot[] = arch === 'arm' && position % 2 === 1 ? [{ name: '__pad', letter: 'x' }] : []
  return [...pad, { name: `${name}_lo`, letter: 'x' }, { name: `${name}_hi`, letter: 'x' }]
}
