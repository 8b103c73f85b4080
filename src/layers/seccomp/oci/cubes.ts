import { field } from '../code/bpf.js'
import type { Word64 } from '../condition/test.js'
import { never, noBit, type Bdd, type Bdds } from '../proof/bdd.js'
import { wordAt } from '../proof/bits.js'

/** Arguments whose masked bits have given values: what one entry of a profile can say, each argument once. */
export type Cube = readonly MaskedArgument[]
export interface MaskedArgument {
  readonly index: number
  readonly mask: Word64
  readonly value: Word64
}

/**
 * The places where a yes-or-no function of the arguments says yes, as cubes that do not overlap: the paths of its
 * diagram. null: more than `most`.
 */
export function cubesOf(bdds: Bdds, of: Bdd, most: number): readonly Cube[] | null {
  const cubes: Cube[] = []
  const walk = (at: Bdd, path: readonly Asked[]): boolean => {
    const bit = bdds.bitOf(at)
    if (bit === noBit) {
      if (at === never) return true
      cubes.push(cubeOf(path))
      return cubes.length <= most
    }
    return (
      walk(bdds.whereClear(at, bit), [...path, { bit, value: 0 }]) &&
      walk(bdds.whereSet(at, bit), [...path, { bit, value: 1 }])
    )
  }
  return walk(of, []) ? cubes : null
}

interface Asked {
  readonly bit: number
  readonly value: 0 | 1
}

function cubeOf(path: readonly Asked[]): Cube {
  return [0, 1, 2, 3, 4, 5].flatMap((index): readonly MaskedArgument[] => {
    const offset = field.arguments + 8 * index
    const [lo, hi] = [maskedWord(path, wordAt(offset)), maskedWord(path, wordAt(offset + 4))]
    if (lo.mask === 0 && hi.mask === 0) return []
    return [{ index, mask: { hi: hi.mask, lo: lo.mask }, value: { hi: hi.value, lo: lo.value } }]
  })
}

/** The highest bit of a word comes first in a diagram. */
function maskedWord(path: readonly Asked[], word: number): { readonly mask: number; readonly value: number } {
  const own = path.filter(({ bit }) => bit >= word && bit < word + 32)
  const sum = (bits: readonly Asked[]): number => bits.reduce((all, { bit }) => all + 2 ** (31 - (bit - word)), 0)
  return { mask: sum(own), value: sum(own.filter(({ value }) => value === 1)) }
}
