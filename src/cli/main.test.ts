import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

const directory = mkdtempSync(join(tmpdir(), 'palisade-cli-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const policy = join(directory, 'p.yaml')
const start = 'version: 1\nname: p\n'
writeFileSync(policy, `${start}process: { environment: { pass: [WORD] } }\n`)
const here = join(directory, 'here.yaml')
writeFileSync(here, `${start}process: { directory: "\${CWD}" }\n`)
const long = join(directory, 'long.yaml')
writeFileSync(long, `${start}${'"x\\e[31m": 1\n'.repeat(2)}`)

/** Runs a line of sh(1), in which `$X` is the command: a shell writes bytes that Node cannot. */
function sh(line: string, env: Readonly<Record<string, string>> = {}) {
  const script = `X="$NODE $MAIN"; cd ${directory}; ${line}`
  const main = join(import.meta.dirname, 'main.cjs')
  const variables = { PATH: '/usr/bin:/bin', NODE: process.execPath, MAIN: main, ...env }
  const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  // env -i, because the test runner adds NODE_OPTIONS to whatever is spawned.
  const clean = ['-i', ...words, '/bin/sh', '-c', script]
  const { status, stdout, stderr } = spawnSync('/usr/bin/env', clean, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

t.test('a policy that cannot be read is told with its errno', (t) => {
  t.match(sh(`$X -p /nope -- true`), { status: 125, stderr: /\/nope:1:1: the policy cannot be read: ENOENT\n/ })
  t.match(sh(`$X -p ${directory} -- true`), { status: 125, stderr: /the policy cannot be read: EISDIR\n/ })
  t.end()
})

t.test('ordinary failures of the host are no bugs of ours, and have status 125', (t) => {
  const cases: readonly (readonly [claim: string, line: string, says: RegExp])[] = [
    ['a full disk', '$X --help >/dev/full', /standard output.* found ENOSPC/],
    ['a reader that has gone', '{ $X --help; echo $? >&2; } | :', /standard output.* found EPIPE\n.*\n125\n/],
    ['a removed directory', 'mkdir g; cd g; rmdir ../g; $X -p p.yaml -- /bin/true', /working directory.* removed/],
    ['the same as ${CWD}', `mkdir g; cd g; rmdir ../g; $X -p ${here} -- /bin/true`, /\$\{CWD\}, which has no value/],
    ['too few descriptors', 'ulimit -n 20; $X --version', /EMFILE/],
  ]
  for (const [claim, line, says] of cases) {
    const { status, stderr } = sh(line)
    t.match(stderr, says, claim)
    t.notMatch(stderr, /bug|\n\s+at /, claim)
    if (!line.endsWith('| :')) t.equal(status, 125, claim)
  }
  t.match(sh('mkdir g; cd g; rmdir ../g; $X --version').status, 0, 'control: nothing asks for the directory')
  t.end()
})

t.test('where nobody hears the message, the status stays', (t) => {
  for (const sink of ['/dev/full', '&-']) t.equal(sh(`$X -p /nope -- true 2>${sink}`).status, 125, sink)
  t.equal(sh(`$X -p ${policy} -- /nope/x 2>/dev/full`).status, 127)
  t.end()
})

t.test('escape sequences of others do not reach the terminal', (t) => {
  const escape = `"$(printf '/no\\n\\033[31mred')"`
  for (const line of [
    `$X -p ${policy} -- ${escape}`,
    `$X ${escape}`,
    `$X -p ${escape} -- true`,
    `$X -p ${long} -- x`,
  ]) {
    const { stderr } = sh(line)
    t.match(stderr, /31m/, line)
    t.notMatch(stderr, '\u001b', line)
  }
  t.match(sh('$X wrong').stderr, /--\)\nTry: sandbox-exec --help\n$/, 'line breaks of ours stay')
  t.end()
})

t.test('bytes that are no UTF-8 are refused, never replaced', (t) => {
  const bytes = `"$(printf 'a\\377')"`
  t.match(sh(`$X -p ${policy} -- /nope/x ${bytes}`), { status: 125, stderr: /argument a\ufffd is not valid UTF-8/ })
  t.match(sh(`$X -p ${policy} -- /nope/x a\ufffd`), { status: 127 }, 'control: U+FFFD as the caller wrote it')
  const passed = { status: 125, stderr: /process\.environment\.pass\[0\]: needs a value of WORD in UTF-8/ }
  t.match(sh(`WORD=${bytes} $X -p ${policy} -- /nope/x`), passed)
  t.match(sh(`$X -p ${policy} -- /nope/x`, { WORD: 'a\ufffd' }), { status: 127 }, 'control: the same in UTF-8')
  t.match(sh(`OTHER=${bytes} $X -p ${policy} -- /nope/x`), { status: 127 }, 'control: not passed on')
  const cd = `mkdir -p ${bytes}; cd ${bytes};`
  t.match(sh(`${cd} $X -p p.yaml -- /nope/x`), { status: 125, stderr: /working directory.* not valid UTF-8/ })
  t.match(sh(`${cd} $X -p ${policy} -- ./x`), { status: 125, stderr: /find the command.* not valid UTF-8/ })
  t.match(sh(`${cd} $X -p ${here} -- /nope/x`), { status: 125, stderr: /\$\{CWD\}, which has no value/ })
  t.match(sh(`${cd} $X -p ${policy} -- /nope/x`), { status: 127 }, 'control: nothing asks for the directory')
  t.end()
})
