/** Homes with a policy each, whose plans are kept in one way or the other, and starts in them. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { launcherPath, loadAddon } from '../../src/launch/addon.js'
import { fileOf, sealedFileOf } from '../../src/launch/kept-file.js'
import { must, run, searchPath, type Outcome } from '../world/process.js'

/** In a directory that the caller names, or sealed in the usual one. */
export const forms = ['by --plans', 'as usual'] as const
export type Form = (typeof forms)[number]

/** A home with a policy that extends another, and a program's data. */
export interface Home {
  readonly form: Form
  readonly home: string
  readonly policy: string
  readonly base: string
  /** Where plans are kept. */
  readonly plans: string
  readonly env: Readonly<Record<string, string>>
  /** What makes the caller who it is. */
  readonly become: readonly string[]
}

export interface How {
  readonly env?: Readonly<Record<string, string>>
  readonly directory?: string
  readonly words?: readonly string[]
  readonly argv?: readonly string[]
}

/** A directory for homes that everybody may walk, gone when the tests have ended. */
export function makeRoot(t: Test): string {
  const root = mkdtempSync(join(tmpdir(), 'palisade-kept-'))
  chmodSync(root, 0o755)
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  return root
}

let homes = 0
export function makeHome(root: string, form: Form): Home {
  const home = join(root, `home-${(homes += 1)}`)
  mkdirSync(join(home, 'data'), { recursive: true })
  writeFileSync(join(home, 'data/file'), 'data\n')
  const [policy, base] = [join(home, 'policy.yaml'), join(home, 'base.yaml')]
  writeFileSync(base, 'version: 1\nname: base\nprocess: { environment: { pass: [WORD] } }\n')
  writeFileSync(
    policy,
    `version: 1\nname: kept\nextends: base.yaml\nfilesystem: { read: ["${home}/data"], exec: [/usr] }\n` +
      'syscalls: { promises: [stdio, rpath, exec, proc] }\n',
  )
  const env = { HOME: home, PATH: searchPath, WORD: 'one' }
  const parts = { form, home, policy, base, become: [] }
  if (form === 'as usual') {
    const runtime = join(home, 'runtime')
    mkdirSync(runtime, { mode: 0o700 })
    return { ...parts, plans: join(runtime, 'palisade'), env: { ...env, XDG_RUNTIME_DIR: runtime } }
  }
  const plans = join(home, 'plans')
  mkdirSync(plans, { mode: 0o700 })
  return { ...parts, plans, env }
}

/** Callers whose starts are tried: root where the tests are root's, and always a user. */
export const callers = process.getuid?.() === 0 ? [0, 1000] : [process.getuid?.() ?? 0]

/** The same home, of another user; only root can give it away. */
export function ownedBy(uid: number, at: Home): Home {
  if (uid === process.getuid?.()) return at
  execFileSync('/usr/bin/chown', ['-R', `${uid}:${uid}`, at.home])
  return { ...at, become: asUser(uid) }
}

export function asUser(uid: number): readonly string[] {
  if (uid === process.getuid?.()) return []
  return ['/usr/bin/setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
}

export const show = ['sh', '-c', 'echo "$WORD"; cat "$0"']

/** The words of a start, from the launcher's name to `--`. */
export function wordsOf({ form, policy, plans, become }: Home): readonly string[] {
  return [...become, launcherPath(), '--policy', policy, ...(form === 'by --plans' ? ['--plans', plans] : [])]
}

export function start(at: Home, { words = [], argv, ...how }: How = {}): Promise<Outcome> {
  const { home, env } = at
  const program = argv ?? [...show, join(home, 'data/file')]
  return run([...wordsOf(at), ...words, '--', ...program], { env, directory: home, ...how })
}

/** Without Node on its PATH, only a start by a kept plan succeeds: the compiler's first line asks env(1) for it. */
export function startWithoutNode(at: Home, how: How = {}): Promise<Outcome> {
  return start(at, { ...how, env: { ...(how.env ?? at.env), PATH: '/nonexistent' } })
}

/** How a start without Node ends that finds no kept plan. */
export const compiled = { code: 125, stdout: '', stderr: /^sandbox-exec: cannot start Node: PATH has no node; install/ }

export async function keptHome(t: Test, root: string, form: Form, uid = callers[0] ?? 0): Promise<Home> {
  const at = ownedBy(uid, makeHome(root, form))
  t.match(await start(at), { code: 0, stdout: 'one\ndata\n', stderr: '' })
  t.match(await startWithoutNode(at), { code: 0, stdout: 'one\ndata\n', stderr: '' }, 'control: it is kept')
  return at
}

export function keptFile({ plans }: Home): string {
  const [name = ''] = readdirSync(plans)
  return join(plans, name)
}

/** A program of this folder, for sandboxes too: it needs no library. */
export async function buildHelper(root: string, name: string): Promise<string> {
  const program = join(root, name)
  await must(['cc', '-O1', '-Wall', '-Wextra', '-Werror', '-static', '-o', program, join(sources, `${name}.c`)])
  return program
}

// From build-test/integration/kept to the sources, which are not compiled by tsc.
const sources = join(import.meta.dirname, '../../../integration/kept')

/** The plan in a kept file. */
export function planIn(at: Home): Uint8Array {
  return readFileSync(keptFile(at)).subarray(at.form === 'by --plans' ? 12 : 24)
}

/** Puts a plan in its place, as a start would have kept it. */
export function putPlan(at: Home, plan: Uint8Array): void {
  writeFileSync(keptFile(at), at.form === 'by --plans' ? fileOf(plan) : sealedFileOf(plan, loadAddon()))
}
