/**
 * Plan to bytes and back. The layout: a header (magic, schema digest, total length, audit arch, step count), then each
 * step as opcode u16, zero u16, payload length u32, and the payload: `origin`, then the fields in descriptor order.
 * The decoder refuses what the launcher refuses, so that a plan read from a file can be trusted as far as its shape.
 */
import { InternalError, SandboxError } from '../core/errors.js'
import { addressOf, bytesOf, familyOf } from '../policy/ip-address.js'
import { descriptors, type Op, type Step } from './descriptors.js'
import { schemaDigest } from './schema-digest.gen.js'
import type { Field, Fields, Scalar, StepDescriptor } from './step.js'

export interface Plan {
  /** AUDIT_ARCH_* of the kernel that the plan was made for. */
  readonly auditArch: number
  readonly steps: readonly Step[]
}

/** Bytes that are no plan of this version. */
export class PlanError extends SandboxError {
  readonly code = 'ERR_SANDBOX_PLAN'
  override readonly name = 'PlanError'
}

/** A plan that no launcher would read. */
export class PlanSizeError extends InternalError {}

export const planMagic = 'PALISADE'
/** A policy has at most 1 MiB of text; its plan, with filters and mounts, stays well below this. */
export const planBytesMax = 4 << 20
const headerBytes = 24

type Values = Readonly<Record<string, unknown>>

const opcodes: ReadonlyMap<string, number> = new Map(descriptors.map((descriptor, index) => [descriptor.op, index]))

/** The opcode of an operation: its place in `order`. */
export function opcodeOf(op: Op): number {
  const opcode = opcodes.get(op)
  if (opcode === undefined) throw new InternalError(`no opcode for ${op}`)
  return opcode
}

/** Encodes a plan. Throws `InternalError` on a value that its field cannot hold. */
export function encodePlan(plan: Plan): Uint8Array {
  const writer = new Writer()
  writer.raw(new TextEncoder().encode(planMagic))
  writer.integer(schemaDigest, 4)
  writer.integer(0, 4)
  writer.integer(plan.auditArch, 4)
  writer.integer(plan.steps.length, 4)
  for (const step of plan.steps) {
    const opcode = opcodeOf(step.op)
    writer.integer(opcode, 2)
    writer.integer(0, 2)
    const lengthAt = writer.length
    writer.integer(0, 4)
    writeScalar(writer, 'text', step.origin)
    writeFields(writer, descriptorOf(opcode).fields, step as unknown as Values)
    writer.patch(lengthAt, writer.length - lengthAt - 4)
  }
  if (writer.length > planBytesMax) throw new PlanSizeError(`plan of ${writer.length} bytes`)
  writer.patch(12, writer.length)
  return writer.bytes()
}

/** Decodes plan bytes. Throws `PlanError` on anything that `encodePlan` would not have written. */
export function decodePlan(bytes: Uint8Array): Plan {
  const reader = new Reader(bytes)
  if (bytes.length < headerBytes || bytes.length > planBytesMax) throw new PlanError('not a plan: wrong size')
  if (new TextDecoder('latin1').decode(reader.raw(8)) !== planMagic) throw new PlanError('not a plan: wrong magic')
  if (reader.integer(4) !== schemaDigest) throw new PlanError('this plan was made by another version of Palisade')
  if (reader.integer(4) !== bytes.length) throw new PlanError('truncated plan')
  const auditArch = reader.integer(4)
  const count = reader.integer(4)
  const steps: Step[] = []
  for (let index = 0; index < count; index++) steps.push(readStep(reader))
  if (reader.remaining !== 0) throw new PlanError('bytes after the last step')
  return { auditArch, steps }
}

function descriptorOf(opcode: number): StepDescriptor {
  const descriptor = descriptors[opcode]
  if (descriptor === undefined) throw new PlanError(`unknown opcode ${opcode}`)
  return descriptor
}

function readStep(reader: Reader): Step {
  const descriptor = descriptorOf(reader.integer(2))
  if (reader.integer(2) !== 0) throw new PlanError('reserved bits set')
  const length = reader.integer(4)
  const payload = new Reader(reader.raw(length))
  const origin = readScalar(payload, 'text')
  const values = readFields(payload, descriptor.fields)
  if (payload.remaining !== 0) throw new PlanError(`${descriptor.op}: bytes after the last field`)
  return { op: descriptor.op, origin, ...values } as unknown as Step
}

function writeFields(writer: Writer, fields: Fields, values: Values): void {
  for (const [name, field] of Object.entries(fields)) writeField(writer, field, values[name])
}

function writeField(writer: Writer, field: Field, value: unknown): void {
  if (typeof field === 'string') return writeScalar(writer, field, value)
  const items = value as readonly unknown[]
  writer.integer(items.length, 4)
  for (const item of items) {
    if (typeof field.list === 'string') writeScalar(writer, field.list, item)
    else writeFields(writer, field.list, item as Values)
  }
}

