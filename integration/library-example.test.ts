/** The library as a user has it: the README's example as it stands, in a package that installs ours. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import t from 'tap'

// From build-test/integration.
const checkout = join(import.meta.dirname, '../..')
const root = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 'palisade-example-'))
t.teardown(() => rmSync(folder, { recursive: true }))
chmodSync(folder, 0o755)
mkdirSync(join(folder, 'node_modules'))
symlinkSync(checkout, join(folder, 'node_modules/palisade'))
cpSync(join(checkout, 'policies'), join(folder, 'policies'), { recursive: true })
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
writeFileSync(join(folder, 'case.js'), "process.stdin.on('data', (data) => process.stdout.write(`got ${data}`))\n")
writeFileSync(
  join(folder, 'example.js'),
  transformSync(exampleOf('README.md'), { loader: 'ts', target: 'node20' }).code,
)

function exampleOf(page: string): string {
  const [, code] = /```ts\n(import [^]*?)```/.exec(readFileSync(join(checkout, page), 'utf8')) ?? []
  if (code === undefined) throw new Error(`${page} has no example`)
  return code
}

const users: readonly (readonly string[])[] = root
  ? [[], ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']]
  : [[]]

for (const user of users) {
  t.test(`the README's example: ${user[1] ?? 'as the caller'}`, async (t) => {
    t.equal(run([...user, process.execPath, 'example.js']), 'got input\n\n')
  })
}

// tap puts NODE_OPTIONS, by which it loads its own modules, into every child's environment.
function run(command: readonly string[]): string {
  const words = ['-i', `PATH=${process.env['PATH'] ?? ''}`, ...command]
  return execFileSync('env', words, { cwd: folder, encoding: 'utf8' })
}

t.test("the page's example is the same", async (t) => {
  t.equal(exampleOf('docs/library.md'), exampleOf('README.md'))
})

t.test('its types are those of the package', async (t) => {
  const check = join(folder, 'check.ts')
  writeFileSync(
    check,
    `${exampleOf('README.md')}
const policy: import('palisade').PolicyObject = { version: 1, name: 'typed', limits: { files: 64 } }
export const opened: Promise<Sandbox> = Sandbox.open(policy)
// @ts-expect-error: a key that no policy has
Sandbox.open({ version: 1, name: 'typed', limit: {} })
// @ts-expect-error: a command is a list of words
await sandbox.run('node case.js')
`,
  )
  const options = ['--strict', '--noEmit', '--skipLibCheck', '--target', 'es2023', '--lib', 'es2023,esnext.disposable']
  const places = ['--module', 'nodenext', '--types', 'node', '--typeRoots', join(checkout, 'node_modules/@types')]
  t.doesNotThrow(() => run([join(checkout, 'node_modules/.bin/tsc'), ...options, ...places, check]))
})
