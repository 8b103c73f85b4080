import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { diagnose, isFit, type Readings, type Row, type TrialName, type TrialResult } from './doctor.js'

const trials: readonly TrialName[] = [
  ...(['user', 'capabilities', 'pid', 'mount', 'net', 'ipc', 'uts', 'cgroup', 'veth', 'view', 'procfs'] as const),
  ...(['keyring', 'descriptors', 'landlock', 'filter', 'notification', 'whole'] as const),
]
const worked: TrialResult = { kind: 'worked' }
const healthy: Readings = {
  caller: 'user',
  launcher: '/opt/palisade/palisade-launcher',
  release: '7.3.0',
  namespacesMax: new Map([['max_user_namespaces', 1000]]),
  unprivilegedUserNamespaces: null,
  appArmorRestricts: null,
  filtered: false,
  container: 'none',
  landlock: { abi: 11, errata: 0b111 },
  known: { landlockAbi: 11, syscalls: '7.3.4', syscallsDate: '2026-11-15' },
  cgroup: { kind: 'v2', path: '/app.scope', controllers: ['cpu', 'memory', 'pids'], delegated: true, shared: 'no' },
  nft: '/usr/sbin/nft',
  callsAhead: 0,
  keptPlans: { path: '/run/user/1000/palisade' },
}

t.test('a host that has everything: each row is OK', (t) => {
  const rows = diagnosed({})
  t.strictSame(
    rows.filter(({ state }) => state !== 'OK'),
    [],
  )
  t.ok(rows.length > 20)
  t.ok(isFit(rows))
  t.end()
})

interface Case {
  readonly claim: string
  readonly failing: readonly TrialName[]
  readonly step: string
  readonly syscall: string
  readonly errno: string
  readonly readings?: Partial<Readings>
  readonly feature: string
  readonly fix: RegExp
}

const clone = { step: 'namespaces.clone', syscall: 'clone3' } as const
const cases: readonly Case[] = [
  {
    ...clone,
    claim: 'Debian: user namespaces are switched off',
    failing: trials,
    errno: 'EPERM',
    readings: { unprivilegedUserNamespaces: 0 },
    feature: 'user namespaces',
    fix: /kernel\.unprivileged_userns_clone = 1' > \/etc\/sysctl\.d/,
  },
  {
    ...clone,
    claim: 'no user namespace may be made',
    failing: trials,
    errno: 'ENOSPC',
    readings: { namespacesMax: new Map([['max_user_namespaces', 0]]) },
    feature: 'user namespaces',
    fix: /user\.max_user_namespaces = 15000/,
  },
  {
    claim: 'Ubuntu: AppArmor lets one be made and forbids its use',
    failing: ['capabilities', 'view', 'procfs', 'veth', 'whole'],
    step: 'namespaces.set-hostname',
    syscall: 'sethostname',
    errno: 'EPERM',
    readings: { appArmorRestricts: 1 },
    feature: 'capabilities inside',
    fix: /profile palisade-launcher "\/opt\/palisade\/palisade-launcher" flags=\(unconfined\) \{\n +userns,\n +\}/,
  },
  {
    claim: 'root of a small user namespace',
    failing: trials,
    step: 'namespaces.clone',
    syscall: 'gid_map',
    errno: 'EPERM',
    readings: { caller: 'root of a namespace' },
    feature: 'user namespaces',
    fix: /has no 65534/,
  },
  {
    ...clone,
    claim: 'no net namespace may be made',
    failing: ['net', 'veth', 'whole'],
    errno: 'ENOSPC',
    readings: { namespacesMax: new Map([['max_net_namespaces', 0]]) },
    feature: 'net namespaces',
    fix: /user\.max_net_namespaces = 15000/,
  },
  {
    claim: 'no veth in this kernel yet',
    failing: ['veth', 'whole'],
    step: 'network.add-veth',
    syscall: 'RTM_NEWLINK',
    errno: 'EOPNOTSUPP',
    feature: 'veth pairs and routes',
    fix: /modprobe veth/,
  },
  {
    claim: 'a container with a masked /proc',
    failing: ['procfs', 'whole'],
    step: 'filesystem.mount-proc',
    syscall: 'fsmount',
    errno: 'EPERM',
    readings: { container: 'docker' },
    feature: 'procfs inside',
    fix: /systempaths=unconfined/,
  },
  {
    claim: 'an old kernel',
    failing: ['view', 'procfs', 'whole'],
    step: 'filesystem.bind',
    syscall: 'mount_setattr',
    errno: 'ENOSYS',
    feature: 'mount_setattr',
    fix: /Linux 5\.12/,
  },
  {
    claim: 'a kernel that boots without Landlock',
    failing: ['landlock', 'whole'],
    step: 'landlock.restrict-self',
    syscall: 'landlock_create_ruleset',
    errno: 'EOPNOTSUPP',
    feature: 'Landlock',
    fix: /lsm=/,
  },
  {
    claim: "a container's filter",
    failing: ['view', 'procfs', 'whole'],
    step: 'filesystem.create-root',
    syscall: 'fsopen',
    errno: 'EPERM',
    readings: { filtered: true, container: 'podman' },
    feature: 'new mount API',
    fix: /filter is in force here.*fsopen.*seccomp=FILE/,
  },
]

