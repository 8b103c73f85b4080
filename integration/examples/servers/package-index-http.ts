/** The program of a Python package index: files over HTTPS, a folder by its index.html, as PEP 503 has it. */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { listen } from './listen.js'

const [root = ''] = listen((request, response) => void serve(request, response))

async function serve({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
  // URL resolves each `..`: the path stays below the root.
  const { pathname } = new URL(url, 'https://pypi.example.test')
  const isPage = pathname.endsWith('/')
  const content = await readFile(join(root, pathname, isPage ? 'index.html' : '')).catch(() => null)
  const type = isPage ? 'text/html; charset=utf-8' : 'application/octet-stream'
  response.writeHead(content === null ? 404 : 200, { 'content-type': type }).end(content ?? '')
}
