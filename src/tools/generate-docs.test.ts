import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { commands, optionsOf } from '../cli/command-line.js'
import { commandTexts, helpText, optionTexts } from '../cli/help-text.js'
import { packageRoot } from '../core/package-root.js'
import { policyKeys } from '../policy/json-schema.js'
import { generatePolicyReference } from './generate-docs.js'
import { generateManPage } from './generate-man.js'
import { keyNotes } from './policy-notes.js'

const page = join(packageRoot(), 'docs/sandbox-exec.1')

t.test('docs/ holds what the generators write', (t) => {
  t.equal(readFileSync(join(packageRoot(), 'docs/policy-reference.md'), 'utf8'), generatePolicyReference())
  t.equal(readFileSync(page, 'utf8'), generateManPage())
  t.end()
})

t.test('every key of a policy has a note, and no note is about another', (t) => {
  t.strictSame(Object.keys(keyNotes).toSorted(), policyKeys().toSorted())
  t.end()
})

t.test('the reference names for each key what carries it', (t) => {
  const sections = generatePolicyReference().split(/^### /m).slice(1)
  t.equal(sections.length, policyKeys().length)
  for (const section of sections) t.match(section, /^- Carried by: \S/m, section.slice(0, section.indexOf('\n')))
  t.match(generatePolicyReference(), /^\| TCP ports \| ABI 4 \| the network namespace/m)
  t.match(generatePolicyReference(), /^\| moves between directories \| ABI 2 \| refused/m)
  t.match(generatePolicyReference(), /^\| UDP \| ABI 10 \| seccomp \| no endpoint; TCP endpoints; `listen` \|$/m)
  t.match(
    generatePolicyReference(),
    /^\| UDP \| ABI 10 \| the network namespace: .* \| a UDP endpoint; an IPv6 literal/m,
  )
  t.end()
})

t.test('the reference gives type, values and default for each key of what is in a list', (t) => {
  const reference = generatePolicyReference()
  t.match(reference, /^- `protocol`: `tcp` or `udp`; by default `tcp`\. /m)
  t.match(reference, /^- `port`: whole number from 1 to 65535; required\. /m)
  const lines = reference.match(/^- `.*$/gm) ?? []
  t.ok(lines.length > 10)
  for (const line of lines) t.match(line, /^- `[a-z]+`: .+; (?:required|optional|by default `[a-z]+`)\. \S.*\.$/)
  t.end()
})

t.test('man(1) has no warning about the page', (t) => {
  const { status, stdout, stderr } = spawnSync('man', ['--warnings', '-l', page], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], MANWIDTH: '80', LC_ALL: 'C.UTF-8' },
  })
  if (status === null) return t.end()
  t.equal(stderr, '')
  for (const section of ['NAME', 'POLICY', 'EXIT STATUS', 'FILES', 'EXAMPLES', 'SECURITY', 'SEE ALSO']) {
    t.match(stdout, new RegExp(`^${section}$`, 'm'))
  }
  return t.end()
})

t.test('--help fits a terminal and names every command, option and exit status', (t) => {
  for (const topic of [null, ...commands]) {
    for (const line of helpText(topic).split('\n')) t.ok(line.length <= 80, line)
  }
  for (const command of commands) {
    t.match(helpText(null), commandTexts[command].summary.split(' ').slice(0, 3).join(' '), command)
    for (const option of optionsOf[command]) t.match(helpText(command), optionTexts[option].flags)
  }
  for (const status of ['125', '126', '127', '128+N'])
    t.match(helpText(null), new RegExp(`^  ${status.replace('+', '.')} `, 'm'))
  t.end()
})

t.test('help and version are for standard output, and no failure', (t) => {
  for (const words of [['--help'], ['help', 'explain'], ['explain', '--help']]) {
    const { status, stdout, stderr } = command(words)
    t.strictSame([status, stderr], [0, ''])
    t.equal(stdout, helpText(words.length === 1 ? null : 'explain'))
  }
  t.match(command(['--version']), { status: 0, stderr: '', stdout: /^sandbox-exec \d+\.\d+\.\d+\n$/ })
  t.match(command(['help', 'exec']), { status: 125, stdout: '', stderr: /help is one of run/ }, 'control')
  t.end()
})

function command(words: readonly string[]) {
  const main = join(import.meta.dirname, '../cli/main.cjs')
  return spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', timeout: 60_000 })
}

t.test('docs/report.md has each word that a connection can end with, and no other', (t) => {
  const read = (path: string) => readFileSync(join(packageRoot(), path), 'utf8')
  const [, body = ''] =
    /const char\* word_of\(End end\) \{([^]*?)\n\}/.exec(read('native/launcher/report_network.cc')) ?? []
  const words = [...body.matchAll(/case End::(\w+):\s+return "([a-z-]+)";/g)].map(([, , word]) => word)
  const [, list = ''] = /enum class End : std::uint8_t \{([^]*?)\};/.exec(read('native/relay/ledger.h')) ?? []
  t.equal(words.length, [...list.matchAll(/^ {2}\w+/gm)].length, 'each End has a word')
  const [, table = ''] = /^## How a connection ends$([^]*?)^Before any connection/m.exec(read('docs/report.md')) ?? []
  t.strictSame(
    [...table.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, word]) => word),
    words,
  )
  t.end()
})

t.test('docs/report.md names each member that a Report can have', (t) => {
  const read = (path: string) => readFileSync(join(packageRoot(), path), 'utf8')
  const launcher = ['report.cc', 'report_network.cc'].map((file) => read(join('native/launcher', file))).join('')
  const head = /export interface ReportHead \{([^]*?)\n\}/.exec(read('src/layers/report/report.ts'))?.[1] ?? ''
  const words = [...launcher.matchAll(/\\"(\w+)\\":/g), ...head.matchAll(/^ +readonly (\w+):/gm)].map(
    ([, word]) => word,
  )
  t.ok(words.length > 30)
  const named = new Set(read('docs/report.md').match(/\w+/g))
  t.strictSame(
    words.filter((word) => word === undefined || !named.has(word)),
    [],
  )
  t.end()
})
