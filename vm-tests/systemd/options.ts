/** The options that `systemd check` calls breaking, each on a unit of its own: it is as the command says. */
import { join } from 'node:path'
import { breakingOptions } from '../../src/systemd/options.js'
import { emulatedNode } from '../command/emulated-node.js'
import { ask, type Check } from './guest.js'

// In the guest: from build-test/vm-tests/systemd of the project.
const project = join(import.meta.dirname, '../../..')

export const optionChecks: readonly Check[] = [
  {
    name: 'control: a unit without such options runs its sandbox',
    expected: '0 ran\n',
    found: () => runUnder('NoNewPrivileges=yes'),
  },
  ...breakingOptions.map(({ key, example }) => ({
    name: `${key}=${example} breaks a sandbox`,
    expected: /^[1-9][0-9]* (?!ran)/,
    found: () => runUnder(`${key}=${example}`),
  })),
]

async function runUnder(property: string): Promise<string> {
  const command = [...emulatedNode, join(project, 'dist/cli/main.cjs'), '--policy', '/etc/palisade/limited.yaml']
  const unit = ['systemd-run', '--quiet', '--wait', '--pipe', '--collect', `--property=${property}`]
  const { code, stdout, stderr } = await ask(...unit, ...command, '--', '/usr/bin/echo', 'ran')
  return `${code} ${stdout}${stderr}`
}
