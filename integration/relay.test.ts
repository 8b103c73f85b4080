/** The relay between a program and a server that do not keep up with each other. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { launcherPath } from '../src/launch/addon.js'
import type { LaunchOptions } from './launch-plan.js'
import { must, searchPath } from './world/process.js'

const environment = { env: { PATH: searchPath } }
const source = (name: string): string => join(import.meta.dirname, '../../integration/relay', name)

/** A net namespace of our own, with the right to set it up. */
const ownNetwork =
  process.getuid?.() === 0 ? ['unshare', '--net'] : ['unshare', '--user', '--map-current-user', '--keep-caps', '--net']

t.test('a server that does not read stops the program, and costs the relay nothing', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'palisade-relay-'))
  t.teardown(() => rm(directory, { recursive: true }))
  const policy = join(directory, 'policy.yaml')
  const plan = join(directory, 'plan')
  await writeFile(
    policy,
    `version: 1
name: stalled
filesystem: { read: [/usr] }
network: { egress: [{ host: 10.9.8.1, port: 7000 }] }
syscalls: { promises: [stdio, rpath, inet_client] }
process: { environment: { set: { HOME: / } } }
`,
  )
  const options: LaunchOptions = { policy, to: plan }
  const program = ['/usr/bin/python3', '-c', await readFile(source('sender.py'), 'utf8')]
  const compiler = [process.execPath, join(import.meta.dirname, 'launch-plan.js'), JSON.stringify(options)]
  await must([...compiler, ...program], environment)
  const stalled = ['/usr/bin/python3', source('stalled.py'), launcherPath(), plan]
  const output = await must([...ownNetwork, '--', ...stalled], environment)
  const [sent = 0, busySeconds, processes, status] = output.trim().split(' ').map(Number)
  t.equal(status, 0, 'the program ended by itself')
  t.ok(sent > 64 * 1024, `more than one pipe was taken: ${sent} bytes`)
  t.ok(sent < 64 * 1024 * 1024, `but not without end: ${sent} bytes`)
  t.equal(processes, 3, 'supervisor, init and relay were looked at')
  t.ok(busySeconds !== undefined && busySeconds < 0.1, `none was busy in a stalled second: ${busySeconds} s`)
})
