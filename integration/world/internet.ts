/** The internet: a process in a net namespace of its own that serves every address of the world. */
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { isIPv6, type Server } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { addresses, link, link6, ports, services } from './addresses.js'
import { assertNever } from '../../src/core/assert-never.js'
import { request, tellParent, type Arrival } from './messages.js'
import { must } from './process.js'
import { writeAddress } from '../../src/policy/ip-address.js'

const [directory = ''] = process.argv.slice(2)
let arrivals: readonly Arrival[] = []

process.once('disconnect', () => process.exit(0))
process.on('message', (message) => void answer(message))
tellParent({ kind: 'entered', pid: process.pid })

async function answer(message: unknown): Promise<void> {
  const asked = request.parse(message)
  switch (asked) {
    case 'link':
      await configureLink()
      await Promise.all([...Object.values(addresses).flatMap(serve), ...Object.values(services).map(serveBeside)])
      return tellParent({ kind: 'serving' })
    case 'arrivals':
      await settled()
      return tellParent({ kind: 'arrivals', arrivals: [...arrivals] })
    case 'forget':
      await settled()
      arrivals = []
      return tellParent({ kind: 'arrivals', arrivals: [] })
    default:
      return assertNever(asked)
  }
}

async function configureLink(): Promise<void> {
  await must(['ip', 'address', 'add', `${link.internet}/${link.prefix}`, 'dev', 'eth0'])
  await must(['ip', 'address', 'add', `${link6.internet}/${link6.prefix}`, 'dev', 'eth0', 'nodad'])
  for (const address of [...Object.values(addresses), ...Object.values(services)]) {
    const own = isIPv6(address) ? [`${address}/128`, 'dev', 'lo', 'nodad'] : [`${address}/32`, 'dev', 'lo']
    await must(['ip', 'address', 'add', ...own])
  }
  for (const device of ['lo', 'eth0']) await must(['ip', 'link', 'set', device, 'up'])
}

function serve(address: string): readonly Promise<unknown>[] {
  const udp = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  udp.on('message', (data, { address: to, port }) => {
    arrivals = [...arrivals, { protocol: 'udp', address, port: ports.udp }]
    udp.send(data, port, to)
  })
  return [
    listen(createHttpServer(greet), address, ports.http),
    listen(createHttpsServer(tls(), greet), address, ports.https),
    listen(createHttpsServer(tls(), greet), address, ports.extra),
    once(udp.bind(ports.udp, address), 'listening'),
  ]
}

/** What answers beside a server that a test starts: the other port of its host. */
function serveBeside(address: string): Promise<unknown> {
  return listen(createHttpsServer(tls(), greet), address, ports.extra)
}

function tls() {
  return { cert: readFileSync(join(directory, 'server.pem')), key: readFileSync(join(directory, 'server.key')) }
}

function listen(server: Server, address: string, port: number): Promise<unknown> {
  server.on('connection', () => (arrivals = [...arrivals, { protocol: 'tcp', address, port }]))
  return once(server.listen(port, address), 'listening')
}

function greet({ method, url, socket }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close')
  response.end(`${method} ${url} at ${writeAddress(socket.localAddress ?? '', socket.localPort ?? 0)}\n`)
}

/** What the kernel has accepted is reported by one turn of the event loop after the question came in. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
