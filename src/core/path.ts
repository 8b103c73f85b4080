/** Pure functions on paths that are absolute and hold no `.`, `..` or doubled slash. */

/** Whether `path` is `directory` or lies beneath it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || directory === '/' || path.startsWith(`${directory}/`)
}

/** The directories above `path`, outermost first, without the root: `/a/b/c` gives `/a`, `/a/b`. */
export function directoriesAbove(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}

/** Sorts by component, so that a directory stands right before what lies in it (`/a`, `/a/b`, `/a-b`). */
export function comparePaths(left: string, right: string): number {
  return compareText(left.replaceAll('/', '\0'), right.replaceAll('/', '\0'))
}

/** Sorts by UTF-16 code unit: the same on every locale. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
