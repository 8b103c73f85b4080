/**
 * Runs inside a guest, in a checkout at /payload/project: the command as its users have it, with Node, the addon and the
 * launcher of this arch. Prints TAP.
 */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, run, searchPath, type Outcome } from '../../integration/world/process.js'
import { attempts } from '../../integration/demo/attempts.js'
import { makeWorld } from '../../integration/world/world.js'
import type { Layer } from '../layers.js'
import { harness, harnessMs, libraryChecks } from '../library/findings.js'
import { emulatedNode } from './emulated-node.js'
import { beginTap, type Details } from './tap.js'

const project = '/payload/project'
const home = '/tmp/suite'
const main = [...emulatedNode, join(project, 'dist/cli/main.cjs')]
const launcher = join(project, 'build/Release/palisade-launcher')

interface Check {
  /** `command` by default. */
  readonly layer?: Layer
  readonly name: string
  readonly argv: readonly string[]
  /** Where Node is not found, only a start by a kept plan succeeds. */
  readonly path?: string
  readonly fits: (outcome: Outcome) => boolean
}

mkdirSync(home, { recursive: true })
chmodSync(home, 0o755)
const broken = join(home, 'broken.yaml')
writeFileSync(broken, 'version: 1\nname: broken\nfilesystem: { raed: [/usr] }\n')
const plain = join(home, 'plain.yaml')
writeFileSync(
  plain,
  'version: 1\nname: plain\nfilesystem: { read: [/usr] }\nsyscalls: { promises: [stdio, rpath, threads, prot_exec] }\n',
)

/** Ends with 42 if there is no such file, or it may not be read. */
const read = `try { require('fs').readFileSync('${plain}') } catch ({ code }) { process.exit(/ENOENT|EACCES/.test(code) ? 42 : 1) }`
const reader = ['/usr/bin/node', '-e', read]

function checksOf(uid: number): readonly Check[] {
  const ok = ({ code }: Outcome): boolean => code === 0
  // Once is enough for each: under emulation the command takes some ten seconds each time.
  const asRoot: readonly Check[] = [
    { name: 'sandbox-exec --version', argv: [...main, '--version'], fits: ok },
    {
      name: 'a program runs',
      argv: [...main, '--policy', plain, '--', '/usr/bin/node', '-e', 'process.exit(6 * 7)'],
      fits: ({ code }) => code === 42,
    },
  ]
  const asUser: readonly Check[] = [
    { name: 'doctor finds everything that is needed', argv: [...main, 'doctor'], fits: ok },
    {
      name: 'check accepts a ready policy',
      argv: [...main, 'check', join(project, 'policies/single-https.yaml')],
      fits: ok,
    },
    {
      name: 'check names file, line, key and fix of a wrong one',
      argv: [...main, 'check', broken],
      fits: ({ code, stderr }) => code !== 0 && /broken\.yaml:3:15: .*raed.*did you mean "read"/.test(stderr),
    },
    {
      layer: 'filesystem',
      name: 'a program runs, and reads nothing else',
      argv: [...main, '--policy', plain, '--', ...reader],
      fits: ({ code }) => code === 42,
    },
    { layer: 'filesystem', name: 'control: outside it does', argv: reader, fits: ok },
  ]
  const words = [launcher, '--policy', plain, '--', '/usr/bin/true']
  const twice: readonly Check[] = [
    { name: 'a start keeps its plan', argv: words, fits: ok },
    {
      name: 'its seal is found whole by the next start, which needs no Node',
      argv: words,
      path: '/nonexistent',
      fits: ok,
    },
  ]
  const checks = [...(uid === 0 ? asRoot : asUser), ...twice]
  return checks.map((check) => ({ ...check, name: `uid ${uid}: ${check.name}` }))
}

/**
 * Debian's C library makes socketcall(2) of every socket there, which stays closed: curl reaches nothing. It does not
 * say why; that the answer is ENOSYS is among the native tier's doors.
 */
const hasSockets = process.arch !== 'ia32'
/** Of the demo's table; all of it, on every kernel, is the native tier's. */
const demonstrated = ['the endpoint', 'another address']
const demonstratedLayer = hasSockets ? 'network' : 'seccomp'

const checks = [0, 1000].flatMap((uid) => checksOf(uid).map((check) => ({ uid, ...check })))
/** Where there is no tier of systemd, which asks the same in a unit. */
const limits = process.arch === 'ia32' ? libraryChecks('/sys/fs/cgroup/library', runHarness) : []
const tell = await beginTap(checks.length + limits.length + demonstrated.length)
for (const { uid, layer = 'command', name, argv, path = searchPath, fits } of checks) {
  const become = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--']
  const inPath = path === searchPath ? argv : ['/usr/bin/env', `PATH=${path}`, ...argv]
  const options = { env: { PATH: searchPath, HOME: homeOf(uid) }, timeoutMs: 300_000 }
  const outcome = await run([...become, ...inPath], options)
  tell(layer, fits(outcome), name, described(outcome))
}
for (const { layer, name, expected, found } of limits) {
  const text = await found().catch(String)
  const fits = typeof expected === 'string' ? text === expected : expected.test(text)
  tell(layer, fits, name, { expected: String(expected), found: text })
}
await demonstrate()

/** In a cgroup of the user's own (cgroups(7), "Delegating a hierarchy"). */
async function runHarness(): Promise<string> {
  const root = '/sys/fs/cgroup'
  const given = join(root, 'library')
  writeFileSync(join(root, 'cgroup.subtree_control'), '+memory +pids +cpu')
  mkdirSync(given)
  for (const name of ['.', 'cgroup.procs', 'cgroup.subtree_control']) chownSync(join(given, name), 1000, 1000)
  const enter = `echo 0 >${given}/cgroup.procs; exec setpriv --reuid=1000 --regid=1000 --clear-groups -- "$@"`
  return must(['sh', '-c', enter, 'sh', ...emulatedNode, harness], { timeoutMs: harnessMs })
}

/** A plan is kept in a home of the caller's own. */
function homeOf(uid: number): string {
  const directory = join(home, `home-${uid}`)
  mkdirSync(directory, { recursive: true })
  chownSync(directory, uid, uid)
  return directory
}

/** Real curl and a real server, as the demo has them. */
async function demonstrate(): Promise<void> {
  const world = await makeWorld()
  const policy = join(project, 'policies/single-https.yaml')
  for (const what of demonstrated) {
    const attempt = attempts(world).find((one) => one.what.startsWith(what))
    if (attempt === undefined) throw new Error(`the demo has no attempt ${what}`)
    const curl = ['curl', '--silent', '--show-error', '--verbose', '--max-time', '60', ...attempt.arguments]
    const options = { uid: 65534, timeoutMs: 300_000 }
    const free = await world.run(curl, options)
    const confined = await world.run([...main, '--policy', policy, '--', ...curl], options)
    const evidences = hasSockets ? attempt.refusals.map(({ evidence }) => evidence) : [/curl: \(7\) Failed to connect/]
    const isRefused = confined.code !== 0 && evidences.some((evidence) => evidence.test(confined.stderr))
    const isReached = evidences.length === 0 && confined.code === 0
    tell(
      demonstratedLayer,
      free.code === 0 && (isReached || isRefused),
      `curl, ${what}: ${isReached ? 'reached' : 'refused'}`,
      described(confined),
    )
  }
  await world.close()
}

function described({ code, signal, stdout, stderr }: Outcome): Details {
  return { ended: String(signal ?? code), stdout, stderr }
}
