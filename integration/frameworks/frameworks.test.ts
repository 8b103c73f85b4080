/** `sandboxFor` and its matchers under the runners that it is for: what they call a failure, and what their JUnit report says. */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../world/process.js'
import { endless } from './policy.js'

// From build-test/integration/frameworks.
const checkout = join(import.meta.dirname, '../../..')
/** A package of a user's, in which ours is installed. */
const folder = mkdtempSync(join(tmpdir(), 'palisade-frameworks-'))
t.teardown(() => rmSync(folder, { recursive: true }))
chmodSync(folder, 0o755)
mkdirSync(join(folder, 'node_modules'))
for (const [name, place] of [
  ['palisade', checkout],
  ['tap', join(checkout, 'node_modules/tap')],
  ['vitest', join(checkout, 'node_modules/vitest')],
] as const) {
  symlinkSync(place, join(folder, 'node_modules', name))
}
cpSync(import.meta.dirname, folder, { recursive: true })
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
// The plugins that the checkout's tap has been built with.
cpSync(join(checkout, '.taprc'), join(folder, '.taprc'))

const bin = (name: string): string => join(checkout, 'node_modules/.bin', name)
const vitest = (pool: string): readonly string[] => {
  return [bin('vitest'), 'run', '--reporter=junit', `--pool=${pool}`, 'vitest.spec.js']
}

interface Framework {
  readonly command: readonly string[]
  /** How its report says that the first test has passed, what fails, and how many. */
  readonly right: RegExp
  readonly leavesOne: RegExp
  readonly tooLong: RegExp
  readonly counts: RegExp
}

const ofVitest = {
  right: /<testcase [^>]*name="right"[^>]*>\s*<\/testcase>/,
  leavesOne:
    /<testcase [^>]*name="leaves one"[^>]*>\s*<failure message="1 sandboxed programs still ran when the test ended"/,
  tooLong: /<testcase [^>]*name="takes too long"[^>]*>\s*<failure message="Test timed out in 2000ms/,
  counts: /<testsuites [^>]*tests="4" failures="3" errors="0"/,
}

const frameworks: Readonly<Record<string, Framework>> = {
  'node:test': {
    command: [process.execPath, '--test', '--test-reporter=junit', 'node-test.spec.js'],
    right: /<testcase name="right"[^>]*\/>/,
    leavesOne:
      /<testcase name="leaves one"[^]*cause: AssertionError [^]*: 1 sandboxed programs still ran when the test ended/,
    tooLong: /<testcase name="takes too long"[^>]*>\s*<failure [^>]*message="test timed out after 2000ms"/,
    counts: /<!-- pass 1 -->[^]*<!-- fail 2 -->[^]*<!-- cancelled 1 -->/,
  },
  tap: {
    command: [bin('tap'), '--reporter=junit', '--disable-coverage', 'tap.spec.js'],
    right: /<testcase id="1" name="right"[^>]*\/>/,
    leavesOne: /name="1 sandboxed programs still ran when the test ended"[^>]*>\s*<failure>[^]*test: leaves one\n/,
    tooLong: /name="timeout!"[^>]*>\s*<failure>/,
    counts: /<testsuites [^>]*skipped="0"/,
  },
  'vitest, in a child': { ...ofVitest, command: vitest('forks') },
  'vitest, in a worker thread': { ...ofVitest, command: vitest('threads') },
  // Where Error is another class than that of Node's own errors.
  'vitest, in VM contexts': { ...ofVitest, command: vitest('vmThreads') },
}

for (const [name, { command, right, leavesOne, tooLong, counts }] of Object.entries(frameworks)) {
  t.test(`${name}: what fails is told, with its message, and nothing is left`, async (t) => {
    const { code, stdout, stderr } = await run(command, {
      env: { PATH: process.env['PATH'] ?? '', HOME: folder },
      directory: folder,
    })
    t.equal(code, 1, stderr)
    t.match(stdout, right)
    t.match(stdout, /exited\(0\): it exited with 4\s+command: sh -c echo told [^]*stderr: told/)
    t.match(stdout, leavesOne)
    t.match(stdout, tooLong)
    t.match(stdout, counts)
    t.same(
      programs().filter((words) => words === endless.join(' ')),
      [],
    )
  })
}

/** The command lines of this host's processes. */
function programs(): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()] : []
    } catch {
      return [] // it has ended meanwhile
    }
  })
}
