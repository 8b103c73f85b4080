/** The guest's units: one service in its sandbox and the same without, programs under limits, and the suite. */
import type { GuestFile } from '../host/initramfs.js'
import { target } from '../command/command.js'
import { emulatedNode } from '../command/emulated-node.js'

const sandboxed = (policy: string): string =>
  `${emulatedNode.join(' ')} ${target}/dist/cli/main.cjs --policy /etc/palisade/${policy}.yaml --`

/**
 * What a unit can have beside a sandbox of ours. Not these: ProtectKernelTunables=, ProtectKernelLogs= and ProcSubset=
 * hide parts of /proc, which no namespace may then mount anew; ProtectHostname= refuses sethostname(2) in the sandbox's
 * own namespace too; RestrictNamespaces= and RestrictSUIDSGID=, which DynamicUser= implies, answer ENOSYS to clone3(2)
 * and openat2(2); and under MemoryDenyWriteExecute= there is no Node.
 */
const hardened = `User=user
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectClock=yes
ProtectProc=invisible
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
`

const served = (sandbox: string, port: number): string => `[Service]
Type=exec
ExecStart=${sandbox} /usr/bin/node /srv/service/service.js ${port}
Restart=on-failure
TimeoutStopSec=30s
${hardened}`

const notified = (command: string): string => `[Service]
Type=notify-reload
ExecStart=${command}
WatchdogSec=20s
Restart=on-watchdog
FileDescriptorStoreMax=4
TimeoutStopSec=30s
${hardened}`

const activatedSocket = `[Socket]
ListenStream=18082
FileDescriptorName=web
Service=activated.service
`

/** Two units can pass sockets to one service; each has one name. */
const localSocket = `[Socket]
ListenStream=/run/activated.sock
FileDescriptorName=local
Service=activated.service
`

const activated = (command: string): string => `[Unit]
Requires=activated.socket activated-local.socket
[Service]
Type=exec
ExecStart=${command}
TimeoutStopSec=30s
${hardened}`

const limited = (limit: string, command: string, policy = 'limited'): string => `[Service]
Type=oneshot
User=user
ExecStart=${sandboxed(policy)} ${command}
StandardOutput=file:/run/%n
StandardError=inherit
${limit}`

const nest = '/bin/sh /srv/nest.sh 1 200'
/** A buffer of that size, and all of it written. */
const take = '/usr/bin/dd if=/dev/zero of=/dev/null bs=400M count=1 conv=nocreat'

/** One opener at a time: a program of ExecStopPost= is started when nothing of the unit's others is left. */
const port = '/dev/vport0p1'
const sayEnd = `/bin/sh -c '[ $$EXIT_CODE = exited ] || EXIT_STATUS=1; echo "# guest ended with $$EXIT_STATUS"'`

/** Nobody types in a guest's emergency. */
const emergency = `[Unit]
DefaultDependencies=no
SuccessAction=poweroff-immediate
FailureAction=poweroff-immediate
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo "guest: systemd is in its $$0 mode" >/dev/console; echo "# guest ended with 1" >${port}' %p
`

const units: Readonly<Record<string, string>> = {
  'palisade.target': `[Unit]
Requires=basic.target
After=basic.target
OnFailure=emergency.target
Wants=served.service unconfined.service suite.service shell.service
`,
  'served.service': `${served(sandboxed('served'), 8080)}
# What the host has mounted before there is a sandbox.
ExecStartPre=+/usr/bin/cp --update=none /proc/1/mountinfo /run/mounts-before
`,
  'unconfined.service': served('', 18081),
  'notified.service': notified(`${sandboxed('notified')} /bin/sh /srv/notified.sh`),
  // Inside it is the command that tells, whoever of the service has told it.
  'notified-plain.service': `${notified('/bin/sh /srv/notified.sh')}NotifyAccess=all\n`,
  'activated.socket': activatedSocket,
  'activated-local.socket': localSocket,
  'activated.service': activated(`${sandboxed('activated')} /usr/bin/node /srv/service/activated.js`),
  // Nothing but the program.
  'alone.service': '[Service]\nExecStart=/usr/bin/node /srv/service/service.js 18084\n',
  'unheard.service': notified(`${sandboxed('unheard')} /usr/bin/systemd-notify --ready`),
  'tasks-limited.service': limited('TasksMax=64\nMemoryMax=256M', nest),
  'tasks-free.service': limited('MemoryMax=256M', nest),
  'delegated.service': limited('Delegate=yes', nest, 'delegated'),
  'memory-limited.service': limited('MemoryMax=256M', take),
  'library.service': `[Service]
Type=oneshot
User=user
ExecStart=${emulatedNode.join(' ')} ${target}/build-test/vm-tests/library/harness.js
StandardOutput=file:/run/%n
StandardError=inherit
Delegate=yes
`,
  'emergency.service': emergency,
  'rescue.service': emergency,
  // No oneshot: systemd is still `starting` while one runs.
  'suite.service': `[Unit]
ConditionKernelCommandLine=!palisade.shell
SuccessAction=poweroff-immediate
FailureAction=poweroff-immediate
[Service]
Type=exec
ExecStart=/usr/bin/node ${target}/build-test/vm-tests/systemd/suite.js
ExecStopPost=${sayEnd}
StandardOutput=file:${port}
StandardError=file:/dev/console
`,
  'shell.service': `[Unit]
ConditionKernelCommandLine=palisade.shell
SuccessAction=poweroff-immediate
[Service]
Type=exec
ExecStart=/payload/busybox sh
StandardInput=tty-force
StandardOutput=inherit
StandardError=inherit
TTYPath=/dev/console
`,
}

/** What nobody needs here, and takes seconds under emulation. An empty file masks a unit. */
const masked = [
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'ldconfig.service',
  'modprobe@.service',
  'proc-sys-fs-binfmt_misc.automount',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'systemd-modules-load.service',
  'systemd-random-seed.service',
]

export const unitFiles: readonly GuestFile[] = [
  ...Object.entries(units).map(([name, text]) => ({ path: `/etc/systemd/system/${name}`, content: { text } })),
  ...masked.map((name) => ({ path: `/etc/systemd/system/${name}`, content: { text: '' } })),
]
