import { join } from 'node:path'
import { connect, type ConnectionOptions } from 'node:tls'
import { run, searchPath } from '../world/process.js'
import { buildGo } from './go.js'

// From build-test/integration/parsers.
const checkout = join(import.meta.dirname, '../../..')
const sources = join(checkout, 'integration/parsers')

/** A program that begins TLS with whoever listens on this port of loopback, and the verdict on what it sends. */
export interface Client {
  readonly name: string
  readonly connect: (port: number) => Promise<unknown>
  readonly verdict: string
}

const found = 'complete api.example.com'
const manyProtocols = Array.from({ length: 120 }, (_, index) => `protocol-${index}`).join(',')

/** Every TLS library of this machine; `directory` is for what has to be compiled. */
export async function makeClients(directory: string): Promise<readonly Client[]> {
  const go = await buildGo('hello', directory)
  return [
    openssl('TLS 1.2', ['-tls1_2', '-servername', 'api.example.com'], found),
    openssl('TLS 1.3', ['-tls1_3', '-servername', 'api.example.com'], found),
    openssl('upper case', ['-servername', 'API.Example.COM'], 'complete API.Example.COM'),
    openssl('a large hello', ['-servername', 'api.example.com', '-groups', groups, '-alpn', manyProtocols], found),
    openssl(
      'a large hello in several records',
      ['-servername', 'api.example.com', '-alpn', manyProtocols, '-max_send_frag', '512'],
      found,
    ),
    openssl('no name', ['-noservername'], 'no_name'),
    openssl('an address for a name', ['-servername', '127.0.0.1'], 'malformed'),
    openssl('a dot at the end', ['-servername', 'api.example.com.'], 'malformed'),
    openssl('an underscore', ['-servername', 'a_b.example.com'], 'malformed'),
    openssl('TLS 1.1', ['-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0', '-servername', 'api.example.com'], 'old_version'),
    curl('a name', 'https://api.example.com', found),
    curl('an address', 'https://127.0.0.1', 'no_name'),
    curl('no TLS', 'http://api.example.com', 'not_tls'),
    node('TLS 1.2', { servername: 'api.example.com', maxVersion: 'TLSv1.2' }, found),
    node('TLS 1.3', { servername: 'api.example.com', minVersion: 'TLSv1.3', ALPNProtocols: ['h2'] }, found),
    node('no name', {}, 'no_name'),
    program(
      'python ssl',
      (port) => ['/usr/bin/python3', join(sources, 'hello.py'), `${port}`, 'api.example.com'],
      found,
    ),
    program('Go crypto/tls', (port) => [go, `127.0.0.1:${port}`, 'api.example.com'], found),
    program('Go crypto/tls: an address', (port) => [go, `127.0.0.1:${port}`, '127.0.0.1'], 'no_name'),
  ]
}

const groups = 'X25519:P-256:P-384:P-521:X448:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192'

function program(name: string, argv: (port: number) => readonly string[], verdict: string): Client {
  return { name, verdict, connect: (port) => run(argv(port), { env: { PATH: searchPath } }) }
}

function openssl(name: string, flags: readonly string[], verdict: string): Client {
  const argv = (port: number) => ['openssl', 's_client', '-connect', `127.0.0.1:${port}`, ...flags]
  return program(`openssl: ${name}`, argv, verdict)
}

function curl(name: string, url: string, verdict: string): Client {
  const argv = (port: number) => ['curl', '-s', '-m', '20', '--connect-to', `::127.0.0.1:${port}`, `${url}:${port}/`]
  return program(`curl: ${name}`, argv, verdict)
}

function node(name: string, options: ConnectionOptions, verdict: string): Client {
  const attempt = (port: number) =>
    new Promise<void>((resolve) => {
      const socket = connect({ ...options, host: '127.0.0.1', port })
      socket.on('error', () => {})
      socket.once('close', () => resolve())
    })
  return { name: `node: ${name}`, verdict, connect: attempt }
}
