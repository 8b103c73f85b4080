import t from 'tap'
import { compileMadeUp } from '../../host/fixtures/compile-made-up.js'
import { mergedUsr, splitUsr } from '../../host/fixtures/made-up-host.js'
import type { Op, Step } from '../../plan/descriptors.js'
import { mergeGrants } from './grants.js'

t.test('split /usr: loaders and shells are found where they are, and no link is made', (t) => {
  const { steps } = compileMadeUp(
    { filesystem: { read: ['/usr'] } },
    { host: splitUsr, command: ['/home/user/task/run.sh'] },
  )
  t.same(
    targets(steps, 'filesystem.bind').filter((path) => !path.startsWith('/dev')),
    ['/bin/sh', '/home/user/task/run.sh', '/lib64/ld-linux-x86-64.so.2', '/usr'],
  )
  t.same(
    targets(steps, 'filesystem.make-symlink').filter((path) => !path.startsWith('/dev')),
    [],
  )
  t.end()
})

t.test('a command behind a chain of symlinks starts at its real path, with the chain in the view', (t) => {
  const { steps } = compileMadeUp({ filesystem: { read: ['/usr'] } }, { command: ['/bin/fetch', '-V'] })
  const [execute] = steps.filter((step) => step.op === 'process.execute')
  t.match(execute, { path: '/usr/bin/curl', arguments: ['/bin/fetch', '-V'] })
  t.ok(targets(steps, 'filesystem.make-symlink').includes('/etc/alternatives/fetch'))
  t.end()
})

t.test('where the host has a symlink in the place of something of ours, ours is there', (t) => {
  const host = {
    ...mergedUsr,
    tree: { ...mergedUsr.tree, '/etc/static/hosts': ['file', '0:0', 0o644], '/var/tmp/x': ['file', '0:0', 0o644] },
    links: { ...mergedUsr.links, '/etc/hosts': 'static/hosts', '/tmp': 'var/tmp' },
  } as const
  const { steps } = compileMadeUp({ filesystem: { read: ['/etc/hosts', '/tmp/x'], tmp: '1M' } }, { host })
  t.same(
    targets(steps, 'filesystem.make-symlink').filter((path) => path === '/etc/hosts' || path === '/tmp'),
    [],
  )
  t.ok(targets(steps, 'filesystem.make-file').includes('/etc/hosts'))
  const without = compileMadeUp({ filesystem: { read: ['/tmp/x'] } }, { host })
  t.ok(targets(without.steps, 'filesystem.make-symlink').includes('/tmp'), 'control')
  t.end()
})

t.test('nothing is made inside a bound grant, and everything mounted has a place made before it', (t) => {
  const policies = [
    { filesystem: { read: ['/usr', '/etc/ssl/certs'], write: ['/home/user/task/out'], tmp: '64M' } },
    { filesystem: { read: ['/usr', '/etc'], write: ['/home/user/task'], deny: ['/home/user/task/out/deep/er/key'] } },
    { filesystem: { read: ['/home/user/task'], write: ['/home/user/task/out'], tmp: '1M' } },
  ]
  for (const policy of policies) {
    const bound: string[] = []
    const made = new Set(['/'])
    for (const step of compileMadeUp(policy).steps) {
      if (!('target' in step)) continue
      const { op, target } = step
      const isBrought = bound.some((mount) => target === mount || target.startsWith(`${mount}/`))
      if (op.startsWith('filesystem.make')) {
        t.notOk(isBrought, `${target} is not made in a grant`)
        t.ok(made.has(target.slice(0, Math.max(target.lastIndexOf('/'), 1))), `${target} has its directory`)
        made.add(target)
      } else t.ok(isBrought || made.has(target), `${target} exists before ${op}`)
      if (op === 'filesystem.bind') bound.push(target)
    }
  }
  t.end()
})

t.test('filesystem: what lies between a write grant and a denied or protected path cannot be renamed away', (t) => {
  const { steps } = compileMadeUp(
    { filesystem: { read: ['/usr'], write: ['/home/user/task'], deny: ['/home/user/task/out/deep/er/key'] } },
    { options: { ownPaths: ['/home/user/task/policies/app.yaml', '/opt/palisade'] } },
  )
  const work = steps.flatMap((step) => ('target' in step && step.target.startsWith('/home/user/task') ? [step] : []))
  t.same(
    work.map(({ op, target }) => `${op} ${target}`),
    [
      'filesystem.make-directory /home/user/task',
      'filesystem.bind /home/user/task',
      'filesystem.bind /home/user/task/out',
      'filesystem.bind /home/user/task/out/deep',
      'filesystem.bind /home/user/task/out/deep/er',
      'filesystem.pin-file /home/user/task/out/deep/er/key',
      'filesystem.bind /home/user/task/policies',
      'filesystem.bind /home/user/task/policies/app.yaml',
    ],
  )
  t.same(attributes(steps, '/home/user/task/policies'), 0xen, 'writable')
  t.same(attributes(steps, '/home/user/task/policies/app.yaml'), 0xfn, 'read-only')
  t.notOk(targets(steps, 'filesystem.bind').includes('/opt/palisade'), 'what no grant brings needs no protection')
  t.end()
})

