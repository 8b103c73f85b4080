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
  for (const line of linesByText().get(text) ?? []) {
    const [, arches = '', calls = '', tests = ''] = line.split(' ')
    if (arches.split(',').includes(arch) && calls.split(',').includes(call)) return tests.split(';').map(readTest)
  }
  return null
}

const linesByText = lazily((): ReadonlyMap<string, readonly string[]> => {
  const byText = new Map<string, string[]>()
  let lines: string[] = []
  for (const line of bound().split('\n')) {
    if (line.startsWith(' ')) lines.push(line)
    else byText.set(line, (lines = []))
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
