/** A policy from a unit's own sandboxing, and what became of each option (systemd.exec(5)). */
import { isTrue, lastOf, type Assignment } from './unit-file.js'
import { readCommand } from './words.js'

/** What became of one option. */
export interface Fate {
  readonly from: Assignment
  readonly kind: 'kept' | 'stronger' | 'lost' | 'stays'
  readonly text: string
}

export interface ImportedUnit {
  /** As a policy file has it, keys without content left out. */
  readonly policy: Readonly<Record<string, unknown>>
  /** The program, to stand after `--`. */
  readonly argv: readonly string[]
  readonly fates: readonly Fate[]
}

interface Draft {
  readonly read: Set<string>
  readonly write: Set<string>
  readonly deny: Set<string>
  readonly promises: Set<string>
  readonly allow: Set<string>
  readonly pass: Set<string>
  readonly variables: Map<string, string>
  readonly limits: Map<string, string | number>
  tmp: boolean
  directory: string | null
  notify: boolean
  /** Families and calls are asked for only where the unit restricts them. */
  families: readonly string[] | null
  calls: 'all' | 'listed'
}

type Handler = (value: string, draft: Draft) => readonly [Fate['kind'], string]

const held =
  (text: string): Handler =>
  () => ['stronger', `every sandbox has it: ${text}`]
const stays: Handler = () => ['stays', "is the unit's business, and can stay in it"]

const paths =
  (list: 'read' | 'write' | 'deny', optional: string): Handler =>
  (value, draft) => {
    const all = value.split(/\s+/).map((one) => one.replace(/^[-+]+/, '').replace(/:.*/, ''))
    const plain = all.filter((one) => one.startsWith('/') && !one.includes('%'))
    for (const path of plain) draft[list].add(path)
    const left = all.filter((one) => !plain.includes(one))
    if (left.length > 0) return ['lost', `${left.join(' ')}: write the path out, as filesystem.${list}`]
    return ['kept', optional]
  }

const directory =
  (variable: string, list: 'read' | 'write'): Handler =>
  (_, draft) => {
    draft[list].add(`\${${variable}}`)
    return ['kept', `filesystem.${list}: \${${variable}}; the option stays in the unit, which makes the directory`]
  }

const limit =
  (name: string, read: (value: string) => string | number | null): Handler =>
  (value, draft) => {
    if (/^(infinity|max)$/i.test(value)) return ['kept', 'no limit']
    const found = read(value)
    if (found === null) return ['lost', `${value} has no word in limits.${name}`]
    draft.limits.set(name, found)
    return ['kept', `limits.${name}`]
  }

const count = (value: string): number | null => (/^[1-9][0-9]*$/.test(value) ? Number(value) : null)
const soft = (value: string): string => value.split(':')[0] ?? ''

/** Bytes without a unit are whole KiB in a policy. */
function size(value: string): string | null {
  if (/^[1-9][0-9]*[KMGT]$/.test(value)) return value
  const kib = /^[1-9][0-9]*$/.test(value) ? Math.floor(Number(value) / 1024) : 0
  return kib === 0 ? null : `${kib}K`
}

function duration(value: string): string | null {
  const plain = /^([1-9][0-9]*) ?(ms|s|sec|m|min|h|hr)?$/.exec(value)
  if (plain === null) return null
  const units: Readonly<Record<string, string>> = { ms: 'ms', s: 's', sec: 's', m: 'm', min: 'm', h: 'h', hr: 'h' }
  return `${plain[1]}${units[plain[2] ?? 's']}`
}

/** Sets of systemd.exec(5), by the promises that hold most of their calls. */
const promisesOf: Readonly<Record<string, readonly string[]>> = {
  '@system-service': ['rpath', 'wpath', 'cpath', 'fattr', 'flock', 'proc', 'exec', 'threads', 'inet', 'unix'],
  '@basic-io': ['stdio'],
  '@file-system': ['rpath', 'wpath', 'cpath', 'fattr', 'flock'],
  '@io-event': ['stdio'],
  '@network-io': ['inet', 'unix'],
  '@process': ['proc', 'exec', 'threads'],
  '@signal': ['proc'],
  '@default': ['stdio'],
  '@sync': ['stdio'],
  '@timer': ['stdio'],
  '@chown': ['chown'],
  '@ipc': ['sysvipc', 'unix'],
  '@aio': ['aio'],
  '@memlock': ['mlock'],
  '@setuid': ['id'],
  '@resources': ['proc'],
  '@keyring': ['keyring'],
  '@pkey': ['prot_exec'],
}

