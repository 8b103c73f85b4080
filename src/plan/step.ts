/**
 * The wire format between TypeScript and the launcher, described once.
 *
 * A step descriptor names an operation, the role that performs it, and its fields in wire order. The codec encodes
 * from it, and `tools/generate-plan.ts` writes the C++ structs and decoder from it (`native/plan/plan.gen.h`).
 */

/** Integers are little-endian; `ip` is a family byte (4 or 6) and 16
 * bytes in network order, of which IPv4 takes the first four; text is UTF-8 with a u32 length and a closing NUL. */
export type Scalar = 'u8' | 'u16' | 'u32' | 'u64' | 'ip' | 'text' | 'path' | 'bytes'
export type Field = Scalar | { readonly list: Scalar | Fields }
export interface Fields {
  readonly [name: string]: Field
}

/**
 * Which process performs a step. `supervisor` stays in the host's namespaces, `relay` is its confined child,
 * `init` is pid 1 of the sandbox, `sandboxee` becomes the program.
 */
export type Role = 'supervisor' | 'relay' | 'init' | 'sandboxee'

interface ScalarTypes {
  readonly u8: number
  readonly u16: number
  readonly u32: number
  readonly u64: bigint
  readonly ip: string
  readonly text: string
  readonly path: string
  readonly bytes: Uint8Array
}
type ValueOf<F extends Field> = F extends Scalar
  ? ScalarTypes[F]
  : F extends { readonly list: infer Item }
    ? readonly (Item extends Scalar ? ScalarTypes[Item] : Item extends Fields ? ValuesOf<Item> : never)[]
    : never
export type ValuesOf<F extends Fields> = { readonly [Name in keyof F]: ValueOf<F[Name]> }

export interface StepDescriptor<Op extends string = string, F extends Fields = Fields> {
  readonly op: Op
  readonly role: Role
  readonly fields: F
}

/** A value of one step: its fields, its operation, and the policy key that it came from. */
export type StepOf<D extends StepDescriptor> =
  D extends StepDescriptor<infer Op, infer F> ? { readonly op: Op; readonly origin: string } & ValuesOf<F> : never

/** Describes one step; `op` is `<layer>.<verb-object>`. */
export function step<const Op extends string, const F extends Fields>(
  op: Op,
  role: Role,
  fields: F,
): StepDescriptor<Op, F> {
  return { op, role, fields }
}
