import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InternalError } from '../core/errors.js'
import { packageRoot } from '../core/package-root.js'

/**
 * What the next run of Palisade would execute: its code, its native part, the packages it imports and Node itself. A
 * program that could write there would leave the sandbox on that run.
 */
export function ownPaths(): readonly string[] {
  const root = packageRoot()
  const [running = ''] = relative(root, fileURLToPath(import.meta.url)).split('/')
  const own = [join(root, running), join(root, 'build'), join(root, 'package.json')]
  return [...own, ...dependencies(root), process.execPath]
}

/** Only the build needs these two. */
const buildOnly: ReadonlySet<string> = new Set(['cmake-js', 'node-addon-api'])

function dependencies(root: string): readonly string[] {
  const found = new Set<string>()
  const open = [root]
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for (const name of dependencyNames(directory).filter((dependency) => !buildOnly.has(dependency))) {
      const dependency = locate(name, directory)
      if (dependency === null || found.has(dependency)) continue
      found.add(dependency)
      open.push(dependency)
    }
  }
  return [...found].toSorted()
}

function dependencyNames(directory: string): readonly string[] {
  const file = join(directory, 'package.json')
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null) throw new InternalError(`${file} holds no object`)
  const listed: unknown = Reflect.get(parsed, 'dependencies')
  return typeof listed === 'object' && listed !== null ? Object.keys(listed) : []
}

/** As Node resolves it: in the nearest `node_modules` above. */
function locate(name: string, from: string): string | null {
  for (let directory = from; ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (directory === dirname(directory)) return null
  }
}
