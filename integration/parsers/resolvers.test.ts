/** Real resolvers understand the stub's answers: each in its own namespaces, where the stub is the only server. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { must, run, searchPath } from '../world/process.js'
import { buildGo } from './go.js'
import { buildParser } from './parse.js'

// From build-test/integration/parsers.
const checkout = join(import.meta.dirname, '../../..')
const directory = await mkdtemp(join(tmpdir(), 'palisade-resolvers-'))
await chmod(directory, 0o755)
t.teardown(() => rm(directory, { recursive: true, force: true }))
const at = (name: string) => join(directory, name)

await buildParser()
const source = join(checkout, 'integration/parsers/resolve.c')
await must(['cc', '-Wall', '-Wextra', '-Werror', '-o', at('glibc'), source])
await must(['musl-gcc', '-Wall', '-Wextra', '-Werror', '-static', '-o', at('musl'), source])
const go = await buildGo('resolve', directory)
// One attempt of a second: musl takes REFUSED for silence.
await writeFile(at('resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
await writeFile(at('resolv-edns.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1 edns0 trust-ad\n')
await writeFile(at('nsswitch.conf'), 'hosts: dns\n')

const [v4, v6] = ['198.18.0.1', 'fd00::1']
const names = [
  ['both.example.com', 'c6120001', 'fd000000000000000000000000000001'],
  ['four.example.com', 'c6120001', '-'],
  ['six.example.com', '-', 'fd000000000000000000000000000001'],
  ['*.wild.example.com', 'c6120001', '-'],
].flat()

/** What `argv` prints where the stub is the only server. */
async function ask(argv: readonly string[], resolvConf = 'resolv.conf'): Promise<string> {
  const enter = `ip link set lo up && mount --bind ${at(resolvConf)} /etc/resolv.conf &&
    mount --bind ${at('nsswitch.conf')} /etc/nsswitch.conf && exec "$@"`
  const alone = ['unshare', '--user', '--map-root-user', '--net', '--mount', '--', 'sh', '-ec', enter, 'sh']
  const server = [process.execPath, join(import.meta.dirname, 'dns-server.js'), ...names, '--']
  const { stdout, stderr } = await run([...alone, ...server, ...argv], { env: { PATH: searchPath } })
  return `${stdout}${stderr}`
}

const both = new RegExp(`^(${v4} ${v6}|${v6} ${v4})$`)
const node = [process.execPath, join(import.meta.dirname, 'resolve.js')]
const resolvers = [
  { name: 'glibc', argv: [at('glibc')], none: '', denied: /^EAI_AGAIN$/ },
  { name: 'musl', argv: [at('musl')], none: '', denied: /^EAI_AGAIN$/ },
  { name: 'Go', argv: [go], none: '', denied: /server misbehaving$/ },
  { name: 'c-ares', argv: node, none: 'ENODATA', denied: /^EREFUSED EREFUSED$/ },
]

for (const { name, argv, none, denied } of resolvers) {
  t.test(`${name}: a granted name has the addresses that it has, any other is an error`, async (t) => {
    const questions: readonly (readonly [name: string, answer: string | RegExp])[] = [
      ['both.example.com', both],
      ['BOTH.Example.com', both],
      ['four.example.com', `${v4} ${none}`.trim()],
      ['six.example.com', `${none} ${v6}`.trim()],
      ['any.wild.example.com', `${v4} ${none}`.trim()],
      ['wild.example.com', denied],
      ['evil.example.net', denied],
    ]
    const lines = await ask([...argv, ...questions.map(([asked]) => asked)])
    for (const [index, [asked, answer]] of questions.entries()) {
      const line = lines.split('\n')[index] ?? ''
      if (typeof answer === 'string') t.equal(line, answer, asked)
      else t.match(line, answer, asked)
    }
  })
}

t.test('glibc: with EDNS', async (t) => {
  const lines = await ask([at('glibc'), 'both.example.com', 'evil.example.net'], 'resolv-edns.conf')
  t.match(lines.split('\n')[0], both)
  t.equal(lines.split('\n')[1], 'EAI_AGAIN')
})

t.test('dig: with a cookie and DO, and what it thinks of the answer', async (t) => {
  const queries = [
    ['both.example.com', '+dnssec'],
    ['evil.example.net', '+noedns'],
    ['both.example.com', 'TYPE65'],
    ['both.example.com', '+edns=1', '+noednsnegotiation'],
    ['both.example.com', '+opcode=notify'],
  ]
  // Flags belong to the name before them.
  const text = await ask(['dig', '+tries=1', '+timeout=10', ...queries.flat()])
  const [granted = '', refused = '', https = '', version = '', notify = ''] = text.split(';; Got answer:').slice(1)
  t.match(granted, /status: NOERROR/)
  t.match(granted, /flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1/)
  t.match(granted, /EDNS: version: 0, flags: do; udp: 512/)
  t.match(granted, /^both\.example\.com\.\s+60\s+IN\s+A\s+198\.18\.0\.1$/m)
  t.notMatch(granted, /malformed|extra|bad/i)
  t.match(refused, /status: REFUSED/)
  t.match(refused, /QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0/)
  t.match(https, /status: NOERROR(.|\n)*ANSWER: 0/)
  t.match(version, /status: BADVERS/)
  t.match(notify, /status: NOTIMP/)
})
