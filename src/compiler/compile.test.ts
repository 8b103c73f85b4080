import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../core/package-root.js'
import { compileMadeUp, type Run } from '../host/fixtures/compile-made-up.js'
import { languageKeys, layerClaims } from '../layers/registry.js'
import { allArches } from '../layers/seccomp/arch.js'
import { encodePlan } from '../plan/codec.js'
import type { Op, Step } from '../plan/descriptors.js'
import { printPlan } from '../plan/print.js'
import { writeAddress } from '../policy/ip-address.js'
import { policyKeys } from '../policy/json-schema.js'
import { placeOf } from './arrange.js'

/** The policy of docs and README: one endpoint, its certificates, one output folder. */
const singleHttps = {
  name: 'single-https',
  filesystem: {
    read: ['/usr', '/etc/ssl/certs'],
    exec: ['/usr/bin/curl'],
    write: ['/home/user/task/out'],
    deny: ['/home/user/task/out/.git'],
    tmp: '64M',
  },
  network: { egress: [{ host: 'api.example.com', port: 443 }] },
  syscalls: { promises: ['stdio', 'rpath', 'wpath', 'cpath', 'inet', 'threads', 'exec'] },
  process: { environment: { pass: ['LANG', 'TERM'], set: { HOME: '/tmp' } }, directory: '/home/user/task/out' },
  limits: { wall: '30s', processes: 32, files: 256 },
}

t.test('single-https: the plan is the reviewed one', (t) => {
  const { steps, status } = compileMadeUp(singleHttps, { command: ['/usr/bin/curl', 'https://api.example.com/'] })
  const lines = status.map(({ layer, protection, status, text }) => `${layer}: ${protection}: ${status}: ${text}\n`)
  const text = `${printPlan({ steps: steps.map(withoutFilter) })}\n${lines.join('')}`
  const file = join(packageRoot(), 'src/compiler/goldens/single-https.plan.txt')
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, text)
  t.equal(text, readFileSync(file, 'utf8'))
  t.end()
})

/** The length of a filter is the seccomp layer's to specify. */
function withoutFilter(step: Step): Step {
  return 'filter' in step ? { ...step, filter: new Uint8Array() } : step
}

t.test('the same policy, facts and command give the same bytes', (t) => {
  t.same(encodePlan(compileMadeUp(singleHttps)), encodePlan(compileMadeUp(singleHttps)))
  t.end()
})

t.test('a policy with an endpoint has a plan on every arch', (t) => {
  for (const arch of allArches) {
    const { steps } = compileMadeUp(singleHttps, { facts: { arch } })
    const relay = steps.find((step) => step.op === 'network.relay')
    t.ok((relay?.filter.length ?? 0) > 0, `${arch}: the relay has a filter`)
  }
  t.end()
})

t.test('every plan keeps the order of the descriptors, whatever is in it', (t) => {
  const filesystems = [
    {},
    singleHttps.filesystem,
    { read: ['/usr'], write: ['/home/user/task'], move: ['/home/user/task'] },
  ]
  const networks = [{}, { loopback: true }, { ...singleHttps.network, loopback: true }]
  const runs: readonly Run[] = [
    { options: { reportDescriptor: 5 } },
    { facts: { landlock: { abi: 2, errata: 0 } } },
    { facts: { caller: { uid: 0, gid: 0, home: '/root', directory: '/' } }, options: { without: ['landlock'] } },
  ]
  for (const [index, filesystem] of filesystems.entries()) {
    for (const network of networks) {
      // The three do not depend on one another: each meets each once is enough.
      const run = runs[(index + networks.indexOf(network)) % runs.length]
      const asRoot = run?.facts?.caller?.uid === 0
      const policy = {
        filesystem: { ...filesystem, exec: [], ...(asRoot ? { write: [], move: [], deny: [] } : {}) },
        network,
        limits: index === 0 ? {} : singleHttps.limits,
      }
      const places = compileMadeUp(policy, run).steps.map(({ op }) => placeOf(op))
      t.same(
        places,
        places.toSorted((left, right) => left - right),
        JSON.stringify(policy),
      )
    }
  }
  t.end()
})

t.test('every key of the schema is claimed by a layer, and no layer claims another', (t) => {
  const claimed = new Set(layerClaims.flatMap(({ claims }) => claims))
  const keys = policyKeys().filter((key) => !languageKeys.some((one) => one === key))
  t.same(
    [...keys, 'unsafe.host-root', 'unsafe.allow-by-default'].toSorted(),
    [...claimed].toSorted(),
    'keys of the schema and claims are the same set',
  )
  t.end()
})

