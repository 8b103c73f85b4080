import type * as z from 'zod'
import type { PlacedProblem, PolicyError, Problem } from '../core/errors.js'
import { InternalError } from '../core/errors.js'
import { lazily } from '../core/lazily.js'
import type { PolicyKey } from '../core/policy-key.js'
import { checkDuplicates, checkPolicy } from './checks.js'
import { loadSources, type PolicyFiles } from './extends.js'
import { placed, policyError, type Finding, type TextReading } from './finding.js'
import { insideValue } from './inside-value.js'
import { findingsOf } from './issues.js'
import { mergeMaps } from './merge.js'
import { toPlain, walk, type MapNode, type PolicyNode } from './node.js'
import { readObject } from './object.js'
import { policySchema, type Policy } from './policy.js'
import { placeOf, type Place, type Span } from './source-text.js'
import { spanFinder } from './source.js'
import type { Variables } from './variables.js'

/** A policy with its bases merged in, and where each of its values comes from. */
export interface LoadedPolicy {
  readonly policy: Policy
  /** Real paths of the files read, bases first: never writable from inside. */
  readonly sources: readonly string[]
  /** The names that they were read by, before symlinks: relative ones are meant from the working directory. */
  readonly names: readonly string[]
  /** As written: variables are names still. */
  readonly merged: MapNode
  /** Where each value stands that holds no other (texts, numbers, empty lists). */
  readonly provenance: ReadonlyMap<PolicyKey, Place>
  /** The place of a problem that a layer found. */
  readonly place: (problem: Problem) => PlacedProblem
  /** Problems that layers found, as one error in the order of their places. */
  readonly error: (problems: readonly Problem[]) => PolicyError
}

/**
 * Reads a policy and everything it extends.
 * @throws PolicyError with everything that is wrong in all of the files.
 */
export function loadPolicy(entry: string, files: PolicyFiles, variables: Variables): LoadedPolicy {
  const { sources, names } = loadSources(entry, files)
  const realPaths = sources.map(({ realPath }) => realPath)
  return assemble(sources, { sources: realPaths, names }, variables)
}

/**
 * Reads a policy that a program gives as a value. It extends nothing, because there is no file to be relative to.
 * @throws PolicyError with everything that is wrong.
 */
export function parsePolicyObject(value: unknown, variables: Variables): LoadedPolicy {
  const { root, findings } = readObject(value, 'policy')
  const base = root?.kind === 'map' ? root.entries.get('extends') : undefined
  const message = 'cannot be used in a policy that is not a file'
  const refused = base === undefined ? [] : [{ key: 'extends', message, span: base.key }]
  return assemble([{ root, findings: [...findings, ...refused] }], { sources: [], names: [] }, variables)
}

/**
 * A policy with what a program says in place of some of its values: a map as `parsePolicyObject` takes it, without
 * `version` and `name`.
 * @throws PolicyError with everything that is wrong with them.
 */
export function withOverrides(base: LoadedPolicy, overrides: object, variables: Variables): LoadedPolicy {
  const { version, name } = base.policy
  const over = readObject({ version, name, ...overrides }, 'options')
  return assemble([{ root: base.merged, findings: [] }, over], base, variables)
}

function assemble(
  readings: readonly TextReading[],
  { sources, names }: Pick<LoadedPolicy, 'sources' | 'names'>,
  variables: Variables,
): LoadedPolicy {
  const schema = policySchema(variables)
  const judged = readings.map((reading) => validate(reading, schema))
  const findings = judged.flatMap((one) => one.findings)
  if (findings.length > 0) throw policyError(findings)
  const merged = readings.map(contentOf).reduce(mergeMaps)
  const [only, ...others] = judged
  // Each file alone is right; together their lists can be too long.
  const { extends: _, ...policy } =
    others.length === 0 && only !== undefined && only.value !== null ? only.value : whole(merged, schema)
  const spanOf = lazily(() => spanFinder(merged))
  const values = lazily(() => textsOf(merged))
  const locate = (problem: Problem): Finding => pointInside(problem, spanOf()(problem.key), values().get(problem.key))
  const problems = checkPolicy(policy)
  if (problems.length > 0) throw policyError(problems.map(locate))
  const provenance = lazily(() => provenanceOf(merged))
  return {
    policy,
    sources,
    names,
    merged,
    get provenance() {
      return provenance()
    },
    place: (problem) => placed(locate(problem)),
    error: (found) => policyError(found.map(locate)),
  }
}

type Schema = ReturnType<typeof policySchema>
type Whole = z.output<Schema>

function whole(merged: MapNode, schema: Schema): Whole {
  const { value, findings } = judge(schema, merged)
  if (value === null) throw policyError(findings)
  return value
}

/** A problem with a piece of a text points at that piece; where it cannot, it names it. */
function pointInside({ within, ...problem }: Problem, span: Span, value: string | undefined): Finding {
  if (within === undefined || value === undefined) return { ...problem, span }
  const inside = insideValue(span, value, within)
  if (inside !== null) return { ...problem, span: inside }
  const where = `at character ${within.start + 1}, "${value.slice(within.start, within.start + 24)}"`
  return { ...problem, message: `${problem.message} (${where})`, span }
}

function textsOf(root: PolicyNode): ReadonlyMap<PolicyKey, string> {
  const texts = [...walk(root)].flatMap(({ key, node }): readonly (readonly [PolicyKey, string])[] => {
    return node.kind === 'scalar' && typeof node.value === 'string' ? [[key, node.value]] : []
  })
  return new Map(texts)
}

/** What a tree says by the schema; null: nothing, for the reasons found. */
interface Judged {
  readonly value: Whole | null
  readonly findings: readonly Finding[]
}

/** What one file says, and everything wrong with it. Where its text is at fault already, the schema has nothing to add. */
function validate({ root, findings }: TextReading, schema: Schema): Judged {
  if (root === null) return { value: null, findings }
  const judged = judge(schema, root)
  const more = [...judged.findings, ...checkDuplicates(root)]
  const starts = new Set(findings.map(({ span }) => span.start))
  return { value: judged.value, findings: [...findings, ...more.filter(({ span }) => !starts.has(span.start))] }
}

function judge(schema: Schema, root: PolicyNode): Judged {
  // Code made at run time costs more than one parse gains by it.
  const result = schema.safeParse(toPlain(root), { jitless: true })
  return result.success
    ? { value: result.data, findings: [] }
    : { value: null, findings: findingsOf(result.error.issues, root) }
}

/** What `extends` of one file says has been done, and says nothing about the merged policy. */
function contentOf({ root }: TextReading): MapNode {
  if (root?.kind === 'map') return { ...root, entries: new Map([...root.entries].filter(([key]) => key !== 'extends')) }
  throw new InternalError('a policy passed its schema without being a map')
}

function provenanceOf(merged: MapNode): ReadonlyMap<PolicyKey, Place> {
  const leaves = [...walk(merged)].filter(({ node }) => isLeaf(node))
  return new Map(leaves.map(({ key, span }) => [key, placeOf(span)]))
}

function isLeaf(node: PolicyNode): boolean {
  switch (node.kind) {
    case 'scalar':
      return true
    case 'list':
      return node.items.length === 0
    case 'map':
      return node.entries.size === 0
  }
}
