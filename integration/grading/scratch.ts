/** A place without limits, in which a submission may do all that it tries: bubblewrap makes it of a folder. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, searchPath, type Outcome } from '../world/process.js'

export interface Scratch {
  /** What is its root directory, on the host. */
  readonly root: string
  /** Where the grader's folder is in it. */
  readonly folder: string
  /** Runs a shell script there, with that folder as `$0`, to its end, in any way. */
  run(script: string): Promise<Outcome>
  remove(): void
}

/** Of its /tmp: more than a submission is granted, and no danger to the host. */
const tmpBytes = 32 << 20
/** The limits of root's processes are none, so root is somebody else. */
const user = process.getuid?.() === 0 ? ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'] : []

/** With a copy of `source`, a grader's folder. */
export function makeScratch(source: string): Scratch {
  const root = mkdtempSync(join(tmpdir(), 'palisade-scratch-'))
  const folder = '/srv/grading'
  for (const directory of ['usr', 'etc', 'var/tmp', 'srv']) mkdirSync(join(root, directory), { recursive: true })
  cpSync(source, join(root, folder), { recursive: true })
  const shared = ['bin', 'lib', 'lib64']
  for (const name of shared) symlinkSync(`usr/${name}`, join(root, name))
  if (user.length > 0) execFileSync('chown', ['-hR', '1000:1000', root])
  // /usr itself is the scratch's own.
  const programs = shared.flatMap((name) => ['--ro-bind-try', `/usr/${name}`, `/usr/${name}`])
  const kernel = ['--dev', '/dev', '--proc', '/proc', '--size', `${tmpBytes}`, '--tmpfs', '/tmp']
  const world = ['bwrap', '--unshare-all', '--die-with-parent', '--bind', root, '/', ...programs, ...kernel]
  return {
    root,
    folder,
    run: (script) =>
      run([...user, ...world, 'sh', '-c', script, folder], { env: { PATH: searchPath }, timeoutMs: 300_000 }),
    remove: () => rmSync(root, { recursive: true }),
  }
}