/** A value for each key that differs from `singleHttps`, and what else it takes to be accepted. */
const changes: Readonly<Record<string, { readonly policy: object; readonly run?: Run }>> = {
  name: { policy: { name: 'other' } },
  description: { policy: { description: 'a sentence' } },
  'filesystem.read': { policy: { filesystem: { ...singleHttps.filesystem, read: ['/usr'] } } },
  'filesystem.write': {
    policy: { filesystem: { ...singleHttps.filesystem, write: ['/home/user/task/out', '/srv/group'] } },
  },
  'filesystem.exec': { policy: { filesystem: { ...singleHttps.filesystem, exec: ['/usr/bin/static'] } } },
  'filesystem.deny': { policy: { filesystem: { ...singleHttps.filesystem, deny: [] } } },
  'filesystem.move': { policy: { filesystem: { ...singleHttps.filesystem, move: ['/home/user/task/out'] } } },
  'filesystem.tmp': { policy: { filesystem: { ...singleHttps.filesystem, tmp: '32M' } } },
  'network.egress': { policy: { network: { egress: [{ host: 'api.example.com', port: 8443 }] } } },
  'network.dns': { policy: { network: { ...singleHttps.network, dns: 'stub' } } },
  'network.listen': { policy: { network: { ...singleHttps.network, listen: [{ port: 80, publish: 8080 }] } } },
  'network.connections': { policy: { network: { ...singleHttps.network, connections: 7 } } },
  'network.idle': { policy: { network: { ...singleHttps.network, idle: '7s' } } },
  'network.via': {
    policy: { process: {}, network: { ...singleHttps.network, via: 'route' } },
    run: { facts: { caller: { uid: 0, gid: 0, home: '/root', directory: '/' } } },
  },
  'service.notify': {
    policy: { service: { notify: true }, syscalls: { promises: [...singleHttps.syscalls.promises, 'unix'] } },
  },
  'service.sockets': { policy: { service: { sockets: ['web'] } } },
  'network.loopback': { policy: { network: { ...singleHttps.network, loopback: true } } },
  'syscalls.promises': { policy: { syscalls: { promises: ['stdio', 'rpath', 'exec'] } } },
  'syscalls.denied': { policy: { syscalls: { ...singleHttps.syscalls, denied: 'kill' } } },
  'syscalls.rules': {
    policy: { syscalls: { ...singleHttps.syscalls, rules: [{ syscall: 'uname', action: 'kill_process' }] } },
  },
  'syscalls.otherwise': {
    policy: {
      syscalls: { ...singleHttps.syscalls, otherwise: 'allow' },
      unsafe: { 'allow-by-default': { reason: 'it is unknown what the program calls' } },
    },
  },
  'syscalls.minimumKernel': { policy: { syscalls: { ...singleHttps.syscalls, minimumKernel: '5.10' } } },
  'syscalls.allow': { policy: { syscalls: { ...singleHttps.syscalls, allow: ['syslog'] } } },
  'process.environment.pass': {
    policy: { process: { ...singleHttps.process, environment: { set: { HOME: '/tmp' } } } },
  },
  'process.environment.set': { policy: { process: { ...singleHttps.process, environment: { pass: ['LANG'] } } } },
  'process.directory': { policy: { process: { ...singleHttps.process, directory: '/usr' } } },
  'process.descriptors': { policy: { process: { ...singleHttps.process, descriptors: { log: 7 } } } },
  'process.user': {
    policy: { process: { ...singleHttps.process, user: { uid: 1000, gid: 1000 } } },
    run: { facts: { caller: { uid: 0, gid: 0, home: '/root', directory: '/' } } },
  },
  'limits.wall': { policy: { limits: { ...singleHttps.limits, wall: '31s' } } },
  'limits.cpu': { policy: { limits: { ...singleHttps.limits, cpu: '9s' } } },
  'limits.files': { policy: { limits: { ...singleHttps.limits, files: 255 } } },
  'limits.processes': { policy: { limits: { ...singleHttps.limits, processes: 33 } } },
  'limits.memory': { policy: { limits: { ...singleHttps.limits, memory: '256M' } } },
  'limits.pids': { policy: { limits: { ...singleHttps.limits, pids: 32 } } },
  'limits.cpus': { policy: { limits: { ...singleHttps.limits, cpus: 0.5 } } },
  'limits.file-size': { policy: { limits: { ...singleHttps.limits, 'file-size': '1M' } } },
  'limits.address-space': { policy: { limits: { ...singleHttps.limits, 'address-space': '1G' } } },
  'limits.stack': { policy: { limits: { ...singleHttps.limits, stack: '1M' } } },
  'unsafe.allow-by-default.reason': {
    policy: {
      syscalls: { ...singleHttps.syscalls, otherwise: 'allow' },
      unsafe: { 'allow-by-default': { reason: 'it is unknown what the program calls' } },
    },
  },
  'unsafe.host-root.reason': {
    policy: { filesystem: {}, process: {}, unsafe: { 'host-root': { reason: 'reads what root owns' } } },
    run: { facts: { caller: { uid: 0, gid: 0, home: '/root', directory: '/' } } },
  },
}

