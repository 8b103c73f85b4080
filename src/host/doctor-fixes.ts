import type { Readings, TrialName, TrialResult } from './doctor.js'

type Failure = Extract<TrialResult, { kind: 'failed' }>

/** The one thing to do about a failed trial, as commands where there are any. */
export function fixFor(trial: TrialName, failure: Failure, readings: Readings): readonly string[] {
  if (failure.errno === 'ENOSYS') return [newerKernel(failure.syscall)]
  if (failure.errno === 'ENOSPC') return exhausted(readings)
  const userNamespace = userNamespaceFix(readings)
  if (isRefusal(failure) && userNamespace !== null) return userNamespace
  const special = specialFix(failure, readings)
  if (special !== null) return special
  if (isRefusal(failure) && readings.filtered) return [containerFilter(readings.container, failure.syscall)]
  if (trial === 'user' && isRefusal(failure)) {
    return [
      'user namespaces are refused to processes in a chroot(2) and by some security modules: leave it, or ask yours',
    ]
  }
  return [`see the manual page of ${failure.syscall}, and report it if it says nothing about ${failure.errno}`]
}

/** Limits in /proc/sys/user. */
export const namespaceLimits = ['user', 'pid', 'mnt', 'ipc', 'uts', 'cgroup', 'net'].map(
  (kind) => `max_${kind}_namespaces`,
)

/** Kernels that first had a call, or the flag of it that we need. */
const since: Readonly<Record<string, string>> = {
  clone3: '5.3',
  fsopen: '5.2',
  fsconfig: '5.2',
  fsmount: '5.2',
  open_tree: '5.2',
  move_mount: '5.2',
  openat2: '5.6',
  close_range: '5.11',
  mount_setattr: '5.12',
  landlock_create_ruleset: '5.13',
}

function newerKernel(syscall: string): string {
  const version = since[syscall]
  return version === undefined
    ? `run a kernel that has ${syscall}`
    : `run Linux ${version} or later, which has ${syscall}`
}

function isRefusal({ errno }: Failure): boolean {
  return errno === 'EPERM' || errno === 'EACCES'
}

/** Every trial makes a user namespace, so whatever limit is 0 counts, not only that of the trial. */
function exhausted({ namespacesMax }: Readings): readonly string[] {
  const zero = [...namespacesMax].filter(([, most]) => most === 0).map(([name]) => name)
  return (zero.length === 0 ? ['max_user_namespaces'] : zero).flatMap((name) => sysctl(`user.${name}`, '15000'))
}

/** What keeps a caller from user namespaces, or from using one. */
function userNamespaceFix(readings: Readings): readonly string[] | null {
  if (readings.caller === 'root of a namespace') {
    return [
      'this root is one of a user namespace that has no 65534, and cannot give that id to a program:',
      'start sandbox-exec outside of it, or give it more ids (subuid(5), newuidmap(1))',
    ]
  }
  if (readings.caller === 'root') return null
  if (readings.unprivilegedUserNamespaces === 0) return sysctl('kernel.unprivileged_userns_clone', '1')
  if (readings.appArmorRestricts === 1) return appArmorFix(readings.launcher)
  return null
}

/** Lines that set a value now and at every start. */
function sysctl(name: string, value: string): readonly string[] {
  return [
    `as root: echo '${name} = ${value}' > /etc/sysctl.d/60-palisade.conf`,
    `         sysctl -p /etc/sysctl.d/60-palisade.conf`,
  ]
}

/** Ubuntu lets only programs with a profile use user namespaces; this one confines nothing else. */
function appArmorFix(launcher: string): readonly string[] {
  return [
    'as root, write this to /etc/apparmor.d/palisade-launcher:',
    '  abi <abi/4.0>,',
    '  include <tunables/global>',
    `  profile palisade-launcher "${launcher}" flags=(unconfined) {`,
    '    userns,',
    '  }',
    'and load it: apparmor_parser -r /etc/apparmor.d/palisade-launcher',
  ]
}

function specialFix({ step, syscall, errno }: Failure, readings: Readings): readonly string[] | null {
  // mount_too_revealing of fs/namespace.c: a new procfs must not show what the old one hides.
  if (step === 'filesystem.mount-proc' && errno === 'EPERM') return [unmaskedProc(readings.container)]
  if (step === 'network.add-veth' && errno === 'EOPNOTSUPP') {
    return ['as root: modprobe veth; echo veth > /etc/modules-load.d/palisade.conf']
  }
  if (syscall.startsWith('landlock') && errno === 'EOPNOTSUPP') {
    return ['add landlock to the boot parameter lsm= (the current list is in /sys/kernel/security/lsm), and restart']
  }
  return null
}

function unmaskedProc(container: Readings['container']): string {
  const text = 'this container hides parts of /proc, so the kernel lets nobody inside mount another one: '
  switch (container) {
    case 'docker':
      return `${text}start it with --security-opt systempaths=unconfined`
    case 'podman':
      return `${text}start it with --security-opt unmask=ALL`
    case 'none':
      return `${text}start it with an unmasked /proc (Kubernetes: procMount: Unmasked)`
  }
}

/** What gives a caller the key that seals kept plans (persistent-keyring(7)). */
export function keyFix(errno: string, container: Readings['container']): readonly string[] {
  const named = 'or name a directory that no sandbox may write: --plans DIRECTORY'
  switch (errno) {
    case 'ENOSYS':
    case 'EOPNOTSUPP':
      return [`run a kernel with CONFIG_PERSISTENT_KEYRINGS, ${named}`]
    case 'EDQUOT':
      return [`raise kernel.keys.maxkeys and maxbytes (sysctl(8)), ${named}`]
    default:
      return [`${containerFilter(container, 'keyctl and add_key')}, ${named}`]
  }
}

function containerFilter(container: Readings['container'], syscall: string): string {
  const option = container === 'none' ? 'the filter of whatever started this process' : '--security-opt seccomp=FILE'
  return `a seccomp filter is in force here already and may refuse ${syscall}: allow it there (${option})`
}
