import { errorCodeOrThrow } from '../core/error-code.js'
import { SandboxError } from '../core/errors.js'
import type { PolicyKey } from '../core/policy-key.js'
import { readBaseName } from './base-name.js'
import { quote } from './characters.js'
import { dirname, isAbsolute, join } from 'node:path'
import { policyError, type Finding, type TextReading } from './finding.js'
import type { Reading, Refusal } from './reading.js'
import type { PolicyNode, ScalarNode } from './node.js'
import { readSource } from './source.js'
import { sourceText } from './source-text.js'

/** The files that policies are read from. Both functions throw what `node:fs` throws. */
export interface PolicyFiles {
  /** The content. It should read no more than `policyBytesMax` + 1 bytes: a policy can be named /dev/zero. */
  read(file: string): Uint8Array
  /** The absolute path after all symlinks. */
  realPath(file: string): string
}

/** Bases of bases, the entry not counted. */
const depthMax = 8
/** All files of one policy. */
const filesMax = 64

/** One file of a policy: as messages name it, and after all symlinks. */
interface FileName {
  readonly file: string
  readonly realPath: string
}
export interface LoadedSource extends FileName, TextReading {}

export interface LoadedSources {
  readonly sources: readonly LoadedSource[]
  /** Every name that a file was looked up by, those of one file that is reached twice included. */
  readonly names: readonly string[]
}

/**
 * The entry and all its bases, bases first: the order in which they are merged. A base is looked for beside the real
 * file that names it, so that a policy means the same through every symlink to it. A file that is reached twice
 * counts once, where it is reached first.
 * @throws PolicyError when the entry cannot be read; what is wrong with a base is a finding in the file that names it.
 */
export function loadSources(entry: string, files: PolicyFiles): LoadedSources {
  const loader: Loader = { files, sources: new Map(), names: new Set() }
  const refusal = load(loader, entry, [])
  if (refusal === null) return { sources: [...loader.sources.values()], names: [...loader.names] }
  const span = { source: sourceText(entry, ''), start: 0, end: 0 }
  throw policyError([{ key: '', message: `the policy ${refusal.refused}`, span }])
}

interface Loader {
  readonly files: PolicyFiles
  /** By real path, bases first; grows while loading. */
  readonly sources: Map<string, LoadedSource>
  readonly names: Set<string>
}

/** Loads one file after its bases. `chain` are the files that led here. */
function load(loader: Loader, file: string, chain: readonly FileName[]): Refusal | null {
  const real = attempt(() => loader.files.realPath(file))
  if ('refused' in real) return real
  loader.names.add(file)
  const name = { file, realPath: real.value }
  const first = chain.findIndex(({ realPath }) => realPath === name.realPath)
  if (first !== -1)
    return {
      refused: `extends itself: ${chain
        .slice(first)
        .concat(name)
        .map((link) => link.file)
        .join(' -> ')}`,
    }
  if (loader.sources.has(name.realPath)) return null
  if (chain.length > depthMax) return { refused: `is more than ${depthMax} bases away` }
  if (loader.sources.size + chain.length >= filesMax)
    return { refused: `is one file too many: ${filesMax} are allowed` }
  const bytes = attempt(() => loader.files.read(file))
  if ('refused' in bytes) return bytes
  const { root, findings } = readSource(bytes.value, file)
  const missing = basesOf(root).flatMap((base) => loadBase(loader, base, [...chain, name]))
  loader.sources.set(name.realPath, { ...name, root, findings: [...findings, ...missing] })
  return null
}

interface Base {
  readonly name: string
  readonly key: PolicyKey
  readonly node: ScalarNode
}

/** What `extends` names; a value of a wrong kind is the schema's to refuse. */
function basesOf(root: PolicyNode | null): readonly Base[] {
  const node = root?.kind === 'map' ? root.entries.get('extends')?.value : undefined
  if (node === undefined || node.kind === 'map') return []
  const listed =
    node.kind === 'list'
      ? node.items.map((item, index) => ({ key: `extends[${index}]`, node: item }))
      : [{ key: 'extends', node }]
  return listed.flatMap((base): Base[] => {
    if (base.node.kind !== 'scalar' || typeof base.node.value !== 'string') return []
    const name = readBaseName(base.node.value)
    return 'value' in name ? [{ name: name.value, key: base.key, node: base.node }] : []
  })
}

function loadBase(loader: Loader, { name, key, node }: Base, chain: readonly FileName[]): readonly Finding[] {
  const parent = chain.at(-1)
  const refusal = parent === undefined ? null : loadBeside(loader, parent, name, chain)
  return refusal === null ? [] : [{ key, message: `${quote(name)} ${refusal.refused}`, span: node.span }]
}

function loadBeside(loader: Loader, parent: FileName, name: string, chain: readonly FileName[]): Refusal | null {
  const file = attempt(() => beside(loader, parent, name))
  return 'refused' in file ? file : load(loader, file.value, chain)
}

/** Messages name a base as its parent was named, unless a symlink would make that another file. */
function beside({ files }: Loader, parent: FileName, name: string): string {
  if (isAbsolute(name)) return name
  const directory = dirname(parent.realPath)
  return join(files.realPath(dirname(parent.file)) === directory ? dirname(parent.file) : directory, name)
}

/** The errors of a file system become a part of the message; ours say themselves what is wrong; others are bugs. */
function attempt<T>(act: () => T): Reading<T> {
  try {
    return { value: act() }
  } catch (error) {
    if (error instanceof SandboxError) throw error
    return { refused: `cannot be read: ${errorCodeOrThrow(error)}` }
  }
}
