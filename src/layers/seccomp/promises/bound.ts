import { InternalError } from '../../../core/errors.js'
import { lazily } from '../../../core/lazily.js'
import type { Arch } from '../../../host/facts.js'
import type { Conjunction, Test, Word64 } from '../condition/test.js'
import { bound } from './bound.gen.js'

/**
 * What bind.ts makes of a condition of the promises for one call, as `npm run generate` has written it down, so that no
 * start needs to read it; null: it is none of those. A test compares all of them.
 */
export function boundTests(text: string, call: string, arch: Arch): Conjunction | null {
  const line = linesByText()
    .get(text)
    ?.find(({ arches, calls }) => arches.includes(arch) && calls.includes(call))
  return line === undefined ? null : line.tests.split(';').map(readTest)
}

interface Line {
  readonly arches: readonly string[]
  readonly calls: readonly string[]
  readonly tests: string
}

const linesByText = lazily((): ReadonlyMap<string, readonly Line[]> => {
  const byText = new Map<string, Line[]>()
  let lines: Line[] = []
  for (const line of bound().split('\n')) {
    if (!line.startsWith(' ')) byText.set(line, (lines = []))
    else {
      const [, arches = '', calls = '', tests = ''] = line.split(' ')
      lines.push({ arches: arches.split(','), calls: calls.split(','), tests })
    }
  }
  return byText
})

/** `argument&mask=value,value` or `!` for `not in`; a word above 2^32 as `high:low`; `;` between tests. */
export function writeTests(tests: Conjunction): string {
  return tests.map(writeTest).join(';')
}

function writeTest({ argument, mask, relation, values }: Test): string {
  if (relation !== 'in' && relation !== 'not in') throw new InternalError(`no sign for ${relation}`)
  return `${argument}&${writeWord(mask)}${relation === 'in' ? '=' : '!'}${values.map(writeWord).join()}`
}

function readTest(text: string): Test {
  const [argument = '', rest = ''] = text.split('&')
  const relation = rest.includes('=') ? 'in' : 'not in'
  const [mask = '', values = ''] = rest.split(relation === 'in' ? '=' : '!')
  return { argument: Number(argument), mask: readWord(mask), relation, values: values.split(',').map(readWord) }
}

function writeWord({ hi, lo }: Word64): string {
  return hi === 0 ? String(lo) : `${hi}:${lo}`
}

function readWord(text: string): Word64 {
  const colon = text.indexOf(':')
  return colon === -1
    ? { hi: 0, lo: Number(text) }
    : { hi: Number(text.slice(0, colon)), lo: Number(text.slice(colon + 1)) }
}
