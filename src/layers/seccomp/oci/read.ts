import type { Problem } from '../../../core/errors.js'
import { nearest } from '../../../policy/suggest.js'
import type { PolicyNode } from '../../../policy/node.js'
import { errnoOf } from '../tables.js'
import {
  profileActions,
  type ArchMapping,
  type Comparison,
  type Profile,
  type ProfileAction,
  type ProfileEntry,
  type ProfileTest,
  type Selector,
} from './profile.js'

export interface ReadProfile {
  readonly profile: Profile
  /** Keys and what is wrong there; with problems the profile is of no use. */
  readonly problems: readonly Problem[]
}

const limits = { entries: 4096, names: 16_384, listed: 256 }

/** Reads a profile, or an OCI config.json that holds one. Nothing is skipped: what is not understood is a problem. */
export function readProfile(root: PolicyNode): ReadProfile {
  const problems: Problem[] = []
  const reader = new Reader(problems)
  const found = profileNode(root)
  const map = reader.map(found.node, found.key, known.profile)
  const at = (name: string): string => (found.key === '' ? name : `${found.key}.${name}`)
  const errno = reader.errno(map, at, 'defaultErrnoRet', 'defaultErrno')
  const entries = reader
    .list(map.get('syscalls'), at('syscalls'), limits.entries)
    .map((node, index) => readEntry(reader, node, `${at('syscalls')}[${index}]`))
  const names = entries.reduce((sum, entry) => sum + entry.names.length, 0)
  if (names > limits.names) reader.refuse(at('syscalls'), `more than ${limits.names} names`)
  const profile: Profile = {
    defaultAction: reader.action(map.get('defaultAction'), at('defaultAction'), errno),
    architectures: map.has('architectures') ? reader.texts(map.get('architectures'), at('architectures')) : null,
    archMap: map.has('archMap') ? readArchMap(reader, map.get('archMap'), at('archMap')) : null,
    flags: reader.texts(map.get('flags'), at('flags')),
    listener: map.has('listenerPath') ? 'listener' : 'none',
    entries,
  }
  return { profile, problems }
}

const known = {
  profile: [
    'defaultAction defaultErrnoRet defaultErrno architectures archMap flags listenerPath listenerMetadata syscalls',
    'comment $schema',
  ],
  entry: ['names name action errnoRet errno args includes excludes comment'],
  test: ['index value valueTwo op'],
  selector: ['caps arches minKernel'],
  arch: ['architecture subArchitectures'],
}

function profileNode(root: PolicyNode): { readonly node: PolicyNode; readonly key: string } {
  const linux = root.kind === 'map' ? root.entries.get('linux')?.value : undefined
  const inner = linux?.kind === 'map' ? linux.entries.get('seccomp')?.value : undefined
  return inner === undefined ? { node: root, key: '' } : { node: inner, key: 'linux.seccomp' }
}

function readArchMap(reader: Reader, node: PolicyNode | undefined, key: string): readonly ArchMapping[] {
  return reader.list(node, key, limits.listed).map((item, index) => {
    const at = `${key}[${index}]`
    const map = reader.map(item, at, known.arch)
    return {
      architecture: reader.text(map.get('architecture'), `${at}.architecture`),
      subArchitectures: reader.texts(map.get('subArchitectures'), `${at}.subArchitectures`),
    }
  })
}

function readEntry(reader: Reader, node: PolicyNode, key: string): ProfileEntry {
  const map = reader.map(node, key, known.entry)
  const single = map.get('name')
  const names = map.has('names') ? reader.texts(map.get('names'), `${key}.names`, limits.names) : []
  const errno = reader.errno(map, (name) => `${key}.${name}`, 'errnoRet', 'errno')
  const all = [...(single === undefined ? [] : [reader.text(single, `${key}.name`)]), ...names]
  if (all.length === 0) reader.refuse(`${key}.names`, 'names no system call')
  return {
    key,
    names: all,
    action: reader.action(map.get('action'), `${key}.action`, errno),
    args: reader.list(map.get('args'), `${key}.args`, 32).map((test, index) => {
      return readTest(reader, test, `${key}.args[${index}]`)
    }),
    includes: readSelector(reader, map.get('includes'), `${key}.includes`),
    excludes: readSelector(reader, map.get('excludes'), `${key}.excludes`),
  }
}

function readSelector(reader: Reader, node: PolicyNode | undefined, key: string): Selector {
  if (node === undefined || isNull(node)) return { caps: [], arches: [], minKernel: null }
  const map = reader.map(node, key, known.selector)
  const kernel = map.get('minKernel')
  const minKernel = kernel === undefined || isNull(kernel) ? null : reader.text(kernel, `${key}.minKernel`)
  return {
    caps: reader.texts(map.get('caps'), `${key}.caps`),
    arches: reader.texts(map.get('arches'), `${key}.arches`),
    minKernel,
  }
}

const comparisons: readonly Comparison[] = ['EQ', 'NE', 'LT', 'LE', 'GT', 'GE', 'MASKED_EQ']

