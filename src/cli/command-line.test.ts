import t from 'tap'
import { UsageError } from '../core/errors.js'
import { parseCommandLine } from './command-line.js'

t.test('what follows -- belongs to the program, whatever it looks like', (t) => {
  const argv = ['git', 'log', '--oneline', '--policy', 'other.yaml', '--', '-h']
  t.match(parseCommandLine(['--policy', 'p.yaml', '--', ...argv]), { command: 'run', policy: 'p.yaml', argv })
  t.end()
})

t.test('--connect: one host has many spellings, and one meaning', (t) => {
  for (const [text, host, port, protocol] of [
    ['api.example.com:443', 'api.example.com', 443, 'tcp'],
    ['API.Example.com:443/tcp', 'api.example.com', 443, 'tcp'],
    ['192.0.2.1:53/udp', '192.0.2.1', 53, 'udp'],
    ['[2001:DB8:0::1]:443', '2001:db8::1', 443, 'tcp'],
    ['[::1]:65535/udp', '::1', 65_535, 'udp'],
    ['localhost:80', 'localhost', 80, 'tcp'],
  ] as const) {
    const words = ['explain', '-p', 'p', '--connect', text]
    t.match(parseCommandLine(words), { question: { about: 'connect', host, port, protocol } }, text)
  }
  t.end()
})

t.test('plans are kept as usual, where the caller says, or nowhere', (t) => {
  for (const [words, plans] of [
    [[], 'usual'],
    [['--plans', '/x'], { named: '/x' }],
    [['--no-plans'], 'none'],
  ] as const) {
    t.match(parseCommandLine(['-p', 'p', ...words, '--', 'true']), { plans })
  }
  t.end()
})

const slips: readonly (readonly [name: string, words: readonly string[], says: string])[] = [
  ['an option with a slip', ['--polcy', 'p', '--', 'true'], "Unknown option '--polcy'; did you mean --policy?"],
  ['a forgotten --', ['-p', 'p', 'git', '--oneline'], "Unknown option '--oneline' (a program to run goes after --)"],
  ['a policy without --policy', ['p.yaml', '--', 'true'], 'no command p.yaml; did you mean --policy p.yaml?'],
  ['a command with a slip', ['chekc', '--', 'true'], 'no command chekc; did you mean check?'],
  ['no program', ['--policy', 'p'], 'no program: put it after --'],
  ['no policy', ['--', 'true'], 'no policy: --policy FILE'],
  ['an option of another command', ['doctor', '--path', '/x'], 'doctor takes no --path'],
  [
    'two places for plans, and none',
    ['-p', 'p', '--plans', '/x', '--no-plans', '--', 'y'],
    '--plans and --no-plans: one',
  ],
  ['two questions', ['explain', '-p', 'p', '--path', '/x', '--syscall', 'y'], 'one question at a time'],
  ...(
    [
      ['h:0', '--connect wants HOST:PORT[/udp], not h:0; a port is one of 1 to 65535'],
      ['h:65536/udp', '--connect wants HOST:PORT[/udp], not h:65536/udp; a port is one of 1 to 65535'],
      ['[2001:db8::1]:0', '--connect wants HOST:PORT[/udp], not [2001:db8::1]:0; a port is one of 1 to 65535'],
      ['https://h:443', '--connect wants HOST:PORT[/udp] without a scheme, not https://h:443'],
      ['https://h', '--connect wants HOST:PORT[/udp] without a scheme, not https://h'],
      ['h:1/sctp', '--connect wants HOST:PORT[/udp], not h:1/sctp'],
      ['2001:db8::1:443', '--connect wants HOST:PORT[/udp], not 2001:db8::1:443; an IPv6 address goes in brackets'],
      ['127.1:80', '--connect: 127.1 is not an IPv4 address: write four decimal numbers: 192.0.2.1'],
      ['a.example.:80', '--connect: a.example. ends with a dot: remove the dot'],
      ['*.a.example:80', '--connect asks about one host: *.a.example is many'],
    ] as const
  ).map(([text, says]) => [`--connect ${text}`, ['explain', '-p', 'p', '--connect', text], says] as const),
]
for (const [name, words, says] of slips) {
  t.test(`${name} is told with its mend`, (t) => {
    const error: unknown = t.throws(() => parseCommandLine(words))
    t.ok(error instanceof UsageError, 'as a mistake in the command line')
    t.ok(error instanceof Error && error.message.startsWith(says), error instanceof Error ? error.message : says)
    t.end()
  })
}
