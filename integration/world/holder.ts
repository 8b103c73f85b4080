/** The client host: a process that keeps its mount and net namespace alive and wires them to the internet. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { assertNever } from '../../src/core/assert-never.js'
import { link, link6, names } from './addresses.js'
import { hostCertificates } from './certificates.js'
import { reply, tellParent } from './messages.js'
import { must, searchPath } from './process.js'

const [directory = ''] = process.argv.slice(2)
const internet = spawn(
  'unshare',
  ['--net', '--', process.execPath, join(import.meta.dirname, 'internet.js'), directory],
  { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { PATH: searchPath } },
)
// The test's end, also by SIGKILL, closes the channel: that ends all three processes, and the namespaces with them.
process.once('disconnect', () => {
  rmSync(directory, { recursive: true, force: true })
  process.exit(0)
})
internet.once('exit', () => process.exit(1))
internet.once('error', (error) => {
  throw error
})
internet.on('message', (message) => void pass(message, internet))
process.on('message', (message: string) => internet.send(message))

async function pass(message: unknown, from: ChildProcess): Promise<void> {
  const said = reply.parse(message)
  switch (said.kind) {
    case 'entered':
      await configureLink(said.pid)
      await pinFiles()
      if (process.getuid?.() === 0) await uncover([checkout, dirname(dirname(process.execPath))])
      from.send('link')
      return
    case 'serving':
      return tellParent({ kind: 'ready', internet: internet.pid ?? -1 })
    case 'ready':
    case 'arrivals':
      return tellParent(said)
    default:
      return assertNever(said)
  }
}

async function configureLink(internetPid: number): Promise<void> {
  await must(['ip', 'link', 'set', 'lo', 'up'])
  await must(['ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(internetPid)])
  await must(['ip', 'address', 'add', `${link.client}/${link.prefix}`, 'dev', 'eth0'])
  await must(['ip', 'address', 'add', `${link6.client}/${link6.prefix}`, 'dev', 'eth0', 'nodad'])
  // Else its own address would come a second or two later, and the host would look as if somebody had changed it.
  writeFileSync('/proc/sys/net/ipv6/conf/eth0/accept_dad', '0')
  await must(['ip', 'link', 'set', 'eth0', 'up'])
  await must(['ip', 'route', 'add', 'default', 'via', link.internet])
  await must(['ip', 'route', 'add', 'default', 'via', link6.internet])
}

/** Names come from /etc/hosts alone, and the CA is one of the host's; only this mount namespace sees it. The host may have no syslog. */
async function pinFiles(): Promise<void> {
  const hosts = [
    '127.0.0.1 localhost',
    ...Object.entries(names).flatMap(([name, found]) => [found].flat().map((address) => `${address} ${name}`)),
  ]
  const pinned = {
    '/etc/hosts': `${hosts.join('\n')}\n`,
    '/etc/resolv.conf': '',
    '/etc/nsswitch.conf': nsswitch,
  }
  for (const [target, content] of Object.entries(pinned)) {
    const source = join(directory, target.replaceAll('/', '_'))
    writeFileSync(source, content, { mode: 0o644 })
    await must(['mount', '--bind', source, target])
  }
  await must(['mount', '--bind', join(directory, 'certificates'), hostCertificates])
  await must(['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'none', '/var/log'])
  writeFileSync('/var/log/syslog', syslog, { mode: 0o644 })
}

/**
 * Other users must reach the checkout and Node where root keeps them, say below /root: the first directory on the way
 * that is closed to them is covered by an open one, which holds nothing else.
 */
async function uncover(paths: readonly string[]): Promise<void> {
  const covered = new Map<string, string>()
  for (const path of paths) {
    const closed = closedAncestor(path)
    if (closed !== null) covered.set(path, closed)
  }
  const kept = [...covered.keys()].map((path, index) => ({ path, place: join(directory, `kept-${index}`) }))
  for (const { path, place } of kept) {
    mkdirSync(place)
    await must(['mount', '--rbind', path, place])
  }
  for (const closed of new Set(covered.values()))
    await must(['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'none', closed])
  for (const { path, place } of kept) {
    mkdirSync(path, { recursive: true })
    await must(['mount', '--move', place, path])
    rmdirSync(place)
  }
}

function closedAncestor(path: string): string | null {
  const above = path.split('/').map((_, index, parts) => parts.slice(0, index).join('/'))
  return above.find((ancestor) => ancestor !== '' && (statSync(ancestor).mode & 0o001) === 0) ?? null
}

// From build-test/integration/world.
const checkout = join(import.meta.dirname, '../../..')
const syslog = 'host sshd[1]: Accepted\nhost cron[2]: run\nhost sshd[3]: Failed\n'
const nsswitch = 'passwd: files\ngroup: files\nhosts: files\n'
