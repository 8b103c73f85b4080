/** Writes `native/plan/plan.gen.h`: the structs and the decoder of every step, from the descriptors. */
import { planBytesMax, planMagic } from '../plan/codec.js'
import { descriptors } from '../plan/descriptors.js'
import { digestOfDescriptors } from '../plan/schema-digest.js'
import type { Field, Fields, Scalar, StepDescriptor } from '../plan/step.js'

const scalarTypes: Readonly<Record<Scalar, string>> = {
  u8: 'std::uint8_t',
  u16: 'std::uint16_t',
  u32: 'std::uint32_t',
  u64: 'std::uint64_t',
  ip: 'Ip',
  text: 'Text',
  path: 'Path',
  bytes: 'Bytes',
}
/** The least number of bytes that a value takes on the wire: bounds the memory that a count can ask for. */
const scalarBytesMin: Readonly<Record<Scalar, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  ip: 17,
  text: 5,
  path: 6,
  bytes: 4,
}

/** `src/plan/schema-digest.gen.ts` as text. */
export function generateDigest(): string {
  return `// Generated from src/plan/descriptors.ts by \`npm run generate\`. Do not edit.

/** What schema-digest.ts says of the descriptors. */
export const schemaDigest = ${digest()}
`
}

function digest(): string {
  return `0x${digestOfDescriptors().toString(16).padStart(8, '0')}`
}

/** The whole header as text. */
export function generatePlanHeader(): string {
  return `// Generated from src/plan/descriptors.ts by \`npm run generate\`. Do not edit.
#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "plan/reader.h"

namespace palisade::plan {

inline constexpr char kMagic[] = "${planMagic}";
inline constexpr std::uint32_t kSchema = ${digest()};
inline constexpr std::uint32_t kPlanBytesMax = ${planBytesMax};

enum class Role : std::uint8_t { supervisor, relay, init, sandboxee };

${descriptors.map(structOf).join('\n')}
using AnyStep = std::variant<${descriptors.map((descriptor) => typeName(descriptor.op)).join(', ')}>;

inline constexpr const char* kOps[] = {
${descriptors.map(({ op }) => `    "${op}",`).join('\n')}
};
inline constexpr Role kRoles[] = {
${descriptors.map(({ role }) => `    Role::${role},`).join('\n')}
};
inline constexpr std::uint32_t kOpCount = ${descriptors.length};

${descriptors.map(readerOf).join('\n')}
inline AnyStep read_step(Reader& reader, std::uint16_t opcode) {
  switch (opcode) {
${descriptors.map(({ op }, index) => `    case ${index}:\n      return read_${snake(op)}(reader);`).join('\n')}
    default:
      reader.fail();
      return {};
  }
}

}  // namespace palisade::plan
`
}

function structOf({ op, fields }: StepDescriptor): string {
  const records = Object.entries(fields).flatMap(([name, field]) => recordsOf(typeName(op) + pascal(name), field))
  return `${records.join('')}struct ${typeName(op)} {\n${members(typeName(op), fields)}};\n`
}

/** Structs for lists of records, innermost first. */
function recordsOf(name: string, field: Field): string[] {
  if (typeof field === 'string' || typeof field.list === 'string') return []
  const inner = Object.entries(field.list).flatMap(([key, value]) => recordsOf(name + pascal(key), value))
  return [...inner, `struct ${name} {\n${members(name, field.list)}};\n`]
}

function members(owner: string, fields: Fields): string {
  return Object.entries(fields)
    .map(([name, field]) => `  ${cppType(owner + pascal(name), field)} ${snake(name)}{};\n`)
    .join('')
}

function cppType(name: string, field: Field): string {
  if (typeof field === 'string') return scalarTypes[field]
  return `std::span<const ${typeof field.list === 'string' ? scalarTypes[field.list] : name}>`
}

function readerOf({ op, fields }: StepDescriptor): string {
  const name = typeName(op)
  const lines = readLines(name, fields, { reader: 'reader', target: 'step', depth: 1 })
  const unused = lines === '' ? '[[maybe_unused]] ' : ''
  return `inline ${name} read_${snake(op)}(${unused}Reader& reader) {\n  ${name} step;\n${lines}  return step;\n}\n`
}

/** The names in scope where a field is read; each level of nesting has its own. */
interface Scope {
  readonly reader: string
  readonly target: string
  readonly depth: number
}

function readLines(owner: string, fields: Fields, scope: Scope): string {
  return Object.entries(fields)
    .map(([name, field]) => readLine(owner + pascal(name), field, snake(name), scope))
    .join('')
}

function readLine(type: string, field: Field, member: string, { reader, target, depth }: Scope): string {
  const indent = '  '.repeat(depth)
  if (typeof field === 'string') return `${indent}${reader}.read(${target}.${member});\n`
  const inner: Scope = { reader: `reader${depth}`, target: `item${depth}`, depth: depth + 1 }
  const item = typeof field.list === 'string' ? scalarTypes[field.list] : type
  const least = typeof field.list === 'string' ? scalarBytesMin[field.list] : bytesMin(field.list)
  const body =
    typeof field.list === 'string'
      ? `${indent}  ${inner.reader}.read(${inner.target});\n`
      : readLines(type, field.list, inner)
  const head = `${indent}${target}.${member} = ${reader}.list<${item}, ${least}>`
  return `${head}([](Reader& ${inner.reader}, ${item}& ${inner.target}) {\n${body}${indent}});\n`
}

function bytesMin(fields: Fields): number {
  return Object.values(fields).reduce((sum, field) => sum + (typeof field === 'string' ? scalarBytesMin[field] : 4), 0)
}

/** `network.add-route` -> `NetworkAddRoute`. */
function typeName(op: string): string {
  return op.split(/[.-]/).map(pascal).join('')
}

function pascal(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function snake(name: string): string {
  return name.replaceAll(/[.-]/g, '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
