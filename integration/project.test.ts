import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { must, searchPath } from './world/process.js'

const top = join(import.meta.dirname, '../..')
const tracked = (await must(['git', 'ls-files'], { directory: top, env: { PATH: searchPath, HOME: '/nonexistent' } }))
  .trim()
  .split('\n')

t.test('the top level holds only what the architecture names', async (t) => {
  const allowed =
    /^(package(-lock)?\.json|native|src|policies|integration|vm-tests|README\.md|docs|LICENSE|CMakeLists\.txt|tsconfig.*\.json|\..+)$/
  const entries = [...new Set(tracked.map((path) => path.split('/')[0] ?? ''))]
  t.same(
    entries.filter((entry) => !allowed.test(entry)),
    [],
  )
  t.ok(entries.length > 5, 'control: git lists the checkout')
})

t.test('package-lock.json names no registry', async (t) => {
  const locks = tracked.filter((path) => path.endsWith('package-lock.json'))
  t.equal(locks.length, 2)
  for (const path of locks) {
    const lock = readFileSync(join(top, path), 'utf8')
    t.notMatch(lock, /"resolved"/, path)
    t.match(lock, /"integrity"/, path)
  }
})

t.test('configuring the native build downloads nothing', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'palisade-home-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  // Without npm_config_nodedir and with an empty HOME, as on a user's machine: only Node-API headers from npm are left.
  const command = ['npx', '--no', 'cmake-js', 'configure', '--out', join(home, 'out')]
  await must(command, { directory: top, env: { PATH: searchPath, HOME: home }, timeoutMs: 120_000 })
  t.ok(existsSync(join(home, 'out/CMakeCache.txt')), 'control: it was configured')
  t.notOk(existsSync(join(home, '.cmake-js')))
})

t.test('no source names a machine of its authors', async (t) => {
  const text = tracked.filter((path) => !path.startsWith('package-lock') && !path.endsWith('project.test.ts'))
  const guilty = text.filter((path) => /\/work\/|\/root\/project/.test(readFileSync(join(top, path), 'utf8')))
  t.same(guilty, [])
})
