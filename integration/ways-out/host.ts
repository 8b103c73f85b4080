/**
 * Servers on the client host itself: what a way out that ends at the host, or on its link, would reach. Prints
 * `listening`, then one line an arrival; on TCP and UDP `hostPort`, at every address the host has.
 */
import { createSocket, type SocketType } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { link, ports } from '../world/addresses.js'
import { groups, controlPort } from './families.js'

let arrivals: readonly string[] = []
const arrived = (what: string): void => void (arrivals = [...arrivals, what])

const server = createServer((_, response) => response.end('host\n'))
server.on('connection', ({ localAddress }) => arrived(`tcp ${localAddress}`))
await once(server.listen(ports.extra, '::'), 'listening')

await echo('udp4', '0.0.0.0', [groups.local, groups.wide])
await echo('udp6', '::', [groups.local6, groups.wide6])

// The test asks here what arrived, and makes it forgotten.
const told = createServer((_, response) => {
  // What the kernel has accepted is reported by one turn of the event loop.
  setTimeout(() => {
    response.end(JSON.stringify(arrivals))
    arrivals = []
  }, 5)
})
await once(told.listen(controlPort, '127.0.0.1'), 'listening')
console.log('listening')

async function echo(type: SocketType, at: string, joined: readonly string[]): Promise<void> {
  const udp = createSocket({ type, ipv6Only: type === 'udp6' })
  udp.on('message', (data, sender) => {
    arrived(`${type} from ${sender.address}`)
    udp.send(data, sender.port, sender.address)
  })
  await once(udp.bind(ports.extra, at), 'listening')
  for (const group of joined) udp.addMembership(group, type === 'udp4' ? link.client : '::%eth0')
}