t.test('changing any key of a policy changes its plan', (t) => {
  const keys = policyKeys().filter((key) => !languageKeys.some((one) => one === key))
  t.same(Object.keys(changes).toSorted(), [...keys].toSorted(), 'the table knows every key')
  const asUser = printed(singleHttps, {})
  const asRoot = printed(
    { ...singleHttps, filesystem: {}, process: {} },
    { facts: changes['process.user']?.run?.facts ?? {} },
  )
  for (const [key, { policy, run = {} }] of Object.entries(changes)) {
    const changed = { ...singleHttps, ...(run.facts === undefined ? {} : { filesystem: {} }), ...policy }
    const adapted = key === 'process.user' ? { ...changed, process: { user: { uid: 1000, gid: 1000 } } } : changed
    t.not(printed(adapted, run), run.facts === undefined ? asUser : asRoot, key)
  }
  t.end()
})

/** A digest of the whole plan with a Report. */
function printed(policy: object, run: Run): string {
  const bytes = encodePlan(compileMadeUp(policy, { ...run, options: { reportDescriptor: 9 } }))
  return createHash('sha256').update(bytes).digest('hex')
}

t.test('absent means none: an empty policy has no grant, no network and one execve', (t) => {
  const { steps } = compileMadeUp({}, { command: ['/usr/bin/static'] })
  const ops = new Set(steps.map(({ op }) => op))
  t.same(targets(steps, 'filesystem.bind'), [
    '/dev/full',
    '/dev/null',
    '/dev/random',
    '/dev/urandom',
    '/dev/zero',
    '/usr/bin/static',
  ])
  t.notOk(
    [...ops].some((op) => op.startsWith('network.')),
    'the net namespace stays empty',
  )
  t.ok(ops.has('seccomp.allow-one-exec'))
  t.same(
    steps.flatMap((step) => (step.op === 'process.execute' ? step.environment : [])),
    [],
    'no environment',
  )
  t.same(
    steps.flatMap((step) => (step.op === 'landlock.restrict-self' ? step.ports : [])),
    [],
    'no port',
  )
  t.end()
})

t.test('limits.files: without an entry 1024, and no more than the caller may have', (t) => {
  const files = (hard: ReadonlyMap<number, bigint>) =>
    compileMadeUp({}, { facts: { hardLimits: hard } }).steps.flatMap((step) =>
      step.op === 'resources.set-limit' && step.resource === 7 ? [step.value] : [],
    )
  t.same(files(new Map([[7, 256n]])), [256n])
  t.same(files(new Map([[7, 4096n]])), [1024n], 'control: a higher limit')
  t.same(files(new Map([[6, 256n]])), [1024n], 'control: a limit of another kind')
  t.end()
})

t.test('limits of everything inside: one cgroup, with what was asked for and nothing else', (t) => {
  const step = (limits: object) =>
    compileMadeUp({ limits }).steps.flatMap((one) => (one.op === 'resources.limit-cgroup' ? [one] : []))
  t.same(step({ processes: 9, 'address-space': '1G' }), [], 'control: others need none')
  t.match(step({ memory: '64M' }), [
    {
      above: '',
      enable: '+memory',
      disable: '-memory',
      settings: [
        { file: 'memory.max', value: '67108864' },
        { file: 'memory.swap.max', value: '0' },
        { file: 'memory.oom.group', value: '1' },
      ],
    },
  ])
  const state = { controllers: ['pids'], above: [], delegated: true, apartIn: null, shared: 'no' } as const
  const facts = { cgroup: { kind: 'named', directory: '/c/a', ...state } } as const
  const named = compileMadeUp({ limits: { pids: 9 } }, { facts }).steps
  t.match(
    named.filter(({ op }) => op === 'resources.limit-cgroup'),
    [{ above: '/c/a', enable: '+pids' }],
  )
  t.match(step({ pids: 9, cpus: 0.25 }), [
    {
      enable: '+pids +cpu',
      settings: [
        { file: 'pids.max', value: '10' },
        { file: 'cpu.max', value: '25000 100000' },
      ],
    },
  ])
  t.end()
})