const handlers: Readonly<Record<string, Handler>> = {
  ReadWritePaths: paths('write', 'filesystem.write'),
  BindPaths: paths('write', 'filesystem.write, at its own place'),
  ReadOnlyPaths: paths('read', 'filesystem.read'),
  BindReadOnlyPaths: paths('read', 'filesystem.read, at its own place'),
  InaccessiblePaths: paths('deny', 'filesystem.deny, where it lies in a grant'),
  StateDirectory: directory('STATE_DIRECTORY', 'write'),
  RuntimeDirectory: directory('RUNTIME_DIRECTORY', 'write'),
  CacheDirectory: directory('CACHE_DIRECTORY', 'write'),
  LogsDirectory: directory('LOGS_DIRECTORY', 'write'),
  ConfigurationDirectory: directory('CONFIGURATION_DIRECTORY', 'read'),
  LoadCredential: directory('CREDENTIALS_DIRECTORY', 'read'),
  SetCredential: directory('CREDENTIALS_DIRECTORY', 'read'),
  ProtectSystem: held('nothing is writable but filesystem.write'),
  ProtectHome: held('no home is seen but by a grant'),
  PrivateTmp: (value, draft) => {
    draft.tmp = draft.tmp || isTrue(value)
    return ['kept', 'filesystem.tmp, of 64M: choose its size']
  },
  PrivateDevices: held('null, zero, full, random and urandom are all there is'),
  ProtectKernelTunables: held('nothing of the kernel is in its /proc; remove the option, which breaks a sandbox'),
  ProtectKernelLogs: held('nothing of the kernel is in its /proc; remove the option, which breaks a sandbox'),
  ProtectKernelModules: held('no capability, and no such call'),
  ProtectControlGroups: held('no control group is seen'),
  ProtectClock: held('no capability, and no such call'),
  ProtectHostname: held('a host name of its own; remove the option, which breaks a sandbox'),
  ProtectProc: held('its /proc has its own processes'),
  ProcSubset: held('its /proc has processes only; remove the option, which breaks a sandbox'),
  PrivateUsers: held('a user namespace of its own'),
  PrivateIPC: held('an IPC namespace of its own'),
  PrivateMounts: held('a mount view of its own'),
  NoNewPrivileges: held('no_new_privs'),
  RestrictSUIDSGID: held('every mount is nosuid'),
  RestrictNamespaces: held('no namespace without the promise ns; remove the option, which breaks a sandbox'),
  RestrictRealtime: held('no such call'),
  LockPersonality: held('no such call'),
  RemoveIPC: held('IPC objects end with the sandbox'),
  KeyringMode: held('a session keyring of its own'),
  SystemCallArchitectures: held('the filter judges each table of calls by the same promises'),
  AmbientCapabilities: (value) =>
    value === ''
      ? ['stronger', 'every sandbox has it: none']
      : ['lost', `${value}: no program in a sandbox has a capability`],
  CapabilityBoundingSet: (value) =>
    value === '' || value.startsWith('~')
      ? ['stronger', 'every sandbox has it: none']
      : ['lost', `${value}: no program in a sandbox has a capability`],
  MemoryDenyWriteExecute: held(
    'no code made at run time without the promise prot_exec; remove the option, which ends Node',
  ),
  PrivateNetwork: () => ['kept', 'no network: that is the default'],
  RestrictAddressFamilies: (value, draft) => {
    draft.families = value === 'none' ? [] : value.startsWith('~') ? null : value.split(/\s+/)
    return value.startsWith('~')
      ? ['lost', 'a list of what is refused: promise inet or unix, if it is used']
      : ['kept', 'the promises inet and unix, for these families']
  },
  IPAddressDeny: () => ['stronger', 'nothing is reached but network.egress'],
  IPAddressAllow: (value) => ['lost', `${value}: name each endpoint with its port in network.egress`],
  SocketBindAllow: (value) => ['lost', `${value}: name each port in network.listen, or pass it by a socket unit`],
  SocketBindDeny: () => ['stronger', 'no port but those of network.listen'],
  SystemCallFilter: systemCalls,
  SystemCallErrorNumber: (value) =>
    value === 'EPERM' ? ['kept', 'EPERM is the default'] : ['lost', 'the answer is EPERM'],
  MemoryMax: limit('memory', size),
  TasksMax: limit('pids', count),
  CPUQuota: limit('cpus', (value) => (/^[0-9]+%$/.test(value) ? Number(value.slice(0, -1)) / 100 : null)),
  RuntimeMaxSec: limit('wall', duration),
  LimitNOFILE: limit('files', (value) => count(soft(value))),
  LimitNPROC: limit('processes', (value) => count(soft(value))),
  LimitFSIZE: limit('file-size', (value) => size(soft(value))),
  LimitAS: limit('address-space', (value) => size(soft(value))),
  LimitSTACK: limit('stack', (value) => size(soft(value))),
  LimitCPU: limit('cpu', (value) => duration(soft(value))),
  WorkingDirectory: (value, draft) => {
    if (!value.startsWith('/')) return ['lost', `${value}: write the path out, as process.directory`]
    draft.directory = value
    return ['kept', 'process.directory']
  },
  Environment: (value, draft) => {
    for (const word of readCommand(value).words) {
      const equals = word.indexOf('=')
      if (equals > 0) draft.variables.set(word.slice(0, equals), word.slice(equals + 1))
    }
    return ['kept', 'process.environment.set']
  },
  PassEnvironment: (value, draft) => {
    for (const name of value.split(/\s+/)) draft.pass.add(name)
    return ['kept', 'process.environment.pass']
  },
  EnvironmentFile: (value) => ['lost', `${value}: name its variables in process.environment.pass`],
  Type: (value, draft) => {
    if (value === 'forking')
      return ['lost', 'a sandbox ends with its first process: let the program stay in the foreground']
    if (!value.startsWith('notify')) return ['stays', "is the unit's business, and can stay in it"]
    draft.notify = true
    return ['kept', 'service.notify']
  },
  RootDirectory: (value) => ['lost', `${value}: a view is made of the host's own paths`],
  RootImage: (value) => ['lost', `${value}: a view is made of the host's own paths`],
}