function readFields(reader: Reader, fields: Fields): Values {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, readField(reader, field)]))
}

function readField(reader: Reader, field: Field): unknown {
  if (typeof field === 'string') return readScalar(reader, field)
  const count = reader.integer(4)
  if (count > reader.remaining) throw new PlanError('list longer than its step')
  const { list } = field
  return Array.from({ length: count }, () =>
    typeof list === 'string' ? readScalar(reader, list) : readFields(reader, list),
  )
}

const integerBytes = { u8: 1, u16: 2, u32: 4 } as const

function writeScalar(writer: Writer, type: Scalar, value: unknown): void {
  switch (type) {
    case 'u8':
    case 'u16':
    case 'u32':
      return writer.integer(value as number, integerBytes[type])
    case 'u64':
      return writer.wide(value as bigint)
    case 'ip':
      return writer.raw(ipBytes(value as string))
    case 'text':
    case 'path': {
      const text = value as string
      if (text.includes('\0')) throw new InternalError('NUL in text')
      if (type === 'path' && !isPlainPath(text)) throw new InternalError(`not a plain absolute path: ${text}`)
      const bytes = new TextEncoder().encode(text)
      writer.integer(bytes.length, 4)
      writer.raw(bytes)
      return writer.integer(0, 1)
    }
    case 'bytes': {
      const bytes = value as Uint8Array
      writer.integer(bytes.length, 4)
      return writer.raw(bytes)
    }
  }
}

function readScalar(reader: Reader, type: Scalar): unknown {
  switch (type) {
    case 'u8':
    case 'u16':
    case 'u32':
      return reader.integer(integerBytes[type])
    case 'u64':
      return reader.wide()
    case 'ip':
      return ipText(reader.raw(17))
    case 'text':
    case 'path': {
      const text = decodeText(reader.raw(reader.integer(4)))
      if (reader.integer(1) !== 0) throw new PlanError('text without its closing NUL')
      if (type === 'path' && !isPlainPath(text)) throw new PlanError(`not a plain absolute path: ${text}`)
      return text
    }
    case 'bytes':
      return Uint8Array.from(reader.raw(reader.integer(4)))
  }
}

function decodeText(bytes: Uint8Array): string {
  if (bytes.includes(0)) throw new PlanError('NUL in text')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new PlanError('text is not UTF-8', { cause })
  }
}

/** Absolute, below PATH_MAX, without empty, `.` or `..` components. */
function isPlainPath(path: string): boolean {
  if (path === '/') return true
  if (!path.startsWith('/') || new TextEncoder().encode(path).length > 4095) return false
  return path
    .slice(1)
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..')
}

function ipBytes(address: string): Uint8Array {
  const family = familyOf(address)
  if (family === null) throw new InternalError(`not an IP address: ${address}`)
  const bytes = new Uint8Array(17)
  bytes[0] = family
  bytes.set(bytesOf(address), 1)
  return bytes
}

function ipText(bytes: Uint8Array): string {
  const [family = 0] = bytes
  if (family === 6) return addressOf(bytes.subarray(1))
  if (family !== 4 || bytes.subarray(5).some((byte) => byte !== 0)) throw new PlanError('not an IP address')
  return addressOf(bytes.subarray(1, 5))
}

class Writer {
  #buffer = new Uint8Array(4096)
  #view = new DataView(this.#buffer.buffer)
  length = 0

  integer(value: number, size: 1 | 2 | 4): void {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * size)) {
      throw new InternalError(`${value} does not fit in ${size} bytes`)
    }
    this.#reserve(size)
    for (let index = 0; index < size; index++) this.#buffer[this.length++] = Math.floor(value / 2 ** (8 * index)) & 0xff
  }

  wide(value: bigint): void {
    if (value < 0n || value >= 1n << 64n) throw new InternalError(`${value} does not fit in 8 bytes`)
    this.#reserve(8)
    this.#view.setBigUint64(this.length, value, true)
    this.length += 8
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  patch(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true)
  }

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.length)
  }

  #reserve(size: number): void {
    if (this.length + size <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.length + size))
    grown.set(this.#buffer)
    this.#buffer = grown
    this.#view = new DataView(grown.buffer)
  }
}

class Reader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  raw(size: number): Uint8Array {
    if (size > this.remaining) throw new PlanError('truncated plan')
    this.#offset += size
    return this.#bytes.subarray(this.#offset - size, this.#offset)
  }

  integer(size: 1 | 2 | 4): number {
    return this.raw(size).reduce((value, byte, index) => value + byte * 2 ** (8 * index), 0)
  }

  wide(): bigint {
    return BigInt(this.integer(4)) + (BigInt(this.integer(4)) << 32n)
  }
}
