import { isWithin } from '../../core/path.js'
import type { Symlink } from '../../policy/resolved.js'

/** As many as the kernel follows in one lookup (path_resolution(7)). */
const symlinksMax = 40

/** The symlinks that a lookup of `path` passes through, in that order; `known` maps a link's own path to its content. */
export function symlinksOnTheWay(path: string, known: ReadonlyMap<string, string>): readonly Symlink[] {
  const found: Symlink[] = []
  let rest = path.split('/')
  let real = ''
  while (rest.length > 0 && found.length <= symlinksMax) {
    const [part, ...after] = rest
    rest = after
    if (part === undefined || part === '' || part === '.') continue
    if (part === '..') {
      real = real.slice(0, real.lastIndexOf('/'))
      continue
    }
    const target = known.get(`${real}/${part}`)
    if (target === undefined) {
      real = `${real}/${part}`
      continue
    }
    found.push({ path: `${real}/${part}`, target })
    if (target.startsWith('/')) real = ''
    rest = [...target.split('/'), ...rest]
  }
  return found
}

/** The links that must be made: those that no grant brings along. One entry a path. */
export function missingSymlinks(links: readonly Symlink[], granted: readonly string[]): readonly Symlink[] {
  const missing = links.filter((link) => !granted.some((grant) => isWithin(link.path, grant)))
  return [...new Map(missing.map((link) => [link.path, link])).values()]
}
