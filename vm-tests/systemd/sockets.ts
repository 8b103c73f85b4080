/** A service behind sockets of systemd's. */
import { connect, type NetConnectOpts } from 'node:net'
import { text } from 'node:stream/consumers'
import { ask, processesIn, said, show, type Check } from './guest.js'

const unit = 'activated.service'
const sockets = ['activated.socket', 'activated-local.socket']

/** In this order. */
export const socketChecks: readonly Check[] = [
  {
    name: 'a service behind sockets is not started before somebody connects',
    expected: 'inactive, active active',
    found: async () => {
      for (const socket of sockets) await ask('systemctl', 'start', socket)
      const states = await Promise.all(sockets.map((socket) => show(socket, 'ActiveState')))
      return `${await show(unit, 'ActiveState')}, ${states.join(' ')}`
    },
  },
  {
    name: 'who connects to its TCP port is served, and has waited until it was there',
    expected: 'web by uid 1000\n',
    found: () => answerOf({ host: '127.0.0.1', port: 18082 }),
  },
  {
    name: 'and who connects to its socket file',
    expected: 'local by uid 1000\n',
    found: () => answerOf({ path: '/run/activated.sock' }),
  },
  {
    name: 'it was passed both, by their names',
    expected: 'active',
    found: async () => {
      await said(unit, 'serving local web')
      return show(unit, 'ActiveState')
    },
  },
  {
    name: 'stopped, it leaves nothing, and its sockets wait for the next',
    expected: 'inactive 0, active active, web by uid 1000\n',
    found: async () => {
      await ask('systemctl', 'stop', unit)
      const left = `${await show(unit, 'ActiveState')} ${processesIn(unit).length}`
      const states = await Promise.all(sockets.map((socket) => show(socket, 'ActiveState')))
      return `${left}, ${states.join(' ')}, ${await answerOf({ host: '127.0.0.1', port: 18082 })}`
    },
  },
]

async function answerOf(to: NetConnectOpts): Promise<string> {
  return text(connect(to))
}