t.test('filesystem: a denial inside of what is read-only, or a second own file, opens no writable mount in it', (t) => {
  const { steps } = compileMadeUp(
    { filesystem: { write: ['/home/user/task'], deny: ['/home/user/task/out/deep/er/key'] } },
    { options: { ownPaths: ['/home/user/task/out/deep/er/key', '/home/user/task/out', '/home/user/task/out/.git'] } },
  )
  const inside = targets(steps, 'filesystem.bind').filter((path) => path.startsWith('/home/user/task'))
  t.same(inside, ['/home/user/task', '/home/user/task/out'])
  t.same(attributes(steps, '/home/user/task/out'), 0xfn, 'read-only')
  t.ok(targets(steps, 'filesystem.pin-file').includes('/home/user/task/out/deep/er/key'), 'and denied all the same')
  t.end()
})

t.test('filesystem: a read grant inside of a write grant does not let a denied path be renamed away', (t) => {
  const { steps } = compileMadeUp({
    filesystem: {
      read: ['/home/user/task/out'],
      write: ['/home/user/task'],
      deny: ['/home/user/task/out/deep/er/key'],
    },
  })
  t.ok(targets(steps, 'filesystem.bind').includes('/home/user/task/out/deep/er'))
  t.end()
})

t.test('filesystem: what lies in a grant has the rights of the grant and its own', (t) => {
  const at = (real: string) =>
    ({ real, kind: 'directory', uid: 0, gid: 0, mode: 0o755, links: 1, callerWrites: true }) as const
  const entries = [
    { key: 'filesystem.write[0]', list: 'write', spelled: '/w', facts: at('/w') },
    { key: 'filesystem.exec[0]', list: 'exec', spelled: '/w/bin', facts: at('/w/bin') },
    { key: 'filesystem.read[0]', list: 'read', spelled: '/w/bin/data', facts: at('/w/bin/data') },
  ] as const
  t.match(mergeGrants(entries, [], 'programs'), [
    { path: '/w', write: true, execute: false, map: true },
    { path: '/w/bin', write: true, execute: true, map: true },
    { path: '/w/bin/data', write: true, execute: true, map: true },
  ])
  t.end()
})

t.test('filesystem: merging takes no time that grows with the square of the grants', (t) => {
  const facts = (real: string) =>
    ({ real, kind: 'file', uid: 0, gid: 0, mode: 0o644, links: 1, callerWrites: true }) as const
  const entries = Array.from({ length: 40_000 }, (_, index) => {
    const path = `/usr/share/f${index}`
    return { key: 'filesystem.read', list: 'read', spelled: path, facts: facts(path) } as const
  })
  t.equal(mergeGrants(entries, [], 'programs').length, 40_000)
  t.end()
})

t.test('filesystem: noexec, unless a grant holds a program that may run', (t) => {
  const exec = { syscalls: { promises: ['exec'] } }
  const { steps } = compileMadeUp({
    ...exec,
    filesystem: {
      read: ['/usr', '/etc/ssl/certs'],
      write: ['/home/user/task', '/srv/group'],
      exec: ['/home/user/task/run.sh'],
    },
  })
  t.equal(attributes(steps, '/usr'), 0x7n, 'holds the command')
  t.equal(attributes(steps, '/etc/ssl/certs'), 0xfn, 'holds none')
  t.equal(attributes(steps, '/home/user/task'), 0x6n, 'named by exec')
  t.equal(attributes(steps, '/srv/group'), 0xen, 'named by nothing')
  const promised = compileMadeUp({ filesystem: { read: ['/etc/ssl/certs'] }, syscalls: { promises: ['prot_exec'] } })
  t.equal(attributes(promised.steps, '/etc/ssl/certs'), 0x7n, 'prot_exec loads code from what is read')
  t.end()
})

t.test(
  'merged /usr: a script brings its shell, the loader and the links on the way, single files without /usr',
  (t) => {
    const { steps } = compileMadeUp({}, { command: ['/home/user/task/run.sh'] })
    t.same(
      targets(steps, 'filesystem.bind').filter((path) => !path.startsWith('/dev')),
      ['/home/user/task/run.sh', '/usr/bin/dash', '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'],
    )
    t.same(
      targets(steps, 'filesystem.make-symlink').filter((path) => !path.startsWith('/dev')),
      ['/bin', '/lib', '/lib64', '/usr/bin/sh', '/usr/lib64/ld-linux-x86-64.so.2'],
    )
    t.end()
  },
)

t.test(
  'filesystem: grants add up, so a write grant inside a read grant is a mount of its own, and not the reverse',
  (t) => {
    const inner = compileMadeUp({ filesystem: { read: ['/home/user/task'], write: ['/home/user/task/out'] } })
    t.equal(attributes(inner.steps, '/home/user/task'), 0xfn)
    t.equal(attributes(inner.steps, '/home/user/task/out'), 0xen)
    const outer = compileMadeUp({ filesystem: { read: ['/home/user/task/out'], write: ['/home/user/task'] } })
    t.notOk(targets(outer.steps, 'filesystem.bind').includes('/home/user/task/out'))
    t.end()
  },
)

function targets(steps: readonly Step[], op: Op): readonly string[] {
  return steps.flatMap((step) => (step.op === op && 'target' in step ? [step.target] : []))
}

function attributes(steps: readonly Step[], target: string): bigint | undefined {
  return steps.flatMap((step) => (step.op === 'filesystem.bind' && step.target === target ? [step.attributes] : []))[0]
}
