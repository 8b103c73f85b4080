import * as z from 'zod'
import { toPolicyKey, type PolicyKey } from '../core/policy-key.js'
import { policySchema } from './policy.js'

export type JsonSchema = z.core.JSONSchema.JSONSchema

/** JSON Schema (draft 7) of a policy as it is written: what editors check and complete by. */
export function policyJsonSchema(): JsonSchema {
  return z.toJSONSchema(policySchema(new Map()), { io: 'input', target: 'draft-7', override: dropEmptyDefault })
}

/** That an absent section is an empty one goes without saying. */
function dropEmptyDefault({ jsonSchema }: { readonly jsonSchema: JsonSchema }): void {
  if (JSON.stringify(jsonSchema.default) === '{}') delete jsonSchema.default
}

/** Every key that holds a value of its own: `filesystem.read`, `limits.wall`. What is in a list has no key here. */
export function policyKeys(schema: JsonSchema = policyJsonSchema()): readonly PolicyKey[] {
  return [...leaves(schema, [])]
}

function* leaves(schema: JsonSchema, path: readonly string[]): Generator<PolicyKey> {
  if (schema.properties === undefined) yield toPolicyKey(path)
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    if (typeof value === 'object') yield* leaves(value, [...path, key])
  }
}

/** The keys that may stand in the map at `path`; none where names are free. */
export function keysAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  const [part, ...rest] = path
  if (part === undefined) return alternatives(schema).flatMap((one) => Object.keys(one.properties ?? {}))
  return alternatives(schema).flatMap((one) => {
    const next = typeof part === 'number' ? one.items : one.properties?.[String(part)]
    return typeof next === 'object' && !Array.isArray(next) ? keysAt(next, rest) : []
  })
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter((one) => typeof one === 'object')
}
