/** Builds ClientHellos (RFC 8446 4.1.2), right ones and wrong ones. */

/** Type and content. */
export type Extension = readonly [type: number, content: Uint8Array]

export interface Parts {
  readonly version: number
  readonly sessionId: Uint8Array
  readonly cipherSuites: Uint8Array
  readonly compressionMethods: Uint8Array
  /** null: the block is left out. */
  readonly extensions: readonly Extension[] | null
}

const usual: Parts = {
  version: 0x0303,
  sessionId: Buffer.alloc(32, 7),
  cipherSuites: bytes(0x13, 0x01, 0xc0, 0x2f),
  compressionMethods: bytes(0),
  extensions: [],
}

export function bytes(...numbers: readonly number[]): Buffer {
  return Buffer.from(numbers)
}

/** `content` behind its length, a number of `width` bytes. */
export function sized(width: 1 | 2 | 3, content: Uint8Array): Buffer {
  const length = Buffer.alloc(width)
  length.writeUIntBE(content.length, 0, width)
  return Buffer.concat([length, content])
}

/** server_name (RFC 6066 3) with these entries. */
export function serverName(...names: readonly (string | Uint8Array)[]): Extension {
  const entries = names.map((name) => Buffer.concat([bytes(0), sized(2, Buffer.from(name))]))
  return [0, sized(2, Buffer.concat(entries))]
}

/** supported_versions (RFC 8446 4.2.1). */
export function versions(...numbers: readonly number[]): Extension {
  return [43, sized(1, Buffer.concat(numbers.map((number) => u16(number))))]
}

/** The message without its header. */
export function body(parts: Partial<Parts>): Buffer {
  const { version, sessionId, cipherSuites, compressionMethods, extensions } = { ...usual, ...parts }
  const block = extensions?.map(([type, content]) => Buffer.concat([u16(type), sized(2, content)]))
  return Buffer.concat([
    u16(version),
    Buffer.alloc(32, 9),
    sized(1, sessionId),
    sized(2, cipherSuites),
    sized(1, compressionMethods),
    ...(block === undefined ? [] : [sized(2, Buffer.concat(block))]),
  ])
}

/** A handshake message; type 1 is a ClientHello. */
export function message(content: Uint8Array, type = 1): Buffer {
  return Buffer.concat([bytes(type), sized(3, content)])
}

/** A record; type 22 holds handshake messages. */
export function record(content: Uint8Array, type = 22, version = 0x0301): Buffer {
  return Buffer.concat([bytes(type), u16(version), sized(2, content)])
}

/** The message in records that end at these places and at its end. */
export function records(whole: Uint8Array, ends: readonly number[] = []): Buffer {
  const places = [0, ...ends, whole.length]
  return Buffer.concat(places.slice(1).map((end, index) => record(whole.subarray(places[index], end))))
}

/** A hello with these parts in one record. */
export function hello(parts: Partial<Parts>): Buffer {
  return records(message(body(parts)))
}

/** The handshake records at the beginning: clients say goodbye in an alert behind them. */
export function handshakeOf(stream: Buffer): Buffer {
  return stream.subarray(0, endsOf(stream).at(-1) ?? 0)
}

/** What those records hold. */
function contentOf(stream: Buffer): Buffer {
  const ends = endsOf(stream)
  return Buffer.concat(ends.map((end, index) => stream.subarray((ends[index - 1] ?? 0) + 5, end)))
}

function endsOf(stream: Buffer): readonly number[] {
  const ends: number[] = []
  for (let at = 0; stream[at] === 22; ends.push(at)) at += 5 + stream.readUInt16BE(at + 3)
  return ends
}

/** The same message with one byte a record. */
export function oneByteRecords(stream: Buffer): Buffer {
  const whole = contentOf(stream)
  return records(
    whole,
    Array.from({ length: whole.length - 1 }, (_, index) => index + 1),
  )
}

function u16(number: number): Buffer {
  return bytes(number >> 8, number & 0xff)
}
