/** The example grader: every verdict is right, again and again, many at once, as root and as a user; nothing is touched. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { run } from '../world/process.js'
import type { Verdict } from './grade.js'

t.setTimeout(600_000)

const rightVerdicts: Readonly<Record<string, Verdict>> = {
  'right.py': 'accepted',
  'wrong.py': 'wrong answer',
  'crashes.py': 'runtime error',
  'fork_bomb.py': 'time limit',
  'memory_hog.py': 'runtime error',
  'endless_output.py': 'output limit',
  'reads_the_answer.py': 'runtime error',
  'phones_home.py': 'runtime error',
  'writes_outside.py': 'wrong answer',
  'kills_its_parent.py': 'wrong answer',
  'fills_the_disk.py': 'runtime error',
  'sleeps.py': 'time limit',
  'big_file.py': 'runtime error',
  'spins.py': 'time limit',
}

// From build-test/integration/grading; what is no program of ours is not copied there.
const source = join(import.meta.dirname, '../../../integration/grading/submissions')
const folder = mkdtempSync(join(tmpdir(), 'palisade-grading-'))
t.teardown(() => rmSync(folder, { recursive: true }))
cpSync(source, join(folder, 'submissions'), { recursive: true })
writeFileSync(join(folder, 'input.txt'), '1\n2\n3\n4\n5\n')
writeFileSync(join(folder, 'answer.txt'), '15\n')
const home = createServer((socket) => socket.on('error', () => undefined).end('.'))
let calls = 0
home.on('connection', () => (calls += 1))
await new Promise<void>((resolve) => home.listen(0, '127.0.0.1', resolve))
t.teardown(() => home.close())
const port = portOf(home.address())
const phones = join(folder, 'submissions/phones_home.py')
writeFileSync(phones, readFileSync(phones, 'utf8').replace('PORT', String(port)))
execFileSync('chmod', ['-R', 'a+rX', folder])
chmodSync(folder, 0o755)

t.test('control: without a sandbox what they try succeeds', async (t) => {
  const env = { PATH: process.env['PATH'] ?? '' }
  const python = async (name: string): Promise<string> =>
    (await run(['python3', join(folder, 'submissions', name)], { stdin: '1\n2\n3\n4\n5\n', env })).stdout
  t.equal(await python('right.py'), '15\n')
  t.equal(await python('reads_the_answer.py'), '15\n')
  t.equal(await python('phones_home.py'), '15\n')
  t.equal(calls, 1)
})

const users: readonly (readonly string[])[] =
  process.getuid?.() === 0 ? [[], ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']] : [[]]

for (const user of users) {
  const rounds = user.length === 0 && users.length > 1 ? 2 : 20
  t.test(`${rounds} rounds with 8 at once: ${user[1] ?? 'as the caller'}`, async (t) => {
    calls = 0
    const before = filesOf(folder)
    const grader = join(import.meta.dirname, 'grade.js')
    const words = [process.execPath, grader, folder, String(rounds), '8']
    const { code, stdout, stderr } = await run([...user, ...words], {
      env: { PATH: process.env['PATH'] ?? '' },
      timeoutMs: 400_000,
    })
    t.same([code, stderr], [0, ''])
    const graded = stdout
      .trimEnd()
      .split('\n')
      .map((line) => lineForm.parse(JSON.parse(line)))
    t.same(graded.map(({ name }) => name).toSorted(), Object.keys(rightVerdicts).toSorted())
    for (const { name, verdicts } of graded) {
      t.same(verdicts, Array(rounds).fill(rightVerdicts[name]), name)
    }
    t.equal(calls, 0, 'nobody phoned home')
    t.same(filesOf(folder), before, 'the folder is as it was')
    t.same(planted.filter(existsSync), [], 'and so are the directories of the system')
  })
}

/** Where writes_outside.py writes (controls.test.ts). */
const planted = ['/usr/planted', '/planted', '/etc/planted', '/var/tmp/planted']

const lineForm = z.object({ name: z.string(), verdicts: z.array(z.string()) })

function filesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${name} ${readFileSync(join(parentPath, name), 'utf8')}`)
    .toSorted()
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
