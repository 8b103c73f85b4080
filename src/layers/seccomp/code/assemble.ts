import { InternalError } from '../../../core/errors.js'
import { opcode, type Instruction } from './bpf.js'
import type { JumpTest, Node } from './diagram.js'
import { maximum } from './ranges.js'

/**
 * The instructions of a diagram. They are made from the last to the first: what a jump leads to is there before the
 * jump, so all jumps go forward, as BPF demands, and a part that is used twice is there once. jt and jf reach 255
 * instructions; what lies farther is reached through a JA nearby, and a return is repeated instead.
 */
export function assemble(root: Node): readonly Instruction[] {
  const reversed: Instruction[] = []
  const places = new Map<Node, number>()

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
    push(node, node.kind === 'return' ? returns(node.value) : jumpAlways(distance(node)))
  }
  const place = (node: Node): void => {
    if (places.has(node)) return
    switch (node.kind) {
      case 'return':
        push(node, returns(node.value))
        return
      case 'load':
        place(node.next)
        if (distance(node.next) !== 0) bringNear(node.next)
        if (node.held.mask !== maximum) reversed.push(plain(opcode.and, node.held.mask))
        push(node, plain(opcode.load, node.held.offset))
        return
      case 'jump':
        place(node.yes)
        place(node.no)
        while (distance(node.yes) > 255 || distance(node.no) > 255) {
          bringNear(distance(node.yes) > 255 ? node.yes : node.no)
        }
        push(node, { code: jumps[node.test], jt: distance(node.yes), jf: distance(node.no), k: node.k })
        return
    }
  }
  place(root)
  return reversed.toReversed()
}

const jumps: { readonly [Test in JumpTest]: number } = {
  equal: opcode.jumpEqual,
  'greater-equal': opcode.jumpGreaterEqual,
  set: opcode.jumpSet,
}

function plain(code: number, k: number): Instruction {
  return { code, jt: 0, jf: 0, k }
}

function returns(value: number): Instruction {
  return plain(opcode.return, value)
}

function jumpAlways(k: number): Instruction {
  return plain(opcode.jumpAlways, k)
}
