/** A service in its sandbox: as a unit of systemd, for its users, and what it cannot reach. */
import { readFileSync } from 'node:fs'
import { addresses } from '../../integration/world/addresses.js'
import {
  allProcesses,
  ask,
  familyOf,
  journalCursor,
  ofProcess,
  ownNamespaces,
  processesIn,
  said,
  show,
  type Check,
} from './guest.js'
import { reach } from './reach.js'

const unit = 'served.service'
const group = `/system.slice/${unit}`
const published = 18080
const unconfined = 18081
const privateSocket = '/run/systemd/private'
/** Where somebody answers whom the service may not reach. */
export const elsewhere = { host: addresses.other, port: 443 } as const

/** In this order: it is asked, crashes, is started again, and is stopped. */
export const servedChecks: readonly Check[] = [
  {
    name: 'the service answers curl, as the user of its unit',
    expected: /^served by uid 1000\nUid:\t1000\t1000\t/,
    found: async () => {
      await said(unit, 'serving')
      const { stdout, stderr } = await ask('curl', '-sS', `http://127.0.0.1:${published}/`)
      return `${stdout}${stderr}${/^Uid:.*/m.exec(ofProcess(programInside(), 'status'))?.[0] ?? ''}`
    },
  },
  {
    name: 'its unit is active, and was started once',
    expected: 'active running success 0',
    found: () => show(unit, 'ActiveState', 'SubState', 'Result', 'NRestarts'),
  },
  {
    name: 'the program, and all of the sandbox, is in the control group of the unit',
    expected: `${group}: command, program, others; outside: none`,
    found: members,
  },
  {
    name: 'its lines are in the journal under its unit',
    expected: /^serving$/m,
    found: async () => (await ask('journalctl', '--output=cat', `_SYSTEMD_UNIT=${unit}`)).stdout,
  },
  {
    name: 'control: an equal unit without a sandbox serves',
    expected: /^served by uid /,
    found: async () => {
      await said('unconfined.service', 'serving')
      return request(unconfined, '', {})
    },
  },
  ...refused('a file', 'read', { path: '/srv/secret' }, 'ENOENT'),
  ...refused('another address', 'reach', { host: elsewhere.host, port: `${elsewhere.port}` }, /^EACCES$|^ENETUNREACH$/),
  ...refused('the bus of the host', 'reach', { path: '/run/dbus/system_bus_socket' }, 'ENOENT'),
  ...refused('the journal of the host', 'reach', { path: '/run/systemd/journal/stdout' }, 'ENOENT'),
  {
    name: 'inside: the socket of process 1 is refused',
    expected: 'ENOENT',
    found: () => request(published, 'reach', { path: privateSocket }),
  },
  // It is for root alone.
  {
    name: 'control: root reaches the socket of process 1',
    expected: 'ok',
    found: () => reach({ path: privateSocket }),
  },
  {
    name: 'a program that is killed is started again, once, and serves',
    expected: /^1 active served by uid /,
    found: crash,
  },
  ...stopped(),
]

function refused(
  what: string,
  how: string,
  to: Readonly<Record<string, string>>,
  errno: Check['expected'],
): readonly Check[] {
  return [
    { name: `inside: ${what} is refused`, expected: errno, found: () => request(published, how, to) },
    { name: `control: ${what} is there without a sandbox`, expected: 'ok', found: () => request(unconfined, how, to) },
  ]
}

/** Has a service do something. */
async function request(port: number, what: string, query: Readonly<Record<string, string>>): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/${what}?${new URLSearchParams(query).toString()}`)
  return (await answer.text()).trim()
}

function programInside(): number {
  const command = ['/usr/bin/node', '/srv/service/service.js', '8080', ''].join('\0')
  const found = processesIn(unit).find((pid) => ofProcess(pid, 'cmdline') === command)
  if (found === undefined) throw new Error('no program in the sandbox')
  return found
}

/** Who is in the unit's control group, and what comes from its main process and is not. */
async function members(): Promise<string> {
  const [found = '', main = ''] = (await show(unit, 'ControlGroup', 'MainPID')).split(' ')
  const all = processesIn(unit)
  const family = familyOf(Number(main))
  const groups = family.map((pid) => ofProcess(pid, 'cgroup').trim())
  const outside = groups.filter((text) => text !== '' && text !== `0::${group}`)
  const kinds = {
    command: all.includes(Number(main)),
    program: family.includes(programInside()),
    // The launcher, which waits, and process 1 of the sandbox.
    others: all.length >= 4,
  }
  const present = Object.entries(kinds).flatMap(([name, is]) => (is ? [name] : []))
  return `${found}: ${present.join(', ')}; outside: ${outside.join(' ') || 'none'}`
}

async function crash(): Promise<string> {
  const cursor = await journalCursor()
  process.kill(programInside(), 'SIGKILL')
  await said(unit, 'serving', cursor)
  return `${await show(unit, 'NRestarts', 'ActiveState')} ${await request(published, '', {})}`
}

function stopped(): readonly Check[] {
  let namespaces = new Set<string>()
  return [
    {
      name: 'control: while it runs there are its namespaces',
      expected: 'mnt net pid user',
      found: () => {
        namespaces = new Set(processesIn(unit).flatMap(ownNamespaces))
        const kinds = [...namespaces].map((name) => name.replace(/:.*/, ''))
        return [...new Set(kinds)].toSorted().join(' ')
      },
    },
    {
      // `timeout` when it had to be killed.
      name: 'systemctl stop ends it in time, with success',
      expected: 'inactive success 0',
      found: async () => {
        await ask('systemctl', 'stop', unit)
        return show(unit, 'ActiveState', 'Result', 'ExecMainStatus')
      },
    },
    { name: 'nothing of it is left', expected: '', found: () => leftovers(namespaces) },
  ]
}

function leftovers(namespaces: ReadonlySet<string>): string {
  const mounts = (file: string): readonly string[] => readFileSync(file, 'utf8').trimEnd().split('\n')
  const before = new Set(mounts('/run/mounts-before'))
  return [
    ...processesIn(unit).map((pid) => `process ${pid}`),
    ...allProcesses()
      .flatMap(ownNamespaces)
      .filter((name) => namespaces.has(name)),
    ...mounts('/proc/1/mountinfo').filter((line) => !before.has(line)),
  ].join('\n')
}
