/**
 * pack-command.js before|after: npm links the command of a package before it builds anything, so a package needs
 * something at its place: a script that starts the compiler, which says what has not been built.
 */
import { existsSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { launcherPath } from '../launch/addon.js'

const launcher = launcherPath()
const aside = `${launcher}.packing`
const script = `#!/bin/sh
exec node "$(dirname "$(readlink -f "$0")")/../../dist/cli/main.cjs" "$@"
`

if (process.argv[2] === 'before') {
  mkdirSync(dirname(launcher), { recursive: true })
  if (existsSync(launcher)) renameSync(launcher, aside)
  writeFileSync(launcher, script, { mode: 0o755 })
  // Older than everything: should the second half never run, the next build makes it anew.
  utimesSync(launcher, 0, 0)
} else if (existsSync(aside)) renameSync(aside, launcher)