for (const { claim, failing, feature, fix, readings = {}, ...failure } of cases) {
  t.test(`${claim}: ${feature} is missing, once, with its fix`, (t) => {
    const failed: TrialResult = { kind: 'failed', ...failure }
    const rows = diagnosed(Object.fromEntries(failing.map((name) => [name, failed])), readings)
    const missing = rows.filter(({ state }) => state === 'missing')
    t.strictSame(
      missing.map((row) => row.feature),
      [feature],
    )
    t.match(missing[0]?.fix.join('\n'), fix)
    t.match(missing[0]?.detail, `${failure.step}: ${failure.syscall}: ${failure.errno}`)
    t.equal(rows.find((row) => row.feature === 'all together')?.state, 'not tried')
    t.notOk(isFit(rows))
    t.end()
  })
}

t.test('what came before the call that failed has worked; what comes after was not tried', (t) => {
  const failed = { kind: 'failed', step: 'filesystem.bind', syscall: 'mount_setattr', errno: 'ENOSYS' } as const
  const rows = new Map(diagnosed({ view: failed }).map(({ feature, state }) => [feature, state]))
  t.equal(rows.get('openat2'), 'OK')
  t.equal(rows.get('pivot_root'), 'not tried')
  t.end()
})

t.test('an errno that nobody thought of is told as it is', (t) => {
  const failed = { kind: 'failed', step: 'process.new-keyring', syscall: 'keyctl', errno: 'EDQUOT' } as const
  const row = diagnosed({ keyring: failed }).find(({ state }) => state === 'missing')
  t.match(row, { detail: 'process.new-keyring: keyctl: EDQUOT', fix: [/keyctl.*EDQUOT/] })
  t.end()
})

t.test('a launcher that says nothing has to be built', (t) => {
  const rows = diagnosed({ user: { kind: 'broken', text: 'not a plan of this version' } })
  t.match(rows[0], { state: 'missing', detail: 'not a plan of this version', fix: [/build:native/] })
  t.end()
})

t.test('what is older or newer than we know is a note, and no failure', (t) => {
  const old = diagnosed({}, { landlock: { abi: 3, errata: 0 }, release: '6.2.0-generic' })
  const newer = diagnosed({}, { landlock: { abi: 12, errata: 0b111 }, release: '7.4.1' })
  const notes = (rows: readonly Row[]) => rows.filter(({ state }) => state === 'note').map(({ feature }) => feature)
  t.strictSame(notes(old), ['Landlock ABI', 'Landlock errata'])
  t.strictSame(notes(newer), ['Landlock ABI', 'system call tables'])
  t.ok(isFit(old))
  t.ok(isFit(newer))
  t.end()
})

t.test('network.via: route: nft is asked for, and nobody is unfit without it', (t) => {
  const rows = diagnosed({}, { nft: null })
  const row = rows.find(({ feature }) => feature === 'network.via: route')
  t.match(row, { state: 'note', detail: 'no nft(8); for root', fix: ['apt-get install nftables'] })
  t.ok(isFit(rows))
  const control = diagnosed({}).find(({ feature }) => feature === 'network.via: route')
  t.equal(control?.state, 'OK', 'control')
  t.end()
})

t.test('kept plans: what keeps this user from them, and nobody is unfit without them', (t) => {
  const row = (keptPlans: Readings['keptPlans']): Row | undefined => {
    const rows = diagnosed({}, { keptPlans })
    t.ok(isFit(rows))
    return rows.find(({ feature }) => feature === 'kept plans')
  }
  const key = (errno: string): Row | undefined => row({ lacks: 'key', syscall: 'keyctl', errno })
  t.match(row({ path: '/a/palisade' }), { state: 'OK', detail: 'sealed, in /a/palisade' }, 'control')
  t.match(key('EOPNOTSUPP'), { state: 'note', detail: /^keyctl: EOPNOTSUPP; /, fix: [/CONFIG_PERSISTENT_KEYRINGS/] })
  t.match(key('EDQUOT'), { fix: [/kernel\.keys\.maxkeys/] })
  t.match(key('EPERM'), { fix: [/filter .* keyctl and add_key: allow it there .*, or name .* --plans DIRECTORY$/] })
  const nowhere = row({ lacks: 'directory', found: ['/a/palisade: mode 0755', '/b/palisade: ENOENT'] })
  t.match(nowhere, { state: 'note', detail: /^\/a\/palisade: mode 0755, \/b\/palisade: ENOENT; / })
  t.match(row({ lacks: 'directory', found: [] }), { detail: /^HOME is no absolute path; /, fix: [/XDG_CACHE_HOME/] })
  t.end()
})