const ofUnit =
  /^(ExecStart|ExecStartPre|ExecStartPost|ExecStop|ExecStopPost|ExecReload|ExecCondition|User|Group|DynamicUser|SupplementaryGroups|Restart|RestartSec|KillMode|KillSignal|TimeoutSec|TimeoutStartSec|TimeoutStopSec|WatchdogSec|NotifyAccess|Standard(Input|Output|Error)|SyslogIdentifier|Delegate|Slice|Nice|IOSchedulingClass|OOMScoreAdjust|UMask|RemainAfterExit|StartLimit.*|FileDescriptorStoreMax|SuccessExitStatus)$/

export function importUnit(unit: readonly Assignment[], name: string): ImportedUnit {
  const draft = emptyDraft()
  const fates: Fate[] = []
  for (const from of unit.filter(({ section }) => section === 'Service')) {
    const handler = handlers[from.key] ?? (ofUnit.test(from.key) ? stays : unknown)
    const [kind, text] = handler(from.value, draft)
    fates.push({ from, kind, text })
  }
  const start = lastOf(unit, 'Service', 'ExecStart')
  return { policy: policyOf(draft, name), argv: start === null ? [] : readCommand(start.value).words, fates }
}

const unknown: Handler = () => ['lost', 'has no word in a policy']

function systemCalls(value: string, draft: Draft): readonly [Fate['kind'], string] {
  if (value.startsWith('~')) return ['stronger', 'nothing is allowed but what promises hold']
  draft.calls = 'listed'
  const names = value.split(/\s+/)
  const unknownSets = names.filter((one) => one.startsWith('@') && promisesOf[one] === undefined)
  for (const one of names) {
    if (!one.startsWith('@')) draft.allow.add(one.replace(/:.*/, ''))
    for (const promise of promisesOf[one] ?? []) draft.promises.add(promise)
  }
  if (unknownSets.length > 0) return ['lost', `${unknownSets.join(' ')}: no promise is like it`]
  return ['kept', 'the promises that hold most of these calls: `explain PROMISE` says which']
}

function emptyDraft(): Draft {
  return {
    read: new Set(['/usr']),
    write: new Set(),
    deny: new Set(),
    promises: new Set(['stdio', 'rpath']),
    allow: new Set(),
    pass: new Set(),
    variables: new Map(),
    limits: new Map(),
    tmp: false,
    directory: null,
    notify: false,
    families: null,
    calls: 'all',
  }
}

/** What a service that restricts no calls may be expected to make. */
const usual = promisesOf['@system-service'] ?? []

function policyOf(draft: Draft, name: string): Readonly<Record<string, unknown>> {
  const promises = new Set([
    ...draft.promises,
    ...(draft.calls === 'all' ? usual : []),
    ...(draft.notify ? ['unix'] : []),
  ])
  const { families } = draft
  if (families !== null) {
    if (!families.some((one) => one === 'AF_INET' || one === 'AF_INET6')) promises.delete('inet')
    if (!families.includes('AF_UNIX') && !draft.notify) promises.delete('unix')
  }
  const environment = {
    ...(draft.pass.size === 0 ? {} : { pass: [...draft.pass] }),
    ...(draft.variables.size === 0 ? {} : { set: Object.fromEntries(draft.variables) }),
  }
  return {
    version: 1,
    name,
    filesystem: {
      read: [...draft.read],
      ...(draft.write.size === 0 ? {} : { write: [...draft.write] }),
      ...(draft.deny.size === 0 ? {} : { deny: [...draft.deny] }),
      ...(draft.tmp ? { tmp: '64M' } : {}),
    },
    syscalls: { promises: [...promises], ...(draft.allow.size === 0 ? {} : { allow: [...draft.allow] }) },
    ...(Object.keys(environment).length === 0 && draft.directory === null
      ? {}
      : {
          process: {
            ...(Object.keys(environment).length === 0 ? {} : { environment }),
            ...(draft.directory === null ? {} : { directory: draft.directory }),
          },
        }),
    ...(draft.limits.size === 0 ? {} : { limits: Object.fromEntries(draft.limits) }),
    ...(draft.notify ? { service: { notify: true } } : {}),
  }
}
