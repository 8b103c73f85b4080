/** What the sandboxed units may do; by the names of the files in /etc/palisade. */
export const policies = {
  // It may make sockets and connect them: what it does not reach is not for want of a call.
  served: `version: 1
name: served
filesystem: { read: [/usr, /srv/service] }
network: { listen: [{ port: 8080, publish: 18080 }] }
syscalls: { promises: [stdio, rpath, inet, unix, threads, prot_exec] }
`,
  limited: `version: 1
name: limited
filesystem: { read: [/usr, /srv/nest.sh] }
syscalls: { promises: [stdio, rpath, wpath, proc] }
`,
  // As `limited`, with a limit of its own.
  delegated: `version: 1
name: delegated
filesystem: { read: [/usr, /srv/nest.sh] }
syscalls: { promises: [stdio, rpath, wpath, proc] }
limits: { pids: 16, memory: 256M }
`,
  // Its name is that of a unit which is there.
  alone: `version: 1
name: alone
filesystem: { read: [/usr] }
`,
  // Of a unit that the command writes.
  made: `version: 1
name: made
filesystem: { read: [/usr, /srv/service], write: ['\${STATE_DIRECTORY}'] }
network: { listen: [{ port: 8080, publish: 18083 }] }
syscalls: { promises: [stdio, rpath, inet, unix, threads, prot_exec] }
`,
  notified: notified('service: { notify: true }'),
  // Whoever is told nothing waits in vain.
  unheard: notified(''),
  // Started by the first who connects, with the sockets of its unit.
  activated: `version: 1
name: activated
filesystem: { read: [/usr, /srv/service] }
syscalls: { promises: [stdio, rpath, inet, unix, threads, prot_exec] }
service: { sockets: [web, local] }
`,
} as const

function notified(service: string): string {
  return `version: 1
name: notified
filesystem: { read: [/usr, /srv/notified.sh], exec: [/usr/bin/sleep, /usr/bin/systemd-notify] }
syscalls: { promises: [stdio, rpath, proc, exec, unix] }
${service}
`
}
