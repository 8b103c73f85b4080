/** Builds DNS queries (RFC 1035 4), right ones and wrong ones, and reads codes and records out of answers. */
import { bytes } from './hello.js'

export interface QueryParts {
  /** Labels: a dot inside of one is no boundary. */
  readonly name: readonly (string | Uint8Array)[]
  readonly type: number
  readonly qclass: number
  readonly flags: number
  /** Questions, answers, authorities, additional records. */
  readonly counts: readonly [number, number, number, number] | null
  /** What comes behind the question. */
  readonly behind: Uint8Array
}

const usual: QueryParts = { name: [], type: 1, qclass: 1, flags: 0x0100, counts: null, behind: bytes() }
export const queryId = 0x1234

export function query(name: string | QueryParts['name'], parts: Partial<QueryParts> = {}): Buffer {
  const labels = typeof name === 'string' ? name.split('.') : name
  const { type, qclass, flags, counts, behind } = { ...usual, ...parts }
  const [questions, answers, authorities, additional] = counts ?? [1, 0, 0, behind.length > 0 ? 1 : 0]
  return Buffer.concat([
    u16(queryId, flags, questions, answers, authorities, additional),
    ...labels.map((label) => Buffer.concat([bytes(label.length), Buffer.from(label)])),
    bytes(0),
    u16(type, qclass),
    behind,
  ])
}

/** An OPT record (RFC 6891 6.1.2). */
export function opt({ version = 0, flags = 0, options = bytes() } = {}): Buffer {
  return Buffer.concat([bytes(0), u16(41, 1232), bytes(0, version), u16(flags, options.length), options])
}

export function u16(...numbers: readonly number[]): Buffer {
  return Buffer.concat(numbers.map((number) => bytes(number >> 8, number & 0xff)))
}

const codes = new Map([
  [0, 'NOERROR'],
  [1, 'FORMERR'],
  [4, 'NOTIMP'],
  [5, 'REFUSED'],
  [16, 'BADVERS'],
])

/**
 * The code, then AA if it is set, then the address of the one record, then EDNS if there is an OPT record. Everything
 * else of an answer has one right form, which is demanded: an answer that lacks it is an error.
 */
export function readAnswer(asked: Buffer, hex: string): string {
  if (hex === '-') return 'none'
  const answer = Buffer.from(hex, 'hex')
  const [id, flags, questions, answers, authorities, additional] = [0, 2, 4, 6, 8, 10].map((at) =>
    answer.readUInt16BE(at),
  )
  demand(id === queryId && authorities === 0, 'the id comes back, and no authority')
  let at = 12
  if (questions === 1) {
    const end = endOfName(asked) + 4
    demand(answer.subarray(12, end).equals(asked.subarray(12, end)), 'the question comes back byte for byte')
    at = end
  }
  const words = ((flags ?? 0) & 0x0400) === 0 ? [] : ['AA']
  if (answers === 1) {
    const size = answer.readUInt16BE(at + 10)
    const head = Buffer.concat([bytes(0xc0, 12), asked.subarray(at - 4, at), u16(0, 60)])
    demand(answer.subarray(at, at + 10).equals(head), 'the record is of this name, type and class, for a minute')
    words.push(answer.subarray(at + 12, at + 12 + size).toString('hex'))
    at += 12 + size
  }
  let code = (flags ?? 0) & 0xf
  if (additional === 1) {
    code += (answer[at + 5] ?? 0) * 16
    words.push(((answer[at + 7] ?? 0) & 0x80) === 0 ? 'EDNS' : 'EDNS+DO')
    at += 11
  }
  demand(at === answer.length, 'nothing is left')
  return [codes.get(code) ?? String(code), ...words].join(' ')
}

function endOfName(asked: Buffer): number {
  let at = 12
  for (let size = asked[at] ?? 0; size !== 0; size = asked[at] ?? 0) at += 1 + size
  return at + 1
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the answer is wrong: ${what}`)
}
