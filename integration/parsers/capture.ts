import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'

/**
 * What a client sends before the server says anything. `connect` gets the port of a server on loopback that ends its
 * side at the first byte; the client's bytes until it goes, too, are the result.
 */
export async function firstFlight(connect: (port: number) => Promise<unknown>): Promise<Buffer> {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const [flight] = await Promise.all([collect(server), connect(address.port)])
  server.close()
  return flight
}

async function collect(server: ReturnType<typeof createServer>): Promise<Buffer> {
  const socket = await new Promise<Socket>((resolve) => {
    server.once('connection', resolve)
  })
  const parts: Buffer[] = []
  socket.on('data', (part: Buffer) => {
    parts.push(part)
    socket.end()
  })
  // A client that resets the connection has sent all it will.
  socket.on('error', () => {})
  await new Promise((resolve) => {
    socket.once('close', resolve)
  })
  return Buffer.concat(parts)
}
