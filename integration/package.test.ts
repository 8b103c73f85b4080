/** The tarball that npm publishes, installed outside the repository. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
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
    ['package/build/Release/palisade-launcher'],
    'only what npm links before it is built',
  )
  t.same(
    files.filter((file) => file.endsWith('.cache')),
    [],
    'what V8 made of the command is made where it runs',
  )
  for (const file of ['dist/cli/main.cjs', 'CMakeLists.txt', 'README.md', 'policies/single-https.yaml']) {
    t.ok(files.includes(`package/${file}`), file)
  }
})

t.test('what npm links before anything is built says what is missing', async (t) => {
  const pack = [process.execPath, join(installed, 'dist/tools/pack-command.js')]
  const command = [join(installed, 'build/Release/palisade-launcher'), 'doctor']
  await must([...pack, 'before'])
  t.match(await run(command, { env }), {
    code: 125,
    stderr: /needs the native addon at .*\n {2}fix: run `npm run build/,
  })
  await must([...pack, 'after'])
  t.equal((await readFile(join(installed, 'build/Release/palisade-launcher'))).readUInt8(0), 0x7f, 'as it was')
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
  const tools = `${join(checkout, 'node_modules/.bin')}:${searchPath}`
  await must(['npm', 'run', 'install'], { directory: installed, env: { ...env, PATH: tools }, timeoutMs: 280_000 })
  const policy = join(home, 'policy.yaml')
  await writeFile(policy, 'version: 1\nname: packed\nfilesystem: { read: [/usr] }\nsyscalls: { promises: [stdio] }\n')
  const bin: unknown = Reflect.get(JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')), 'bin')
  t.same(bin, { 'sandbox-exec': 'build/Release/palisade-launcher' })
  const command = [join(installed, 'build/Release/palisade-launcher'), '--policy', policy, '--']
  t.match(await run([...command, 'echo', 'hello'], { env }), { code: 0, stdout: 'hello\n', stderr: '' })
  const parts = await readdir(join(installed, 'dist/cli/parts'))
  t.equal(parts.filter((file) => file.endsWith('.cache')).length, 1)
})

t.test(
  'a program that writes the project in which it is installed cannot plant what the next run would load',
  async (t) => {
    const owner = process.getuid?.() === 0 ? '65534:65534' : `${process.getuid?.()}:${process.getgid?.()}`
    await must(['chown', '-hR', owner, home])
    const policy = join(home, 'project.yaml')
    const grants = `filesystem: { read: [/usr], exec: [/usr], write: [${home}] }`
    const promises = 'syscalls: { promises: [stdio, rpath, wpath, cpath, fattr, proc, exec] }'
    await writeFile(policy, `version: 1\nname: project\n${grants}\n${promises}\n`)
    await mkdir(join(home, 'node_modules/.bin'))
    const bin = join(home, 'node_modules/.bin/sandbox-exec')
    await symlink('../palisade/build/Release/palisade-launcher', bin)
    for (const act of [
      `mkdir ${installed}/node_modules`,
      `mkdir ${home}/node_modules/@pinojs/node_modules`,
      `echo >${home}/node_modules/yaml.js`,
      `rm ${home}/node_modules/yaml`,
      `ln -sf /tmp/other ${bin}`,
      `mv ${home}/node_modules ${home}/elsewhere`,
      `echo >>${policy}`,
    ]) {
      const outcome = await run([bin, '--policy', policy, '--', 'sh', '-c', act], { env })
      t.match(outcome, { code: /^[12]$/, stderr: /Read-only file system|busy|Permission denied/ }, act)
    }
    const act = ['sh', '-c', `echo >${home}/free`]
    t.match(await run([bin, '--policy', policy, '--', ...act], { env }), { code: 0 }, 'control')
    const link = join(home, 'start')
    await symlink(bin, link)
    t.match(await run([link, '--policy', policy, '--', ...act], { env }), {
      code: 125,
      stderr: /the symlink .*start in .* leads to the policy, the Report or Palisade/,
    })
  },
)