t.test('network: two ports of one host share its address; names count up; a literal keeps its own', (t) => {
  const { steps } = compileMadeUp({
    network: {
      egress: [
        { host: 'api.example.com', port: 443 },
        { host: 'files.example.com', port: 22 },
        { host: 'api.example.com', port: 80 },
        { host: '192.0.2.99', port: 443 },
      ],
    },
  })
  const gateway = steps.flatMap((step) => (step.op === 'network.open-gateway' ? step.sockets : []))
  t.same(
    gateway.map(({ address, port }) => writeAddress(address, port)),
    [
      '198.18.0.1:443',
      '[fd50:616c:6973::1]:443',
      '198.18.0.2:22',
      '[fd50:616c:6973::2]:22',
      '198.18.0.1:80',
      '[fd50:616c:6973::1]:80',
      '192.0.2.99:443',
    ],
  )
  const routes = steps.flatMap((step) => (step.op === 'network.add-route' ? [step.destination] : []))
  t.same(routes, ['198.18.0.1', 'fd50:616c:6973::1', '198.18.0.2', 'fd50:616c:6973::2', '192.0.2.99'])
  const [relay] = steps.flatMap((step) => (step.op === 'network.relay' ? [step.endpoints] : []))
  t.match(relay?.[2], { host: 'api.example.com', port: 80, dial: [] }, 'a name is resolved by the relay')
  t.match(relay?.[3], { host: '', port: 443, dial: ['192.0.2.99'] })
  const hosts = steps.flatMap((step) =>
    'content' in step && 'target' in step && step.target === '/etc/hosts' ? [step.content] : [],
  )
  t.equal(
    hosts.map((content) => (typeof content === 'string' ? content : Buffer.from(content).toString())).join(),
    [
      '127.0.0.1 localhost\n',
      '198.18.0.1 api.example.com\nfd50:616c:6973::1 api.example.com\n',
      '198.18.0.2 files.example.com\nfd50:616c:6973::2 files.example.com\n',
    ].join(''),
  )
  t.end()
})

t.test('process: root runs the program as nobody, a user as itself, and host-root alone keeps root', (t) => {
  const asRoot = { caller: { uid: 0, gid: 0, home: '/root', directory: '/' } }
  t.same(ids({}, {}), [1000, 1000, 1000, 1000])
  t.same(ids({}, asRoot), [65534, 65534, 65534, 65534])
  t.same(ids({ process: { user: 'user' } }, asRoot), [1000, 1000, 1000, 1000])
  t.same(ids({ unsafe: { 'host-root': { reason: 'needs it' } } }, asRoot), [0, 0, 0, 0])
  t.end()
})

function ids(policy: object, facts: NonNullable<Run['facts']>): readonly number[] {
  return compileMadeUp(policy, { facts }).steps.flatMap((step) =>
    step.op === 'namespaces.clone' ? [step.uidInside, step.uidOutside, step.gidInside, step.gidOutside] : [],
  )
}

t.test('process: the environment is what the policy names, sorted; set counts before pass', (t) => {
  const environment = { pass: ['LANG', 'UNSET'], set: { A: '1', HOME: '/tmp', LANG: 'C' } }
  const { steps } = compileMadeUp({ process: { environment } })
  t.same(
    steps.flatMap((step) => (step.op === 'process.execute' ? step.environment : [])),
    ['A=1', 'HOME=/tmp', 'LANG=C'],
  )
  t.end()
})

t.test('status: which limit is carried by what', (t) => {
  const told = (limits: object) =>
    compileMadeUp({ limits }).status.flatMap(({ layer, text }) => (layer === 'resources' ? [text] : []))
  t.same(told({}), ['enforced by setrlimit(2) (files)'])
  t.same(told({ memory: '64M', pids: 9, 'address-space': '1G' }), [
    'enforced by setrlimit(2) (files, address-space) and a cgroup (memory, pids)',
  ])
  t.same(told({ wall: '1m', cpu: '9s', cpus: 0.5 }), [
    'enforced by setrlimit(2) (files, cpu), a cgroup (cpus) and a wall clock (wall)',
  ])
  t.end()
})

t.test('a layer that a test leaves out is gone from the plan and named in the status; the others stay', (t) => {
  const whole = compileMadeUp(singleHttps)
  for (const [layer, gone, kept] of [
    ['mount view', 'filesystem.', 'landlock.'],
    ['landlock', 'landlock.', 'filesystem.'],
    ['seccomp', 'seccomp.', 'landlock.'],
    ['network namespace', 'network.', 'landlock.'],
  ] as const) {
    const { steps, status } = compileMadeUp(singleHttps, { options: { without: [layer] } })
    t.ok(
      whole.steps.some(({ op }) => op.startsWith(gone)),
      `control: ${gone}`,
    )
    t.notOk(
      steps.some(({ op }) => op.startsWith(gone)),
      layer,
    )
    t.ok(steps.some(({ op }) => op.startsWith(kept)))
    t.ok(status.some((line) => line.status === 'not_enforced' && line.text === 'left out by a test'))
  }
  t.end()
})

function targets(steps: readonly Step[], op: Op): readonly string[] {
  return steps.flatMap((step) => (step.op === op && 'target' in step ? [step.target] : []))
}
