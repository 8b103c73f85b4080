/**
 * dns-server.js [NAME V4|- V6|-]... -- COMMAND...: runs the command while 127.0.0.1:53 answers as the relay's stub does.
 * It ends as the command does. Started in a net namespace of its own, where the port is free.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { run, searchPath } from '../world/process.js'
import { startParser } from './parse.js'

const separator = process.argv.indexOf('--')
const parser = startParser(['dns', ...process.argv.slice(2, separator)])
const socket = createSocket('udp4')
const answer = async (query: Buffer, port: number, address: string): Promise<void> => {
  const hex = await parser.ask(query)
  if (hex !== '-') socket.send(Buffer.from(hex, 'hex'), port, address)
}
socket.on('message', (query, { address, port }) => void answer(query, port, address))
socket.bind(53, '127.0.0.1')
await once(socket, 'listening')
const { code, stdout, stderr } = await run(process.argv.slice(separator + 1), { env: { PATH: searchPath } })
process.stdout.write(stdout)
process.stderr.write(stderr)
socket.close()
parser.close()
process.exitCode = code ?? 1
