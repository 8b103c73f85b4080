/** What the library says where it refuses: which value of an object is wrong, and what would mend it. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { PolicyError, Sandbox, type PolicyObject } from '../src/index.js'

const base: PolicyObject = {
  version: 1,
  name: 'errors',
  filesystem: { read: ['/usr'] },
  syscalls: { promises: ['stdio', 'rpath', 'exec'] },
}
const isRoot = process.getuid?.() === 0

t.test('a problem of an object has its key for its place', async (t) => {
  const network = {
    egress: [
      { host: 'example.com', port: 0 },
      { host: 'no host', port: 443 },
    ],
  }
  const error: unknown = await Sandbox.open({ ...base, network }).catch((reason: unknown) => reason)
  if (!(error instanceof PolicyError)) throw new Error('it was opened')
  t.match(error.message, /^policy\.network\.egress\[0\]\.port: .*\npolicy\.network\.egress\[1\]\.host: /)
  t.match(error.problems, [
    { file: 'policy', key: 'network.egress[0].port', line: 0, column: 0, frame: '' },
    { file: 'policy', key: 'network.egress[1].host' },
  ])
  await using sandbox = await Sandbox.open({ ...base, process: { directory: '/srv' } })
  await t.rejects(sandbox.run(['true']), { message: /^policy\.process\.directory: \/srv is in no grant/ })
  await t.rejects(sandbox.run(['true'], { directory: '/etc/passwd' }), { message: /^options\.process\.directory: / })
})

t.test('a project that only its owner may search: root is told, and told what to do', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'palisade-errors-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  const project = join(folder, 'project')
  mkdirSync(join(project, 'source'), { recursive: true })
  writeFileSync(join(project, 'source/program'), '#!/bin/sh\necho ran\n', { mode: 0o755 })
  const uses: readonly (readonly [PolicyObject, program: string])[] = [
    [{ ...base, filesystem: { read: ['/usr', project], exec: ['/usr/bin'] } }, 'source/program'],
    [{ ...base, filesystem: { read: ['/usr', folder], exec: ['/usr/bin'] } }, 'source/program'],
    [
      { ...base, filesystem: { read: ['/usr', folder, join(project, 'source')], exec: ['/usr/bin'] } },
      'source/program',
    ],
  ]
  for (const [policy, program] of uses) {
    await using sandbox = await Sandbox.open(policy)
    const run = () => sandbox.run([join(project, program)])
    chmodSync(project, 0o755)
    t.match(await run(), { exit: 0, stdout: 'ran\n' }, 'control')
    chmodSync(project, 0o700)
    // Whoever else is the caller is the program's user too.
    if (!isRoot) t.match(await run(), { exit: 0, stdout: 'ran\n' })
    else
      await t.rejects(run(), {
        name: 'PolicyError',
        message:
          /: .*\/project may not be searched by uid 65534, .*mode 0700.*\n {2}fix: let it in \(chmod o\+x .*\/project\)$/,
      })
    chmodSync(project, 0o701)
    t.match(await run(), { exit: 0, stdout: 'ran\n' }, 'what the fix says is enough')
  }
})

t.test('cgroup: what is none is refused, where a limit needs one', async (t) => {
  const open = (options: object) => Sandbox.open(base, options).then((one) => one.close())
  await t.rejects(open({ cgroup: 'own' }), { code: 'ERR_SANDBOX_USAGE', message: /^cgroup: expected an absolute path/ })
  await t.rejects(open({ cgroup: 5 }), { code: 'ERR_SANDBOX_USAGE', message: /^cgroup: expected the path/ })
  await using sandbox = await Sandbox.open(base, { cgroup: '/tmp' })
  await using pool = await Sandbox.pool(base, { size: 1, cgroup: '/tmp', limits: { pids: 9 } })
  for (const [key, value] of Object.entries({ memory: '64M', pids: 9, cpus: 1 })) {
    const message = new RegExp(`^options\\.limits\\.${key}: needs a cgroup of version 2, and /tmp is none\n {2}fix: `)
    await t.rejects(sandbox.run(['true'], { limits: { [key]: value } }), { code: 'ERR_SANDBOX_POLICY', message })
  }
  await t.rejects(pool.run(['true']), { message: /^options\.limits\.pids: needs a cgroup of version 2/ })
  const { exit, layers } = await sandbox.run(['true'], { limits: { processes: 500, 'address-space': '1G' } })
  t.equal(exit, 0, 'control: other limits need none')
  const told = layers.find(({ layer }) => layer === 'resources')
  t.equal(told?.text, 'enforced by setrlimit(2) (files, address-space, processes)')
})
