import * as z from 'zod'
import { schema as filesystem } from '../layers/filesystem/schema.js'
import { schema as network } from '../layers/network/schema.js'
import { schema as process } from '../layers/process/schema.js'
import { schema as resources } from '../layers/resources/schema.js'
import { schema as syscalls } from '../layers/seccomp/schema.js'
import { schema as service } from '../layers/service/schema.js'
import { schema as unsafe } from '../layers/unsafe/schema.js'
import { readBaseName } from './base-name.js'
import type { Reading } from './reading.js'
import { matching, section, textAs } from './values.js'
import type { Variables } from './variables.js'

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T

/**
 * What a policy says, with its bases merged in and variables replaced: lists and maps are there even when empty,
 * sizes are bytes (bigint), durations are milliseconds. Nothing is known of the host yet.
 */
export type Policy = DeepReadonly<Omit<z.output<ReturnType<typeof policySchema>>, 'extends'>>

/**
 * The whole schema. Made anew for each set of variables, because the values of paths depend on them, and only when a
 * policy is read, because making it is a good part of the program's start.
 */
export function policySchema(variables: Variables) {
  return section({
    version: z
      .literal(1, { error: 'expected 1, the only version there is' })
      .describe('Version of the policy language.'),
    name: matching(
      'a name',
      /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      'is not a name of lower-case letters, digits and "-"',
    ).describe('What messages and Reports call this policy. Lower-case letters, digits, `-`.'),
    description: textAs('a sentence', null, readSentence)
      .optional()
      .describe('Who it is for and what it allows, in a sentence.'),
    extends: extended()
      .optional()
      .describe(
        'Policies to start from: files, relative to this one. Lists add up, single values here replace theirs.',
      ),
    filesystem: filesystem(variables)
      .prefault({})
      .describe('What the program sees of the file system. Absent: nothing but the base view.'),
    network: network().prefault({}).describe('What it reaches by network. Absent: nothing.'),
    syscalls: syscalls().prefault({}).describe('What it may ask of the kernel. Absent: to run and to end.'),
    process: process(variables).prefault({}).describe('What it starts with.'),
    service: service().prefault({}).describe('What passes between it and its service manager. Absent: nothing.'),
    limits: resources().prefault({}).describe('How much it may use.'),
    unsafe: unsafe().prefault({}).describe('Openings that undo a part of the sandbox, each with a reason.'),
  })
}

function extended() {
  const file = textAs('the name of a file', /./, readBaseName)
  return z.union([file, z.array(file).max(16, { error: 'must not have more than 16 items' })], {
    error: 'expected the name of a file, or a list of them',
  })
}

function readSentence(text: string): Reading<string> {
  return text.length > 1000 ? { refused: 'is longer than 1000 characters' } : { value: text }
}
