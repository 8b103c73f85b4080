/** A unit as `systemd unit` writes it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask, said, show, type Check } from './guest.js'

const unit = 'made.service'
// In the guest: from build-test/vm-tests/systemd of the project.
const launcher = join(import.meta.dirname, '../../../build/Release/palisade-launcher')

/** In this order. */
export const madeChecks: readonly Check[] = [
  {
    name: 'systemd unit writes a unit, and systemd check finds nothing in it',
    expected: `0 /run/systemd/system/${unit}: nothing that would break the sandbox\n`,
    found: async () => {
      const command = ['/usr/bin/node', '/srv/service/service.js', '8080']
      const made = await ask(launcher, 'systemd', 'unit', '/etc/palisade/made.yaml', '--', ...command)
      writeFileSync(`/run/systemd/system/${unit}`, made.stdout)
      const checked = await ask(launcher, 'systemd', 'check', `/run/systemd/system/${unit}`)
      return `${checked.code} ${made.stderr}${checked.stdout}${checked.stderr}`
    },
  },
  {
    name: 'systemd reads it without a warning, and starts it as its own user, with a directory of its own',
    expected: 'active served by uid 1001\n: ',
    found: async () => {
      await ask('systemctl', 'daemon-reload')
      const started = await ask('systemctl', 'start', unit)
      await said(unit, 'serving')
      const { stdout, stderr } = await ask('curl', '-sS', 'http://127.0.0.1:18083/')
      const { stderr: warned } = await ask('systemd-analyze', 'verify', `/run/systemd/system/${unit}`)
      return `${await show(unit, 'ActiveState')} ${stdout}${stderr}${started.stderr}: ${warned}`
    },
  },
  {
    name: 'systemd-analyze security: its exposure is below 5, that of the same program in a unit of its own above 9',
    expected: /^made [0-4]\.\d, alone 9\.\d$/,
    found: async () => `made ${await exposure(unit)}, alone ${await exposure('alone.service')}`,
  },
  {
    name: 'it stops, with nothing left',
    expected: '0 inactive',
    found: async () => {
      const { code } = await ask('systemctl', 'stop', unit)
      return `${code} ${await show(unit, 'ActiveState')}`
    },
  },
]

async function exposure(name: string): Promise<string> {
  const { stdout, stderr } = await ask('systemd-analyze', '--no-pager', 'security', name)
  return /exposure level for .*: (\S+)/.exec(stdout)?.[1] ?? `${stdout}${stderr}`
}
