/** The tarball that npm publishes, installed outside the repository. */
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { must, run, searchPath } from './world/process.js'

const checkout = join(import.meta.dirname, '../..')
const home = await mkdtemp(join(tmpdir(), 'palisade-package-'))
await chmod(home, 0o755)
t.teardown(() => rm(home, { recursive: true, force: true }))
const env = { PATH: searchPath, HOME: home }
const installed = join(home, 'node_modules/palisade')

// --ignore-scripts: the checkout's build is current already, and its output is not part of the list.
const packed = await must(['npm', 'pack', '--ignore-scripts', '--pack-destination', home], { directory: checkout, env })
const tarball = packed.trim().split('\n').at(-1) ?? ''
await mkdir(installed, { recursive: true })
await must(['tar', '-xf', join(home, tarball), '-C', installed, '--strip-components=1'])

t.test('it holds no test, no source of one and nothing of the workshop', async (t) => {
  const files = (await must(['tar', '-tf', join(home, tarball)])).trim().split('\n')
  t.same(
    files.filter((file) => /\.test\.|^package\/(integration|vm-tests|build|src|\.)/.test(file)),
    [],
  )
  for (const file of ['dist/cli/main.js', 'CMakeLists.txt', 'README.md', 'policies/single-https.yaml']) {
    t.ok(files.includes(`package/${file}`), file)
  }
})

t.test('it builds, runs a program and protects itself', async (t) => {
  // What `npm install` would do: put the dependencies beside it, then run its install script.
  const list = ['npm', 'ls', '--omit=dev', '--all', '--parseable']
  const { stdout } = await run(list, { directory: checkout, env })
  for (const path of stdout.split('\n').filter((line) => line.includes('/node_modules/'))) {
    const target = join(home, path.slice(path.indexOf('/node_modules/')))
    await mkdir(dirname(target), { recursive: true })
    if (!target.slice(home.length).includes('/node_modules/', 1)) await symlink(path, target)
  }
  await must(['npm', 'run', 'install'], { directory: installed, env, timeoutMs: 280_000 })
  const policy = join(home, 'policy.yaml')
  await writeFile(policy, 'version: 1\nname: packed\nfilesystem: { read: [/usr] }\nsyscalls: { promises: [stdio] }\n')
  const bin: unknown = Reflect.get(JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')), 'bin')
  t.same(bin, { 'sandbox-exec': 'dist/cli/main.js' })
  const command = [process.execPath, join(installed, 'dist/cli/main.js'), '--policy', policy, '--']
  t.match(await run([...command, 'echo', 'hello'], { env }), { code: 0, stdout: 'hello\n', stderr: '' })
})
