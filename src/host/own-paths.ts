import { dirname, isAbsolute, join } from 'node:path'
import { InternalError } from '../core/errors.js'
import { packageRoot } from '../core/package-root.js'
import { isWithin } from '../core/path.js'
import { readText, type Files } from './files.js'
import { isThere, lookUp, mayLook } from './paths.js'

/**
 * What the next run of Palisade would execute: its package, the packages it imports, Node itself, and the name that
 * it was started by. A program that could write there would leave the sandbox on that run. Some names here lead to
 * nothing: what would be created there would be found before the real thing.
 */
export function ownPaths(files: Files, entry: string | undefined, root: string = packageRoot()): readonly string[] {
  const started = [process.execPath, ...nodeNames(files), ...(entry === undefined ? [] : [entry])]
  const own = new Set([root, ...searched(root, files), ...started])
  return [...own].filter((path) => path === root || path === entry || !isWithin(path, root))
}

/** The names by which env(1) would find Node on the caller's PATH before the one that it finds, and that one. */
function nodeNames(files: Files): readonly string[] {
  const names = (process.env['PATH'] ?? '')
    .split(':')
    .filter((entry) => isAbsolute(entry))
    .map((entry) => join(entry, 'node'))
  const found = names.findIndex((name) => isThere(name, files))
  // Where the caller may not look, env(1) finds nothing either, and no program of the caller's can write.
  return names.slice(0, found + 1).filter((name) => mayLook(name, files))
}

/** Only the build needs these two. */
const buildOnly: ReadonlySet<string> = new Set(['cmake-js', 'node-addon-api'])

/** Every `node_modules` that Node looks into on the way to our dependencies, and where their symlinks lead. */
function searched(root: string, files: Files): readonly string[] {
  const found = new Set<string>()
  const seen = new Set([root])
  for (const directory of seen) {
    for (const name of dependencyNames(directory, files).filter((dependency) => !buildOnly.has(dependency))) {
      const { places, dependency } = locate(name, directory, files)
      // All of a `node_modules`: require() takes the file `yaml.js` in it before the directory `yaml`.
      for (const place of places) found.add(place)
      if (dependency === null) continue
      const real = lookUp(dependency, '', files).facts?.real ?? dependency
      if (real !== dependency) found.add(dependency).add(real)
      seen.add(real)
    }
  }
  return [...found].toSorted()
}

function dependencyNames(directory: string, files: Files): readonly string[] {
  const file = join(directory, 'package.json')
  const parsed: unknown = JSON.parse(readText(file, files))
  if (typeof parsed !== 'object' || parsed === null) throw new InternalError(`${file} holds no object`)
  const listed: unknown = Reflect.get(parsed, 'dependencies')
  return typeof listed === 'object' && listed !== null ? Object.keys(listed) : []
}

/** As Node resolves it: in the nearest `node_modules` above; `places` are those looked into, the last one has it. */
function locate(
  name: string,
  from: string,
  files: Files,
): { readonly places: readonly string[]; readonly dependency: string | null } {
  const places: string[] = []
  for (let directory = from; ; directory = dirname(directory)) {
    if (!directory.endsWith('/node_modules')) {
      const place = join(directory, 'node_modules')
      places.push(place)
      const dependency = join(place, name)
      if (isThere(join(dependency, 'package.json'), files)) return { places, dependency }
    }
    if (directory === dirname(directory)) return { places, dependency: null }
  }
}
