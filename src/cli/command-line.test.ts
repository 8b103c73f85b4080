import t from 'tap'
import { UsageError } from '../core/errors.js'
import { parseCommandLine } from './command-line.js'

t.test('what follows -- belongs to the program, whatever it looks like', (t) => {
  const argv = ['git', 'log', '--oneline', '--policy', 'other.yaml', '--', '-h']
  t.match(parseCommandLine(['--policy', 'p.yaml', '--', ...argv]), { command: 'run', policy: 'p.yaml', argv })
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
  ['two questions', ['explain', '-p', 'p', '--path', '/x', '--syscall', 'y'], 'one question at a time'],
  ['a port that is none', ['explain', '-p', 'p', '--connect', 'h:0'], '--connect wants HOST:PORT[/udp], not h:0'],
]
for (const [name, words, says] of slips) {
  t.test(`${name} is told with its mend`, (t) => {
    const error: unknown = t.throws(() => parseCommandLine(words))
    t.ok(error instanceof UsageError, 'as a mistake in the command line')
    t.ok(error instanceof Error && error.message.startsWith(says), error instanceof Error ? error.message : says)
    t.end()
  })
}
