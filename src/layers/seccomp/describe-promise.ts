import type { Arch } from '../../host/facts.js'
import { listPromises, type ListedPromise } from './explain.js'
import type { Grant } from './promises.js'
import { syscallTable } from './tables.js'

const width = 7

/**
 * A promise as a table: its effect, the calls behind it with their numbers on each arch, and under each call the
 * conditions, one of which must hold. `-`: the arch has no such call, or the promise does not grant it there.
 */
export function describePromise({ means, grants, opens }: ListedPromise, arches: readonly Arch[]): readonly string[] {
  const column = Math.max(
    4,
    ...[...grants, ...opens].flatMap(({ calls }) => calls.split(' ')).map((call) => call.length),
  )
  const tables = arches.map(syscallTable)
  const row = (first: string, cells: readonly string[]): string => {
    return [first.padEnd(column), ...cells.map((cell) => cell.padStart(width))].join('  ')
  }
  const lines = [...grants, ...opens].flatMap((grant) => {
    const calls = grant.calls.split(' ').filter((call) => tables.some(({ byName }) => byName.has(call)))
    return calls.flatMap((call) => {
      const numbers = row(
        call,
        tables.map(({ arch, byName }) => {
          const isThere = grant.arches === undefined || grant.arches.includes(arch)
          return isThere ? String(byName.get(call)?.number ?? '-') : '-'
        }),
      )
      return [numbers, ...conditionLines(grant)]
    })
  })
  return [means, '', row('call', arches), ...lines]
}

function conditionLines({ when, with: other }: Grant): readonly string[] {
  const alternatives = (when ?? []).flatMap((text, index) => wrapped(`${index === 0 ? 'if' : 'or'} ${text}`))
  return [...alternatives, ...(other === undefined ? [] : [`    only with the promise ${other}`])]
}

/** Long lists go on in further lines. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > 100)
      lines.push(`    ${last === undefined ? '' : '   '}${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** The promise of a name, implicit or not; null: none. */
export function findPromise(name: string): ListedPromise | null {
  return listPromises().find((promise) => promise.name === name) ?? null
}
