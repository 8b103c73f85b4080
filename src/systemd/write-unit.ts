/** A unit for a policy, hardened by what does not collide with a sandbox. */
import { isWithin } from '../core/path.js'
import type { Policy } from '../policy/policy.js'

export interface UnitRequest {
  /** Of sandbox-exec and of the policy: absolute. */
  readonly command: string
  readonly policyFile: string
  readonly policy: Policy
  /** Those of systemd.exec(5) that the policy uses, as STATE_DIRECTORY. */
  readonly directories: readonly string[]
  readonly argv: readonly string[]
}

const settings: Readonly<Record<string, string>> = {
  STATE_DIRECTORY: 'StateDirectory',
  RUNTIME_DIRECTORY: 'RuntimeDirectory',
  CACHE_DIRECTORY: 'CacheDirectory',
  LOGS_DIRECTORY: 'LogsDirectory',
  CONFIGURATION_DIRECTORY: 'ConfigurationDirectory',
}

/** The text of NAME.service, where NAME is the policy's. */
export function writeUnit({ command, policyFile, policy, directories, argv }: UnitRequest): string {
  const { name, description, network, service } = policy
  const words = [command, '--policy', policyFile, '--', ...argv].map(quote).join(' ')
  const online = network.egress.length > 0 ? ['Wants=network-online.target', 'After=network-online.target'] : []
  const sockets = service.sockets.length === 0 ? [] : [`Requires=${name}.socket`]
  return [
    `# ${name}.service, made by: sandbox-exec systemd unit. \`sandbox-exec systemd check\` says whether a change breaks it.`,
    ...socketNote(policy),
    '[Unit]',
    `Description=${(description ?? name).replaceAll('%', '%%')}`,
    ...online,
    ...sockets,
    '',
    '[Service]',
    `Type=${service.notify ? 'notify' : 'exec'}`,
    `ExecStart=${words}`,
    ...userLines(policy),
    ...directories.flatMap((one) => (settings[one] === undefined ? [] : [`${settings[one]}=${name}`])),
    ...(directories.includes('CREDENTIALS_DIRECTORY')
      ? ['# The policy reads credentials: name each.', '#LoadCredential=NAME:/PATH']
      : []),
    'Restart=on-failure',
    '# The first signal is for sandbox-exec, which hands it on; what is left after TimeoutStopSec= is killed.',
    'KillMode=mixed',
    'TimeoutStopSec=30s',
    ...(usesCgroup(policy) ? ['# limits of the policy have a control group of their own.', 'Delegate=yes'] : []),
    '',
    '# The policy confines the program; these confine sandbox-exec itself.',
    ...hardening(policy, directories),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n')
}

function socketNote({ name, service }: Policy): readonly string[] {
  if (service.sockets.length === 0) return []
  const names = service.sockets.map((socket) => `FileDescriptorName=${socket}`).join(', ')
  return [`# It needs ${name}.socket, or several with Service=${name}.service: ListenStream= and ${names}.`]
}

/** Root's alone: to choose the program's user, and to have the host forward. */
function needsRoot({ process, network, unsafe }: Policy): boolean {
  return process.user !== undefined || network.via === 'route' || unsafe['host-root'] !== undefined
}

function userLines(policy: Policy): readonly string[] {
  if (needsRoot(policy)) return ['# As root: the policy asks for what only root can do.']
  return [`# sysusers.d(5): u ${policy.name} -`, `User=${policy.name}`]
}

function usesCgroup({ limits }: Policy): boolean {
  return limits.memory !== undefined || limits.pids !== undefined || limits.cpus !== undefined
}

function hardening(policy: Policy, directories: readonly string[]): readonly string[] {
  const { read, write, exec } = policy.filesystem
  const shown = [...read, ...write, ...exec]
  const shows = (...roots: readonly string[]): boolean =>
    shown.some((path) => roots.some((root) => isWithin(path, root) || isWithin(root, path)))
  // systemd makes those of the unit writable itself.
  const own = write.filter((path) => !directories.some((one) => path.includes(`/${one}`)))
  const root = needsRoot(policy)
  return [
    'NoNewPrivileges=yes',
    ...(root ? [] : ['CapabilityBoundingSet=']),
    ...(root ? [] : ['ProtectSystem=strict', ...own.map((path) => `ReadWritePaths=${quote(path)}`)]),
    ...(shows('/home', '/root', '/run/user') ? [] : ['ProtectHome=yes']),
    ...(shows('/tmp', '/var/tmp') ? [] : ['PrivateTmp=yes']),
    ...(shows('/dev') ? [] : ['PrivateDevices=yes']),
    ...(usesCgroup(policy) ? [] : ['ProtectControlGroups=yes']),
    'ProtectKernelModules=yes',
    'ProtectClock=yes',
    ...(root ? [] : ['ProtectProc=invisible']),
    'RestrictRealtime=yes',
    'LockPersonality=yes',
    'RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6',
    'UMask=0077',
  ]
}

/** systemd.service(5): a word of a command line, whatever is in it. */
export function quote(word: string): string {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  if (/^[A-Za-z0-9_./:=@%,+-]+$/.test(plain)) return plain
  const escaped = plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  return `"${escaped}"`
}
