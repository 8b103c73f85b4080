/** `npm run demo`: one policy, real curl, and what it could and could not reach in a world made for the occasion. */
import { join } from 'node:path'
import { attempts, type Attempt, type Refusal } from './attempts.js'
import type { Outcome } from '../world/process.js'
import { makeWorld, type World } from '../world/world.js'

interface Row {
  readonly attempt: Attempt
  readonly free: Outcome
  readonly confined: Outcome
}

const checkout = join(import.meta.dirname, '../../..')
const policy = join(checkout, 'policies/single-https.yaml')
const sandboxExec = [process.execPath, join(checkout, 'dist/cli/main.cjs'), '--policy', policy, '--']

const world = await makeWorld()
try {
  const rows: Row[] = []
  for (const attempt of attempts(world)) rows.push(await tryBoth(world, attempt))
  console.log(introduction())
  console.log(table([['curl tried', 'without', 'in the sandbox', 'who said no'], ...rows.map(cells)]))
  const wrong = rows.filter((row) => !isAsPromised(row))
  for (const row of wrong) console.log(`\nunexpected: ${row.attempt.what}\n${row.confined.stderr}${row.free.stderr}`)
  console.log(
    wrong.length === 0 ? '\nOne endpoint was reached, and nothing else.' : '\nThis is not what the policy says.',
  )
  process.exitCode = wrong.length === 0 ? 0 : 1
} finally {
  await world.close()
}

async function tryBoth({ run }: World, attempt: Attempt): Promise<Row> {
  const curl = ['curl', '--silent', '--show-error', '--verbose', '--max-time', '10', ...attempt.arguments]
  return { attempt, free: await run(curl), confined: await run([...sandboxExec, ...curl]) }
}

/** Refused where it worked outside, and refused by a layer that was named: its errno is the evidence. */
function isAsPromised(row: Row): boolean {
  const { attempt, free, confined } = row
  if (free.code !== 0) return false
  return attempt.refusals.length === 0 ? confined.code === 0 : refusalOf(row) !== null
}

function refusalOf({ attempt, confined }: Row): Refusal | null {
  if (confined.code === 0 || confined.code === 125) return null
  return attempt.refusals.find(({ evidence }) => evidence.test(confined.stderr)) ?? null
}

function cells(row: Row): readonly string[] {
  const { attempt, free, confined } = row
  const result = ({ code }: Outcome) => (code === 0 ? 'reached' : `refused (curl ${code})`)
  return [attempt.what, result(free), result(confined), refusalOf(row)?.by ?? '']
}

function introduction(): string {
  const user = process.getuid?.() === 0 ? 'root' : `uid ${process.getuid?.()}, without any privilege`
  return [
    'A host and an internet were made in namespaces for this; nothing outside them was touched or contacted.',
    `As ${user}: sandbox-exec --policy policies/single-https.yaml -- curl ...`,
    '',
  ].join('\n')
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const [head = [], ...body] = rows
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n')
}
