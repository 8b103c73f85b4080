import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { packageRoot } from '../core/package-root.js'
import { parsePolicyObject } from '../policy/load.js'
import { variableNames } from '../policy/variables.js'
import { checkUnit, policyOfUnit } from './check.js'
import { breakingOptions } from './options.js'
import { parseUnit } from './unit-file.js'
import { readCommand } from './words.js'
import { quote, writeUnit } from './write-unit.js'

const start = '/usr/bin/sandbox-exec --policy /etc/palisade/api.yaml -- /usr/bin/api --port 80'
const unitOf = (lines: string, exec = start): string =>
  `[Unit]\nDescription=An API\n\n[Service]\nExecStart=${exec}\n${lines}`

/** What `check` says of a unit, a line each. */
function check(text: string, policy: object = {}): readonly string[] {
  const unit = parseUnit('api.service', text)
  const loaded = parsePolicyObject({ version: 1, name: 'api', ...policy }, new Map())
  const found = checkUnit('api.service', unit.assignments, loaded.policy)
  return [
    ...unit.wrong.map(({ line, message }) => `${line}: ${message}`),
    ...found.map(({ line, key, message, fix }) => `${line}: ${key}: ${message}: ${fix}`),
  ]
}

const notifies = { service: { notify: true }, syscalls: { promises: ['unix'] } }
const reaches = { network: { egress: [{ host: 'api.example.com', port: 443 }] } }

t.test('units that are right', (t) => {
  t.same(check(unitOf('Type=exec\nUser=api\nNoNewPrivileges=yes\nProtectSystem=strict\nPrivateTmp=yes\n')), [])
  t.same(check(unitOf('Type=notify\nWatchdogSec=30\n'), notifies), [])
  t.same(check(unitOf('Delegate=yes\nKillMode=mixed\n'), { limits: { memory: '256M' } }), [])
  t.same(check(unitOf('DynamicUser=yes\nRestrictSUIDSGID=yes\n')), [])
  t.same(check(unitOf('PrivateNetwork=yes\n')), [], 'a program without a network')
  t.same(check(unitOf('SystemCallFilter=@system-service @mount @sandbox\n')), [])
  t.same(check(unitOf('SystemCallFilter=~@clock @reboot\nRestrictNamespaces=no\n')), [])
  t.same(check(unitOf('RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET\n')), [])
  t.same(check(unitOf('ProtectHostname=yes\nProtectHostname=\n')), [], 'taken back')
  t.end()
})

t.test('wrong units, each with its own diagnosis', (t) => {
  const wrong: readonly (readonly [string, RegExp, object?])[] = [
    [unitOf('RestrictNamespaces=yes\n'), /^6: RestrictNamespaces: yes refuses the namespaces.*: remove it/],
    [
      unitOf('SystemCallFilter=@system-service\n'),
      /^6: SystemCallFilter: @system-service refuses calls.*syscalls\.promises/,
    ],
    [unitOf('ProtectKernelTunables=true\n'), /^6: ProtectKernelTunables: true covers parts of \/proc/],
    [unitOf('ProtectHostname=yes\n'), /^6: ProtectHostname: yes refuses sethostname/],
    [unitOf('RestrictAddressFamilies=AF_INET\n'), /^6: RestrictAddressFamilies: .*AF_NETLINK.*: name AF_UNIX/],
    [unitOf('MemoryDenyWriteExecute=yes\n'), /^6: MemoryDenyWriteExecute: yes ends Node.*prot_exec/],
    [unitOf('Type=forking\n'), /^6: Type: forking waits until the first process has ended.*: let the program stay/],
    [unitOf('Type=notify\n'), /^6: Type: notify waits for READY=1.*: set service\.notify: true/],
    [unitOf('WatchdogSec=10\n'), /^6: WatchdogSec: 10 waits for WATCHDOG=1/],
    [unitOf('Type=notify\nNotifyAccess=none\n'), /^7: NotifyAccess: none lets nobody tell/, notifies],
    [unitOf('Type=exec\n'), /^0: Type: does not listen.*: use Type=notify/, notifies],
    [unitOf('PrivateNetwork=yes\n'), /^6: PrivateNetwork: yes leaves the relay without a network/, reaches],
    [unitOf(''), /^0: Delegate: is needed for limits\.pids.*: write Delegate=yes/, { limits: { pids: 9 } }],
    [
      unitOf('Delegate=yes\nProtectControlGroups=yes\n'),
      /^7: ProtectControlGroups: yes keeps the cgroup of limits\.memory/,
      { limits: { memory: '1G' } },
    ],
    [unitOf('KillMode=none\n'), /^6: KillMode: none leaves everything running.*: use KillMode=mixed/],
    [unitOf('', '/usr/bin/api'), /^5: ExecStart: \/usr\/bin\/api does not run sandbox-exec/],
    [unitOf('', '/usr/bin/sandbox-exec -- /usr/bin/api'), /^5: ExecStart: .* names no policy: write --policy FILE/],
    ['[Service]\nUser=api\n', /^0: ExecStart: starts nothing/],
    [unitOf('what is this\n'), /^6: is neither a section nor KEY=VALUE/],
    [`User=api\n${unitOf('')}`, /^1: stands before every section/],
  ]
  for (const [text, finding, policy] of wrong) {
    const found = check(text, policy)
    t.equal(found.length, 1, text)
    t.match(found[0], finding)
  }
  t.end()
})

