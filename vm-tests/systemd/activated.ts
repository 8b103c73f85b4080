/** A service that systemd starts for whoever connects first: `activated.js` serves at each socket that it is passed. */
import { createServer } from 'node:net'

const first = 3
const names = process.env['LISTEN_PID'] === String(process.pid) ? (process.env['LISTEN_FDNAMES'] ?? '').split(':') : []
for (const [index, name] of names.entries()) {
  createServer((socket) => socket.end(`${name} by uid ${process.getuid?.()}\n`)).listen({ fd: first + index })
}
process.on('SIGTERM', () => process.exit(0))
console.log(`serving ${names.toSorted().join(' ')}`)
