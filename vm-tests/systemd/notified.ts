/** A service of Type=notify-reload: what it tells reaches systemd, as the same service's words without a sandbox do. */
import { ask, journalCursor, processesIn, said, show, type Check } from './guest.js'

/** In this order. */
export const notifiedChecks: readonly Check[] = [
  ...['notified.service', 'notified-plain.service'].flatMap((unit) => lifeOf(unit)),
  {
    name: 'notified.service: without service.notify systemd hears nothing',
    expected: 'failed exit-code: No status data could be sent: $NOTIFY_SOCKET was not set',
    found: async () => {
      await ask('systemctl', 'start', 'unheard.service')
      const { stdout } = await ask('journalctl', '--output=cat', '_SYSTEMD_UNIT=unheard.service')
      return `${await show('unheard.service', 'ActiveState', 'Result')}: ${stdout.trim()}`
    },
  },
]

function lifeOf(unit: string): readonly Check[] {
  const control = unit === 'notified-plain.service' ? ', control' : ''
  const checks: readonly Check[] = [
    {
      name: 'is active once it has said READY=1, and its status is known',
      expected: 'active running serving 0',
      found: async () => {
        await ask('systemctl', 'start', unit)
        return show(unit, 'ActiveState', 'SubState', 'StatusText', 'NRestarts')
      },
    },
    {
      name: 'what it has stored is kept',
      expected: '1',
      found: async () => {
        await said(unit, 'stored')
        return show(unit, 'NFileDescriptorStore')
      },
    },
    {
      name: 'MAINPID= of its own leaves the main process as it is',
      expected: 'the process that systemd has started',
      found: async () => {
        await said(unit, 'told its number')
        const [main, first] = (await show(unit, 'MainPID', 'ExecMainPID')).split(' ')
        return main === first ? 'the process that systemd has started' : `${main} in place of ${first}`
      },
    },
    {
      name: 'systemctl reload waits until it has reloaded',
      expected: 'success reloaded 0',
      found: async () => {
        const { code } = await ask('systemctl', 'reload', unit)
        return `${await show(unit, 'Result', 'StatusText')} ${code}`
      },
    },
    {
      name: 'hung, it is killed by the watchdog, and started again',
      expected: 'active 1 serving',
      found: async () => {
        const cursor = await journalCursor()
        await ask('systemctl', 'kill', '--kill-whom=main', '--signal=SIGUSR1', unit)
        await said(unit, 'stored', cursor)
        return show(unit, 'ActiveState', 'NRestarts', 'StatusText')
      },
    },
    {
      name: 'and it was the watchdog',
      expected: /Watchdog timeout/,
      found: async () => (await ask('journalctl', '--output=cat', `--unit=${unit}`)).stdout,
    },
    {
      name: 'systemctl stop ends it in time, with success',
      expected: /^0 [^]*: Deactivated successfully\.$/m,
      found: async () => {
        const cursor = await journalCursor()
        const { code } = await ask('systemctl', 'stop', unit)
        const since = await ask('journalctl', `--after-cursor=${cursor}`, '--output=cat', `--unit=${unit}`)
        return `${code} ${since.stdout}`
      },
    },
    {
      name: 'it said that it stops, and nothing of it is left',
      expected: 'stopping, 0 processes',
      found: async () => {
        await said(unit, 'stopping')
        return `stopping, ${processesIn(unit).length} processes`
      },
    },
  ]
  return checks.map((check) => ({ ...check, name: `${unit}${control}: ${check.name}` }))
}
