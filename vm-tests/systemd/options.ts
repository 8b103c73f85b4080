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
  {
    name: 'control: nor does one whose Node makes code',
    expected: '0 ran\n',
    found: () => runUnder('NoNewPrivileges=yes', 'whole'),
  },
  // They answer ENOSYS to openat2(2).
  ...['RestrictSUIDSGID=yes', 'DynamicUser=yes'].map((property) => ({
    name: `${property} breaks none`,
    expected: '0 ran\n',
    found: () => runUnder(property),
  })),
  ...breakingOptions.map(({ key, example }) => ({
    name: `${key}=${example} breaks a sandbox`,
    expected: /^[1-9][0-9]* (?!ran)/,
    found: () => runUnder(`${key}=${example}`, key === 'MemoryDenyWriteExecute' ? 'whole' : 'emulated'),
  })),
]

/** Whether the command can make code of its own, as Node does where nobody emulates it. */
type Node = 'emulated' | 'whole'

async function runUnder(property: string, node: Node = 'emulated'): Promise<string> {
  const start =
    node === 'emulated'
      ? [...emulatedNode, join(project, 'dist/cli/main.cjs')]
      : [join(project, 'build/Release/palisade-launcher'), '--no-plans']
  const command = [...start, '--policy', '/etc/palisade/limited.yaml']
  const user = property.startsWith('DynamicUser') ? [] : ['--uid=user']
  const unit = ['systemd-run', '--quiet', '--wait', '--pipe', '--collect', ...user, `--property=${property}`]
  const { code, stdout, stderr } = await ask(...unit, ...command, '--', '/usr/bin/echo', 'ran')
  return `${code} ${stdout}${stderr}`
}
