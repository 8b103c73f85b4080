/** The program of a Git server: HTTPS in front of git-http-backend(1), which speaks CGI (RFC 3875). */
import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { searchPath } from '../../world/process.js'
import { listen } from './listen.js'

const [root = '', elsewhere = ''] = listen((request, response) => handle(request, response))

function handle(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'https://git.example.test')
  // What a hostile server may say: git follows it.
  if (pathname.startsWith('/moved.git/')) {
    response.writeHead(302, { location: `${elsewhere}${pathname}${search}` }).end()
    return
  }
  const backend = spawn('git', ['http-backend'], {
    env: { ...environment(request, pathname, search), PATH: searchPath, GIT_PROJECT_ROOT: root },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  request.pipe(backend.stdin)
  void answer(backend.stdout, response)
}

/** RFC 3875, section 4.1. */
function environment(request: IncomingMessage, path: string, search: string): Readonly<Record<string, string>> {
  const { headers, method = 'GET', socket } = request
  return {
    REQUEST_METHOD: method,
    PATH_INFO: path,
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    GIT_PROTOCOL: headers['git-protocol']?.toString() ?? '',
    GIT_HTTP_EXPORT_ALL: '1',
    REMOTE_ADDR: socket.remoteAddress ?? '',
  }
}

/** RFC 3875, section 6: lines of a header, an empty line, the body. */
async function answer(output: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
  let head = Buffer.alloc(0)
  for await (const part of output) {
    if (response.headersSent) {
      response.write(part)
      continue
    }
    head = Buffer.concat([head, part])
    const end = head.indexOf('\r\n\r\n')
    if (end === -1) continue
    const { status = '200', ...fields } = Object.fromEntries(
      head.subarray(0, end).toString().split('\r\n').map(fieldOf),
    )
    response.writeHead(Number.parseInt(status, 10), fields)
    response.write(head.subarray(end + 4))
  }
  response.end()
}

function fieldOf(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}
