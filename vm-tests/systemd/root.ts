/** What scripts of packages would have made for systemd, and what the services read. */
import { join } from 'node:path'
import type { GuestFile } from '../host/initramfs.js'
import { policies } from './policies.js'

const users = [
  'root:x:0:0::/root:/bin/sh',
  'messagebus:x:101:101::/nonexistent:/usr/sbin/nologin',
  'user:x:1000:1000::/home/user:/bin/sh',
  'systemd-network:x:998:998::/:/usr/sbin/nologin',
  'nobody:x:65534:65534::/:/usr/sbin/nologin',
]
const groups = [
  'root:x:0:',
  'adm:x:4:',
  'tty:x:5:',
  'systemd-journal:x:999:',
  'messagebus:x:101:',
  'user:x:1000:',
  'systemd-network:x:998:',
  'nogroup:x:65534:',
]

/** So many processes at once as it may have, up to DEPTH: each waits for the next. */
const nest = `nest() {
  echo "$1"
  [ "$1" -ge "$2" ] || (nest "$(($1 + 1))" "$2")
}
nest "$@"
`

/** Tells its state, and watches over itself until SIGUSR1. */
const notified = `trap 'systemd-notify --reloading; systemd-notify --ready --status=reloaded' HUP
trap 'echo stopping; systemd-notify --stopping; exit 0' TERM
trap 'hung=yes' USR1
systemd-notify --ready --status=serving
systemd-notify --fd=3 --fdname=state FDSTORE=1 3</dev/null
echo stored
systemd-notify MAINPID=$$
echo told its number
while :; do
  [ "$hung" ] || systemd-notify WATCHDOG=1
  sleep 1 &
  wait $!
done
`

const texts: Readonly<Record<string, string>> = {
  '/etc/passwd': lines(users),
  '/etc/group': lines(groups),
  '/etc/machine-id': lines(['0123456789abcdef0123456789abcdef']),
  '/etc/hostname': lines(['guest']),
  '/etc/fstab': '',
  // Newer than /usr: nothing is to be made up for after an upgrade.
  '/etc/.updated': '',
  '/var/.updated': '',
  // Nobody writes this: whoever reads it only shows that it can.
  '/srv/secret': lines(['secret']),
  '/srv/service/package.json': '{ "type": "module" }',
  '/srv/nest.sh': nest,
  '/srv/notified.sh': notified,
  ...Object.fromEntries(Object.entries(policies).map(([name, text]) => [`/etc/palisade/${name}.yaml`, text])),
}

export const rootFiles: readonly GuestFile[] = [
  ...Object.entries(texts).map(([path, text]) => ({ path, content: { text } })),
  ...['service.js', 'reach.js', 'activated.js'].map((name) => ({
    path: `/srv/service/${name}`,
    content: { file: join(import.meta.dirname, name) },
  })),
]

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('')
}
