/** Runs as a unit of the guest, and asks about the others. Prints TAP. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { must } from '../../integration/world/process.js'
import { beginTap } from '../command/tap.js'
import { harnessMs, libraryChecks } from '../library/findings.js'
import { ask, type Check } from './guest.js'
import { limitedChecks } from './limited.js'
import { madeChecks } from './made.js'
import { notifiedChecks } from './notified.js'
import { optionChecks } from './options.js'
import { elsewhere, servedChecks } from './served.js'
import { socketChecks } from './sockets.js'

const checks: readonly Check[] = [
  {
    name: 'systemd is running',
    expected: 'running\n',
    found: async () => {
      const { stdout } = await ask('systemctl', 'is-system-running', '--wait')
      return `${stdout}${(await ask('systemctl', 'list-units', '--failed', '--no-legend')).stdout}`
    },
  },
  ...servedChecks,
  ...notifiedChecks,
  ...socketChecks,
  ...madeChecks,
  ...optionChecks,
  ...limitedChecks,
  ...libraryChecks('/sys/fs/cgroup/system.slice/library.service', async () => {
    await must(['systemctl', 'start', 'library.service'], { timeoutMs: harnessMs })
    return readFileSync('/run/library.service', 'utf8')
  }),
]

const tell = await beginTap(checks.length)
const { stdout: version } = await ask('systemctl', '--version')
console.log(`# fact systemd ${/\((.*)\)/.exec(version)?.[1]}`)
await must(['ip', 'address', 'add', `${elsewhere.host}/32`, 'dev', 'lo'])
const server = createServer((socket) => socket.end()).listen(elsewhere)
await once(server, 'listening')
for (const { layer = 'service', name, expected, found } of checks) {
  const text = await answerOf(found)
  const fits = typeof expected === 'string' ? text === expected : expected.test(text)
  tell(layer, fits, name, { expected: String(expected), found: text })
}
server.close()

/** Whatever it was that went wrong: the others are asked all the same. */
async function answerOf(found: Check['found']): Promise<string> {
  try {
    return await found()
  } catch (error) {
    return String(error)
  }
}
