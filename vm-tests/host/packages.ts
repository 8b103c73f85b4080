/** Debian's packages of any suite and architecture: found by name at run time, fetched and unpacked, never installed. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isBefore, openApt, type Apt, type Package, type Suite } from '../../src/tools/apt.js'
import { cacheFolder } from './cache.js'
import { must } from './commands.js'

const opened = new Map<string, Apt>()

/** The suite's packages as its mirror has them now. */
export function openSuite(suite: Suite): Apt {
  const key = `${suite.suite}-${suite.architecture}`
  const known = opened.get(key)
  if (known !== undefined) return known
  const folder = join(cacheFolder, 'suites', key)
  mkdirSync(folder, { recursive: true })
  const apt = openApt(folder, suite)
  opened.set(key, apt)
  return apt
}

/** The newest version of a package, or of those that a pattern fits. Throws when the suite has none. */
export function newest(apt: Apt, name: string | RegExp): Package {
  const found = apt.packages.filter((one) => (typeof name === 'string' ? one.name === name : name.test(one.name)))
  const [first] = found.toSorted((a, b) => (isBefore(a.version, b.version) ? 1 : -1))
  if (first === undefined) throw new Error(`the suite of Debian has no package ${String(name)}`)
  return first
}

/** `roots` and everything that they depend on, of what `follows` accepts. */
export function closure(apt: Apt, roots: readonly string[], follows: (name: string) => boolean): readonly Package[] {
  const names = new Set(apt.packages.map(({ name }) => name))
  const providers = new Map(apt.packages.flatMap((one) => one.provides.map((name) => [name, one.name])))
  const found = new Map<string, Package>()
  const open = [...roots]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const real = names.has(name) ? name : providers.get(name)
    if (real === undefined) throw new Error(`the suite of Debian has no package ${name}`)
    if (found.has(real)) continue
    const one = newest(apt, real)
    found.set(real, one)
    open.push(...one.depends.filter(follows))
  }
  return [...found.values()]
}

/** Fetches packages and unpacks their files into a folder; no script of theirs runs. */
export function unpack(apt: Apt, packages: readonly Package[], folder: string): void {
  const fetched = join(folder, 'fetched')
  mkdirSync(fetched)
  apt.download(packages, fetched)
  for (const file of readdirSync(fetched)) must('dpkg-deb', ['--extract', join(fetched, file), folder])
  must('rm', ['-r', fetched])
}