t.test('limits by cgroup: what keeps this user from them, and nobody is unfit without them', (t) => {
  const own = {
    kind: 'v2',
    path: '/a',
    controllers: ['cpu', 'memory', 'pids'],
    delegated: true,
    shared: 'no',
  } as const
  const row = (cgroup: Readings['cgroup'], caller: Readings['caller'] = 'user') => {
    const rows = diagnosed({}, { cgroup, caller })
    t.ok(isFit(rows))
    return rows.find(({ feature }) => feature === 'limits by cgroup')
  }
  const boot = ['boot this host with systemd.unified_cgroup_hierarchy=1']
  t.match(row(own), { state: 'OK', detail: 'cgroup /a has memory, pids, cpu' }, 'control')
  t.match(row({ kind: 'none' }), { state: 'note', detail: /^no cgroup v2 at \/sys\/fs\/cgroup;/, fix: boot })
  t.match(row({ kind: 'unseen' }), { fix: ['mount cgroup2 at /sys/fs/cgroup in this cgroup namespace'] })
  t.match(row({ ...own, path: '/', controllers: [] }), {
    detail: /^cgroup \/ has no controller; v1 has mem/,
    fix: boot,
  })
  const fix = ['systemd-run --user --scope -p Delegate=yes -- sandbox-exec ...']
  t.match(row({ ...own, delegated: false }), { state: 'note', detail: /, but is not this user's to divide;/, fix })
  t.match(row({ ...own, shared: 'with others' }), { state: 'note', detail: /, but has other processes;/, fix })
  t.match(row({ ...own, controllers: ['pids'] }), {
    state: 'note',
    detail: /^cgroup \/a has pids, but lacks memory, cpu;/,
    fix,
  })
  t.match(row({ ...own, shared: 'with others' }, 'root'), {
    fix: ['systemd-run --scope -p Delegate=yes -- sandbox-exec ...'],
  })
  t.end()
})

t.test('system call tables: how old they are, and how far this kernel is from them', (t) => {
  const row = (release: string, callsAhead: number) =>
    diagnosed({}, { release, callsAhead }).find(({ feature }) => feature === 'system call tables')
  const made = 'of Linux 7.3.4, made 2026-11-15; this kernel is'
  const cases = [
    ['7.3.9-1-amd64', 0, 'OK', `${made} 7.3.9-1-amd64`],
    ['6.1.0-44-amd64', 22, 'OK', `${made} 6.1.0-44-amd64, without the 22 newest calls`],
    ['7.4.0', 0, 'note', `${made} 7.4.0, 1 release newer: calls that came since then get ENOSYS`],
    ['7.12.1', 0, 'note', `${made} 7.12.1, 9 releases newer: calls that came since then get ENOSYS`],
    ['8.0.3', 0, 'note', `${made} 8.0.3, a major release newer: calls that came since then get ENOSYS`],
  ] as const
  for (const [release, ahead, state, detail] of cases) t.match(row(release, ahead), { state, detail }, release)
  t.end()
})

t.test('this host: every trial is made, and one that is taken away is found missing', (t) => {
  const here = doctor([])
  t.equal(here.status, 0, here.stdout + here.stderr)
  t.equal(here.stderr, '')
  t.match(here.stdout, /^all together +OK/m)
  t.match(here.stdout, /^system call tables +\w+ +of Linux \d+\.\d+[.\d]*, made 20\d\d-\d\d-\d\d; this kernel is /m)
  t.notMatch(here.stdout, 'missing')
  // A user namespace has limits of its own, for a user of it too.
  const user = ['unshare', '-U', '--map-user=1000', '--map-group=1000', '--keep-caps']
  const poor = doctor([...user, 'sh', '-c', 'echo 0 > /proc/sys/user/max_net_namespaces; "$@"', 'sh'])
  t.equal(poor.status, 1, poor.stderr)
  t.match(poor.stdout, /^net namespaces +missing +namespaces\.clone: unshare: ENOSPC$/m)
  t.match(poor.stdout, /^user namespaces +OK/m)
  // Its root cannot give 65534 to anybody.
  const foreign = doctor(['unshare', '-Ur'])
  t.equal(foreign.status, 1, foreign.stderr)
  t.match(foreign.stdout, /^user namespaces +missing/m)
  t.end()
})

function doctor(before: readonly string[]) {
  const words = [...before, process.execPath, join(import.meta.dirname, '../cli/main.cjs'), 'doctor']
  return spawnSync('env', words, { encoding: 'utf8', timeout: 60_000 })
}

function diagnosed(
  failing: Readonly<Partial<Record<TrialName, TrialResult>>>,
  readings: Partial<Readings> = {},
): readonly Row[] {
  const results = new Map(trials.map((name): [TrialName, TrialResult] => [name, failing[name] ?? worked]))
  return diagnose(results, { ...healthy, ...readings })
}