function readTest(reader: Reader, node: PolicyNode, key: string): ProfileTest {
  const map = reader.map(node, key, known.test)
  const index = Number(reader.number(map.get('index'), `${key}.index`))
  if (index > 5) reader.refuse(`${key}.index`, 'a call has six arguments, 0 to 5')
  const word = reader.text(map.get('op'), `${key}.op`)
  const op = comparisons.find((one) => `SCMP_CMP_${one}` === word)
  if (op === undefined) reader.refuse(`${key}.op`, `unknown comparison ${word}`)
  const value = reader.number(map.get('value'), `${key}.value`)
  const second = map.get('valueTwo')
  const valueTwo = second === undefined || isNull(second) ? 0n : reader.number(second, `${key}.valueTwo`)
  return { index: Math.min(index, 5), op: op ?? 'EQ', value, valueTwo }
}

function isNull(node: PolicyNode): boolean {
  return node.kind === 'scalar' && node.value === null
}

/** Takes values out of a tree and notes what is wrong; gives something of the right type either way. */
class Reader {
  constructor(readonly problems: Problem[]) {}

  refuse(key: string, message: string, fix?: string): void {
    this.problems.push(fix === undefined ? { key, message } : { key, message, fix })
  }

  map(node: PolicyNode | undefined, key: string, keys: readonly string[]): ReadonlyMap<string, PolicyNode> {
    if (node?.kind !== 'map') {
      this.refuse(key, node === undefined ? 'is missing' : 'is no object')
      return new Map()
    }
    const names = keys.flatMap((line) => line.split(' '))
    for (const name of node.entries.keys()) {
      if (names.includes(name)) continue
      const near = nearest(name, names)
      const at = key === '' ? name : `${key}.${name}`
      this.refuse(at, `unknown key ${name}`, near === null ? 'remove it: nobody knows what it means' : `write ${near}`)
    }
    return new Map([...node.entries].map(([name, { value }]) => [name, value]))
  }

  /** null is an empty list, as Go writes it. */
  list(node: PolicyNode | undefined, key: string, most: number): readonly PolicyNode[] {
    if (node === undefined || isNull(node)) return []
    if (node.kind !== 'list') {
      this.refuse(key, 'is no list')
      return []
    }
    if (node.items.length > most) this.refuse(key, `has more than ${most} items`)
    return node.items.slice(0, most)
  }

  texts(node: PolicyNode | undefined, key: string, most = limits.listed): readonly string[] {
    return this.list(node, key, most).map((item, index) => this.text(item, `${key}[${index}]`))
  }

  text(node: PolicyNode | undefined, key: string): string {
    if (node?.kind === 'scalar' && typeof node.value === 'string' && /^[\w.]{1,64}$/.test(node.value)) return node.value
    this.refuse(key, node === undefined ? 'is missing' : 'is no name')
    return ''
  }

  /** From the text: a 64-bit number would lose bits as one of JavaScript's. */
  number(node: PolicyNode | undefined, key: string): bigint {
    const { source, start, end } = node?.span ?? { source: null, start: 0, end: 0 }
    const text = source?.text.slice(start, end) ?? ''
    if (node?.kind === 'scalar' && typeof node.value === 'number' && /^[0-9]{1,20}$/.test(text)) {
      const value = BigInt(text)
      if (value < 1n << 64n) return value
    }
    this.refuse(key, node === undefined ? 'is missing' : 'is no whole number of 64 bits')
    return 0n
  }

  /** An error as OCI writes it, by number, and as Podman does, by number and name. */
  errno(
    map: ReadonlyMap<string, PolicyNode>,
    at: (name: string) => string,
    numberKey: string,
    nameKey: string,
  ): number | null {
    const [number, name] = [map.get(numberKey), map.get(nameKey)]
    const value = number === undefined || isNull(number) ? null : Number(this.number(number, at(numberKey)))
    if (value !== null && value > 4095) this.refuse(at(numberKey), 'is no error number: they end at 4095')
    if (name === undefined || isNull(name)) return value
    const text = this.text(name, at(nameKey))
    const named = errnoOf(text)
    if (named === null) this.refuse(at(nameKey), `unknown error ${text}`)
    else if (value !== null && value !== named)
      this.refuse(at(nameKey), `${text} is ${named}, and ${numberKey} says ${value}`)
    return value ?? named
  }

  action(node: PolicyNode | undefined, key: string, errno: number | null): ProfileAction {
    const name = this.text(node, key)
    const value = profileActions.get(name)
    if (value === undefined) {
      const near = nearest(name, [...profileActions.keys()])
      if (name !== '') this.refuse(key, `unknown action ${name}`, near === null ? undefined : `write ${near}`)
      return { name: 'SCMP_ACT_KILL_PROCESS', value: 0x80000000 }
    }
    const data = name === 'SCMP_ACT_ERRNO' ? (errno ?? 1) : name === 'SCMP_ACT_TRACE' ? (errno ?? 1) : 0
    return { name, value: (value | data) >>> 0 }
  }
}
