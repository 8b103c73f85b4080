import { InternalError } from '../../../core/errors.js'
import { opcode, type Instruction } from './bpf.js'
import type { JumpTest, Node } from './diagram.js'
import { maximum } from './ranges.js'

/** jt and jf are bytes. */
const longestJump = 255

/**
 * The instructions of a diagram. They are made from the last to the first: what a jump leads to is there before the
 * jump, so all jumps go forward, as BPF demands, and a part that is used twice is there once. jt and jf reach 255
 * instructions; what lies farther is reached through a JA nearby, and a return is repeated instead.
 */
export function assemble(root: Node): readonly Instruction[] {
  const reversed: Instruction[] = []
  const places = new Map<Node, number>()
  const sizes = sizesOf(root)

  const distance = (node: Node): number => {
    const place = places.get(node)
    if (place === undefined) throw new InternalError('a jump leads to code that is not there')
    return reversed.length - place - 1
  }
  const push = (node: Node, instruction: Instruction): void => {
    places.set(node, reversed.length)
    reversed.push(instruction)
  }
  const bringNear = (node: Node): void => {
    push(node, node.kind === 'return' ? plain(opcode.return, node.value) : plain(opcode.jumpAlways, distance(node)))
  }
  const place = (node: Node): void => {
    if (places.has(node)) return
    switch (node.kind) {
      case 'return':
        push(node, plain(opcode.return, node.value))
        return
      case 'load':
        place(node.next)
        bringNext(node.next)
        if (node.held.mask !== maximum) reversed.push(plain(opcode.and, node.held.mask))
        push(node, plain(opcode.load, node.held.offset))
        return
      case 'mask':
        place(node.next)
        bringNext(node.next)
        push(node, plain(opcode.and, node.held.mask))
        return
      case 'jump':
        for (const next of inOrder(node, sizes)) place(next)
        while (distance(node.yes) > longestJump || distance(node.no) > longestJump) {
          bringNear(distance(node.yes) > longestJump ? node.yes : node.no)
        }
        push(node, { code: jumps[node.test], jt: distance(node.yes), jf: distance(node.no), k: node.k })
        return
    }
  }
  /** Puts at the end what must follow the instruction before it: a jump is repeated where it can be, else jumped to. */
  const bringNext = (node: Node): void => {
    if (distance(node) === 0) return
    const repeats = node.kind === 'jump' && distance(node.yes) <= longestJump && distance(node.no) <= longestJump
    if (!repeats) bringNear(node)
    else push(node, { code: jumps[node.test], jt: distance(node.yes), jf: distance(node.no), k: node.k })
  }
  place(root)
  return reversed.toReversed()
}

type Jump = Extract<Node, { kind: 'jump' }>

/**
 * What is placed first stands farther away: returns, which cost no more when they are repeated, then the larger part.
 * Of two parts that are both near, `no` comes last and so next to the jump: of such a jump the kernel makes one eBPF
 * instruction and not two (filter.c, bpf_convert_filter).
 */
function inOrder({ yes, no }: Jump, sizes: ReadonlyMap<Node, number>): readonly Node[] {
  if (yes.kind === 'return') return [yes, no]
  if (no.kind === 'return') return [no, yes]
  const [ofYes, ofNo] = [sizes.get(yes) ?? 0, sizes.get(no) ?? 0]
  return ofNo > longestJump && ofNo > ofYes ? [no, yes] : [yes, no]
}

/** How many instructions each part has, its shared ones counted at each use. */
function sizesOf(root: Node): ReadonlyMap<Node, number> {
  const sizes = new Map<Node, number>()
  const sizeOf = (node: Node): number => {
    const known = sizes.get(node)
    if (known !== undefined) return known
    const size = ownSize(node)
    sizes.set(node, size)
    return size
  }
  const ownSize = (node: Node): number => {
    switch (node.kind) {
      case 'return':
        return 0
      case 'load':
      case 'mask':
        return 2 + sizeOf(node.next)
      case 'jump':
        return 1 + sizeOf(node.yes) + sizeOf(node.no)
    }
  }
  sizeOf(root)
  return sizes
}

const jumps: { readonly [Test in JumpTest]: number } = {
  equal: opcode.jumpEqual,
  'greater-equal': opcode.jumpGreaterEqual,
  set: opcode.jumpSet,
}

function plain(code: number, k: number): Instruction {
  return { code, jt: 0, jf: 0, k }
}
