import t from 'tap'
import { parsePolicyObject } from '../policy/load.js'
import { variableNames } from '../policy/variables.js'
import { importUnit } from './import-unit.js'
import { parseUnit } from './unit-file.js'

/** As a package of a database has it. */
const database = `[Unit]
Description=A key-value store
After=network.target

[Service]
Type=notify
ExecStart=/usr/bin/store /etc/store/store.conf --supervised systemd
TimeoutStopSec=0
Restart=always
User=store
RuntimeDirectory=store
UMask=007
PrivateTmp=true
LimitNOFILE=65535
MemoryMax=512M
TasksMax=64
CPUQuota=50%
RuntimeMaxSec=2h
PrivateDevices=true
ProtectHome=true
ProtectSystem=strict
ReadWritePaths=-/var/lib/store
ReadWritePaths=-/var/log/store /srv/%i
InaccessiblePaths=/usr/share/doc
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
Environment="MODE=fast" LANG=C
EnvironmentFile=/etc/default/store
NoNewPrivileges=true
ProtectKernelTunables=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=true
SystemCallFilter=@system-service setpriority
SystemCallFilter=~@privileged @resources
IPAddressAllow=10.0.0.0/8
NoSuchOption=1
`

const variables = new Map(variableNames.map((name) => [name, name === 'UID' ? '1000' : `/run/${name}`]))

t.test("a unit's own sandboxing as a policy", (t) => {
  const { policy, argv, fates } = importUnit(parseUnit('store.service', database).assignments, 'store')
  t.same(policy, {
    version: 1,
    name: 'store',
    filesystem: {
      read: ['/usr'],
      write: ['${RUNTIME_DIRECTORY}', '/var/lib/store', '/var/log/store'],
      deny: ['/usr/share/doc'],
      tmp: '64M',
    },
    syscalls: {
      promises: ['stdio', 'rpath', 'wpath', 'cpath', 'fattr', 'flock', 'proc', 'exec', 'threads', 'inet', 'unix'],
      allow: ['setpriority'],
    },
    process: { environment: { set: { MODE: 'fast', LANG: 'C' } } },
    limits: { files: 65_535, memory: '512M', pids: 64, cpus: 0.5, wall: '2h' },
    service: { notify: true },
  })
  t.same(argv, ['/usr/bin/store', '/etc/store/store.conf', '--supervised', 'systemd'])
  parsePolicyObject(policy, variables)
  const of = (kind: string) => fates.filter((fate) => fate.kind === kind).map(({ from }) => `${from.line} ${from.key}`)
  t.same(of('lost'), [
    '23 ReadWritePaths',
    '25 CapabilityBoundingSet',
    '27 EnvironmentFile',
    '34 IPAddressAllow',
    '35 NoSuchOption',
  ])
  t.match(of('stays'), ['7 ExecStart', '8 TimeoutStopSec', '9 Restart', '10 User', '12 UMask'])
  t.match(of('stronger'), [
    '19 PrivateDevices',
    '20 ProtectHome',
    '21 ProtectSystem',
    '28 NoNewPrivileges',
    '29 ProtectKernelTunables',
    '31 RestrictNamespaces',
    '33 SystemCallFilter',
  ])
  t.equal(fates.length, database.split('[Service]\n')[1]?.trim().split('\n').length, 'each option has its fate')
  t.end()
})

t.test('families, and calls that are not restricted', (t) => {
  const promisesOf = (lines: string): string => {
    const { policy } = importUnit(parseUnit('x.service', `[Service]\nExecStart=/bin/x\n${lines}`).assignments, 'x')
    parsePolicyObject(policy, variables)
    return JSON.stringify(policy['syscalls'])
  }
  const usual = '"stdio","rpath","wpath","cpath","fattr","flock","proc","exec","threads"'
  t.equal(promisesOf(''), `{"promises":[${usual},"inet","unix"]}`)
  t.equal(promisesOf('RestrictAddressFamilies=AF_INET\n'), `{"promises":[${usual},"inet"]}`)
  t.equal(promisesOf('RestrictAddressFamilies=none\n'), `{"promises":[${usual}]}`)
  t.equal(promisesOf('RestrictAddressFamilies=none\nType=notify\n'), `{"promises":[${usual},"unix"]}`)
  t.equal(promisesOf('SystemCallFilter=@basic-io @timer\n'), '{"promises":["stdio","rpath"]}')
  t.end()
})

t.test('every set and limit of the tables is a word of a policy', (t) => {
  const sets =
    '@system-service @basic-io @file-system @io-event @network-io @process @signal @default @sync @timer @chown @ipc @aio @memlock @setuid @resources @keyring @pkey'
  const limits = ['NOFILE', 'NPROC', 'FSIZE', 'AS', 'STACK', 'CPU']
    .map((name) => `Limit${name}=65536:131072\n`)
    .join('')
  const { policy, fates } = importUnit(
    parseUnit('x', `[Service]\nExecStart=/bin/x\nSystemCallFilter=${sets}\n${limits}`).assignments,
    'x',
  )
  parsePolicyObject(policy, variables)
  t.same(
    fates.filter(({ kind }) => kind === 'lost'),
    [],
  )
  t.end()
})
