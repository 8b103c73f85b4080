/**
 * The service, by Node alone: `service.js PORT` answers on loopback. A request has it read a file or connect, and its
 * answer is `ok`, or the error.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { codeOf, reach } from './reach.js'

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service')
  void answer(pathname, Object.fromEntries(searchParams)).then((text) => response.end(`${text}\n`))
})

async function answer(what: string, { path = '', host, port }: Readonly<Record<string, string>>): Promise<string> {
  if (what === '/read') return read(path)
  if (what === '/reach') return reach(host === undefined ? { path } : { host, port: Number(port) })
  return `served by uid ${process.getuid?.()}`
}

function read(path: string): string {
  try {
    readFileSync(path)
    return 'ok'
  } catch (error) {
    return codeOf(error)
  }
}

process.on('SIGTERM', () => {
  console.log('asked to stop')
  server.close()
  server.closeAllConnections()
})
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('serving'))
