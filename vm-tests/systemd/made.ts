/** A unit as `systemd unit` writes it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask, said, show, type Check } from './guest.js'

const unit = 'made.service'
const file = `/etc/systemd/system/${unit}`
// In the guest: from build-test/vm-tests/systemd of the project.
const launcher = join(import.meta.dirname, '../../../build/Release/palisade-launcher')

/** In this order. */
export const madeChecks: readonly Check[] = [
  {
    name: 'systemd unit writes a unit, systemd install puts it where it belongs, and systemd check finds nothing in it',
    expected: `0 0 the same, ${file}: nothing that would break the sandbox\n`,
    found: async () => {
      const words = ['/etc/palisade/made.yaml', '--', '/usr/bin/node', '/srv/service/service.js', '8080']
      const made = await ask(launcher, 'systemd', 'unit', ...words)
      const installed = await ask(launcher, 'systemd', 'install', ...words)
      const same = readFileSync(file, 'utf8') === made.stdout ? 'the same' : `${made.stdout}${installed.stderr}`
      const checked = await ask(launcher, 'systemd', 'check', file)
      return `${installed.code} ${checked.code} ${same}, ${checked.stdout}${checked.stderr}`
    },
  },
  {
    name: 'a unit of somebody else is not written over',
    expected: '125 [Service]',
    found: async () => {
      const before = readFileSync('/etc/systemd/system/alone.service', 'utf8')
      const installed = await ask(launcher, 'systemd', 'install', '/etc/palisade/alone.yaml', '--', '/usr/bin/true')
      const after = readFileSync('/etc/systemd/system/alone.service', 'utf8')
      return `${installed.code} ${before === after ? after.split('\n')[0] : after}`
    },
  },
  {
    name: 'systemd reads it without a warning, and starts it as its own user, with a directory of its own',
    expected: /^active served by uid (?!0)\d+\n: $/,
    found: async () => {
      const started = await ask('systemctl', 'start', unit)
      await said(unit, 'serving')
      const { stdout, stderr } = await ask('curl', '-sS', 'http://127.0.0.1:18083/')
      const { stderr: warned } = await ask('systemd-analyze', 'verify', file)
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
