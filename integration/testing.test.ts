/** What test harnesses use: a sandbox for each test, and matchers whose messages say what happened. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { PolicyObject } from '../src/index.js'
import { allowed, denied, exited, sandboxFor, verify, wrote, wroteNothing } from '../src/testing/index.js'
import { programUid } from './run.js'

const folder = mkdtempSync(join(tmpdir(), 'palisade-testing-'))
t.teardown(() => rmSync(folder, { recursive: true }))
chmodSync(folder, 0o755)
const out = join(folder, 'out')
mkdirSync(join(out, 'deep'), { recursive: true })
writeFileSync(join(out, 'old'), 'old\n', { mode: 0o644 })
const owner = programUid(process.getuid?.() ?? 0)
if (process.getuid?.() === 0)
  for (const path of [out, join(out, 'deep'), join(out, 'old')]) chownSync(path, owner, owner)

const policy: PolicyObject = {
  version: 1,
  name: 'testing',
  filesystem: { read: ['/usr'], write: [out], exec: ['/usr/bin'] },
  network: { egress: [{ host: '203.0.113.10', port: 443 }] },
  syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath', 'proc', 'exec', 'inet_client'] },
}
const shell = (script: string) => ['/bin/sh', '-c', script, out]

t.test('wrote: what was made, changed and removed', async (t) => {
  const sandbox = await sandboxFor(t, policy)
  const first = await sandbox.run(shell('cd "$0"; echo new >new; echo more >>old; echo x >deep/file; ls >/dev/null'))
  t.same(first.wrote, [join(out, 'deep/file'), join(out, 'new'), join(out, 'old')])
  await verify(first, exited(0), wrote(join(out, 'new')), wrote(join(out, 'deep')), wrote(out))
  const removed = await sandbox.run(shell('rm "$0/new"'))
  await verify(removed, wrote(join(out, 'new')))
  const nothing = await sandbox.run(shell('cat "$0/old" >/dev/null'))
  await verify(nothing, exited(0), wroteNothing())
  await t.rejects(verify(nothing, wrote(out)), { message: /^wrote\(.*\/out\): nothing was written\n {2}command: / })
  const other = { message: /^wrote\(.*another\): it was not; what was written: .*deep\/file, .*new, .*old\n/ }
  await t.rejects(verify(first, wrote(join(out, 'another'))), other)
  await t.rejects(verify(first, wrote('/usr/bin')), { name: 'UsageError', message: /filesystem\.write/ })
  await t.rejects(verify(first), { name: 'UsageError', message: /no matcher/ })
  await t.rejects(verify(first, wroteNothing()), {
    message: /^wroteNothing\(\): it wrote .*deep\/file, .*new, .*old\n/,
  })
})

t.test('denied and allowed: what the plan answers here', async (t) => {
  const sandbox = await sandboxFor(t, policy)
  const result = await sandbox.run(shell('exit 3'))
  await verify(
    result,
    exited(3),
    denied({ connect: '192.0.2.7:443' }),
    allowed({ connect: '203.0.113.10:443' }),
    denied({ connect: '203.0.113.10:443/udp' }),
    denied({ read: '/etc/shadow' }),
    allowed({ read: join(out, 'old') }),
    allowed({ write: join(out, 'another') }),
    denied({ write: '/usr/bin/another' }),
    denied({ syscall: 'ptrace' }),
    allowed({ syscall: 'read' }),
  )
  const wrong = verify(result, exited(0), denied({ connect: '203.0.113.10:443' }))
  const message =
    /^exited\(0\): it exited with 3\ndenied\(connect 203\.0\.113\.10:443\): it is allowed: .*\n {2}command: /
  await t.rejects(wrong, { name: 'AssertionError', message })
  await t.rejects(verify(result, denied({ connect: 'nonsense' })), { name: 'UsageError' })
  await t.rejects(verify(result, denied({ syscall: 'raed' })), { name: 'UsageError', message: /did you mean read/ })
})
