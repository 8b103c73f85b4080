import t from 'tap'
import { allArches } from './arch.js'
import { seccompNotes } from './notes.js'
import type { FilterRequest, Rule } from './request.js'
import { syscallTable } from './tables.js'
import { twinsOf } from './twins.js'

t.test('twins: every name is a call of some arch, and each knows the other', (t) => {
  const names = new Set(allArches.flatMap((arch) => [...syscallTable(arch).byName.keys()]))
  const paired = [...names].filter((name) => twinsOf(name).length > 0)
  for (const name of paired) {
    const unknown = twinsOf(name).filter((other) => !names.has(other) || !twinsOf(other).includes(name))
    t.same(unknown, [], name)
  }
  // A later table brings further ones.
  const wide = [...names].filter((name) => {
    const short = name.replace(/(?:_time64|64|32)$/, '')
    return short !== name && names.has(short) && !twinsOf(name).includes(short)
  })
  t.same(wide, [], 'no wider spelling is missing')
  t.same(twinsOf('bpf'), [], 'control: a call with one name')
  t.end()
})

t.test('notes: a promise that still grants what a rule refuses, under another name, is told', (t) => {
  const cases: readonly (readonly [promises: FilterRequest['promises'], rule: Rule, told: RegExp])[] = [
    [
      ['stdio', 'settime'],
      { syscall: 'clock_settime', action: 'kill_process' },
      /clock_settime64 on i386.* stay allowed/,
    ],
    [
      ['stdio', 'flock'],
      { syscall: 'fcntl', when: 'cmd == F_SETLEASE', action: 'kill_process' },
      /^fcntl64 on i386 stays allowed and does what fcntl does/,
    ],
    [
      ['stdio', 'prot_exec'],
      {
        syscall: 'mmap',
        arch: 'x86_64',
        when: 'prot & (PROT_WRITE | PROT_EXEC) == PROT_WRITE | PROT_EXEC',
        action: 'kill_process',
      },
      /^mmap on i386, mmap2 on i386 stay allowed and do what mmap does/,
    ],
  ]
  for (const [promises, rule, told] of cases) {
    const notes = (names: FilterRequest['promises']) => {
      const texts = seccompNotes({ promises: names, denied: 'EPERM', rules: [rule] }, 'x86_64').map(({ text }) => text)
      return texts.filter((text) => text.includes('allowed and do'))
    }
    t.match(notes(promises)[0], told, rule.syscall)
    t.equal(notes(promises).length, 1)
    t.same(notes(['stdio']), [], `control: no promise grants it, ${rule.syscall}`)
  }
  t.end()
})