t.test('every option that breaks is found by its own example', (t) => {
  for (const { key, example } of breakingOptions) {
    const [found = '', ...more] = check(unitOf(`${key}=${example}\n`))
    t.match(found, new RegExp(`^6: ${key}: `))
    t.same(more, [])
  }
  t.end()
})

t.test('the unit of a policy is right for that policy', (t) => {
  const policies: readonly object[] = [
    {},
    notifies,
    reaches,
    { ...notifies, ...reaches, limits: { memory: '256M', pids: 9 }, description: '100 % an API' },
    { filesystem: { read: ['/home/api', '/tmp/x', '/dev/fuse'], write: ['/srv/a b', '/run/unit/STATE_DIRECTORY'] } },
    { process: { user: 'api' }, service: { sockets: ['web', 'admin'] } },
  ]
  for (const policy of policies) {
    const loaded = parsePolicyObject({ version: 1, name: 'api', ...policy }, new Map()).policy
    const text = writeUnit({
      command: '/usr/bin/sandbox-exec',
      policyFile: '/etc/palisade/a b.yaml',
      policy: loaded,
      directories: ['STATE_DIRECTORY', 'CREDENTIALS_DIRECTORY'],
      argv: ['/usr/bin/api', '--text', '100 % of "it" costs 5 $ \\n'],
    })
    t.same(check(text, policy), [], text)
    const unit = parseUnit('api.service', text)
    t.equal(policyOfUnit(unit.assignments), '/etc/palisade/a b.yaml')
    t.match(text, /^StateDirectory=api$/m)
  }
  t.end()
})

t.test('the unit and the policy of docs/systemd.md', (t) => {
  const text = readFileSync(join(packageRoot(), 'docs/systemd.md'), 'utf8')
  const [unit = '', socket = ''] = [...text.matchAll(/```ini\n([^]*?)```/g)].map(([, block]) => block ?? '')
  const policy: unknown = parse(/```yaml\n([^]*?)```/.exec(text)?.[1] ?? '')
  t.ok(typeof policy === 'object' && policy !== null)
  const variables = new Map(variableNames.map((name) => [name, name === 'UID' ? '1000' : `/run/${name}`]))
  const loaded = parsePolicyObject(policy, variables).policy
  const { assignments, wrong } = parseUnit('api.service', unit)
  t.same([...checkUnit('api.service', assignments, loaded), ...wrong], [])
  t.match(unit, /^\[Unit\]\nRequires=api\.socket$/m)
  t.same(
    parseUnit('api.socket', socket).assignments.flatMap(({ key, value }) =>
      key === 'FileDescriptorName' ? value : [],
    ),
    loaded.service.sockets,
  )
  t.end()
})

t.test('words of a command line', (t) => {
  t.equal(quote('--a=/b'), '--a=/b')
  t.equal(quote('5% $HOME'), '"5%% $$HOME"')
  t.equal(quote('a "b" \\\n'), '"a \\"b\\" \\\\\\n"')
  t.equal(quote(''), '""')
  t.end()
})

t.test('unit files are read as systemd reads them', (t) => {
  const { assignments } = parseUnit(
    'x',
    '[A]\n# no\n ; no\nKey = a \\\n# in between\n  b\\\n c\nOther=\n[B]\nKey=d = e\n',
  )
  t.same(
    assignments.map(({ line, section, key, value }) => `${line} ${section} ${key} ${value}`),
    ['4 A Key a b c', '8 A Other ', '10 B Key d = e'],
  )
  t.end()
})

t.test('the policy of a command', (t) => {
  const policyIn = (exec: string): string | null => policyOfUnit(parseUnit('x', unitOf('', exec)).assignments)
  t.equal(policyIn(start), '/etc/palisade/api.yaml')
  t.equal(policyIn('-+/usr/bin/sandbox-exec -p "/etc/a b.yaml" -- /bin/x --policy other'), '/etc/a b.yaml')
  t.equal(policyIn("sandbox-exec '--policy=/a.yaml' -- x"), '/a.yaml')
  t.equal(policyIn('/usr/bin/api --policy a.yaml'), null)
  t.same(readCommand('@/bin/a "b c" d\\e').words, ['/bin/a', 'b c', 'd\\e'])
  t.end()
})
