import t from 'tap'
import { actsOf, jobFiles, type Job } from './jobs.js'

const job: Job = {
  uid: 0,
  runs: { program: ['/payload/probe', 'batch'] },
  ...actsOf('ends', [['a'], ['b'], ['c']], ['a', 'b', 'c'], ['ok', 'ok', 'ok'], ['network', 'network', 'landlock']),
}

t.test('a layer is named once for all points of it that follow each other', (t) => {
  const [file] = jobFiles([], [job]).slice(-1)
  const text = file !== undefined && file.content !== 'directory' && 'text' in file.content ? file.content.text : ''
  const words = text.split('\n').map((line) => line.split('\t').slice(0, 2).join(' '))
  t.same(words, [
    'cgroup -',
    'run 0',
    'layer network',
    'act a',
    'act b',
    'layer landlock',
    'act c',
    'layer process',
    'ends ends',
    '',
  ])
  t.end()
})

t.test('an act without a layer is no act', (t) => {
  t.throws(() => actsOf('ends', [['a']], ['a'], ['ok'], []), { message: 'no answer to a' })
  t.end()
})
