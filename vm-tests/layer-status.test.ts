/** What carries Landlock's protections on each guest, by the compiler: reviewed as specification, like the matrix. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compileMadeUp } from '../src/host/fixtures/compile-made-up.js'
import { guests } from './matrix.js'

// From build-test/vm-tests; texts are not copied there.
const file = join(import.meta.dirname, '../../vm-tests/layer-status.golden')

const policy = {
  filesystem: { read: ['/usr'], write: ['/home/user/task/out'] },
  network: { egress: [{ host: '192.0.2.1', port: 443 }] },
  syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath', 'inet_client', 'unix'] },
}

t.test('what Landlock carries on every guest, and what carries the rest, is as in the golden', (t) => {
  const found = guests.map(({ name, arch, landlock }) => {
    const { status } = compileMadeUp(policy, { facts: { arch, landlock } })
    const lines = status.filter(({ layer }) => layer === 'landlock')
    return `${name}\n${lines.map(({ protection, text }) => `  ${protection}: ${text}\n`).join('')}`
  })
  const text = found.join('\n')
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, text)
  t.equal(text, readFileSync(file, 'utf8'))
  t.end()
})
