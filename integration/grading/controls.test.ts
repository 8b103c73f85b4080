/** What the submissions try succeeds where nothing keeps them from it, so that what the grader says of them means something. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeScratch } from './scratch.js'

t.setTimeout(120_000)
// From build-test/integration/grading; what is no program of ours is not copied there.
const scratch = makeScratch(join(import.meta.dirname, '../../../integration/grading'))
t.teardown(() => scratch.remove())

interface Control {
  readonly submission: string
  readonly tries: string
  /** A shell script; `submission` is started by it. */
  readonly script: string
  readonly prints: RegExp
  /** The script's exit status, 0 by default. */
  readonly exit?: number
}

const python = (submission: string): string => `python3 "$0/submissions/${submission}"`
const wrote = ['/planted.py', '/../answer.txt', ' /usr/planted', ' /planted', ' /etc/planted', ' /var/tmp/planted']
/** Kibibytes of address space, more than the grader grants. */
const space = 600_000
const peak = `import resource, subprocess, sys
subprocess.run(["python3", sys.argv[1]], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)`

const controls: readonly Control[] = [
  {
    submission: 'writes_outside.py',
    tries: 'to write beside itself, over the answer, and in the directories of the system',
    script: python('writes_outside.py'),
    prints: new RegExp(`^${wrote.map((place) => `wrote.*${place}\n`).join('')}$`),
  },
  {
    submission: 'kills_its_parent.py',
    tries: 'to kill whoever started it',
    // Its last kill may reach the outer shell as well, before that has seen the end of the inner one: 128 + SIGKILL both.
    script: `sh -c '${python('kills_its_parent.py')}; echo survived' "$0"; exit $?`,
    prints: /^(?![^]*survived)/,
    exit: 137,
  },
  {
    submission: 'fills_the_disk.py',
    tries: 'to write more than 16 MiB',
    script: `${python('fills_the_disk.py')} 2>/dev/null; ls /tmp | wc -l`,
    prints: /^3\d\n$/,
  },
  {
    submission: 'big_file.py',
    tries: 'to make a file of more than 16 MiB',
    script: `${python('big_file.py')} 2>/dev/null; stat -c %s /tmp/big`,
    prints: /^3\d{7}\n$/,
  },
  {
    submission: 'endless_output.py',
    tries: 'to write more than 256 KiB to its standard output',
    script: `${python('endless_output.py')} 2>/dev/null | head -c 1000000 | wc -c`,
    prints: /^1000000\n$/,
  },
  {
    submission: 'memory_hog.py',
    tries: 'to hold more than 256 MiB',
    script: `ulimit -v ${space}; python3 -c '${peak}' "$0/submissions/memory_hog.py"`,
    prints: /^[3-5]\d{5}\n$/,
  },
  {
    submission: 'fork_bomb.py',
    tries: 'to have more than 8 processes, and would not end',
    script: `prlimit --nproc=64 ${python('fork_bomb.py')} & until set -- /proc/[0-9]* && [ $# -gt 32 ]; do :; done; echo more`,
    prints: /^more\n$/,
  },
  {
    submission: 'spins.py',
    tries: 'to use more than 3 seconds of the processor',
    script: `ulimit -t 4; ${python('spins.py')}; kill -l $?`,
    prints: /^(XCPU|KILL)\n$/,
  },
  {
    submission: 'sleeps.py',
    tries: 'to go on for more than 6 seconds',
    script: `timeout 7 ${python('sleeps.py')}; echo $?`,
    prints: /^124\n$/,
  },
]

for (const { submission, tries, script, prints, exit = 0 } of controls) {
  t.test(`${submission} tries ${tries}`, async (t) => {
    t.match(await scratch.run(script), { code: exit, stdout: prints })
  })
}

t.test('and it has been done in the scratch place', async (t) => {
  for (const place of ['usr/planted', 'planted', 'etc/planted', 'var/tmp/planted', 'srv/grading/answer.txt']) {
    t.ok(existsSync(join(scratch.root, place)), place)
    t.notOk(existsSync(join('/', place)), `and not in /${place}`)
  }
})
