/**
 * npm run fuzz -- [RUNS|SECONDSs] [TARGET]: looks for inputs on which a parser of the relay breaks a property of
 * native/fuzz/. 60s a target without arguments. If nothing fails, what was found is merged into the kept corpus.
 */
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, corpusOf, fuzz, merge, targets, type FuzzOptions, type Target } from './targets.js'

const [length = '60s', only] = process.argv.slice(2)
const match = /^(\d+)(s?)$/.exec(length)
const chosen = targets.filter((target) => only === undefined || only === target)
if (match === null || chosen.length === 0) {
  console.error(`usage: npm run fuzz -- [RUNS|SECONDSs] [${targets.join('|')}]`)
  process.exit(2)
}
const count = Number(match[1])
const limit = match[2] === 's' ? { seconds: count } : { runs: count }
for (const target of chosen) if (!(await attempt(target, limit))) process.exitCode = 1

/** Whether no input made the target fail. */
async function attempt(target: Target, limit: FuzzOptions['limit']): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'palisade-fuzz-'))
  await build(target)
  const { code, signal, stderr } = await fuzz(target, { limit, seed: 0, directory })
  if (code !== 0) {
    console.log(stderr.split('\n').slice(-60).join('\n'))
    console.log(`${target}: failed (${signal ?? `exit ${code}`}); the input is in ${directory}`)
    return false
  }
  const said = stderr.split('\n').filter((line) => /\tDONE |^Done |^stat::/.test(line))
  console.log([`${target}:`, ...said].join('\n  '))
  await keep(target, directory)
  await rm(directory, { recursive: true })
  return true
}

async function keep(target: Target, found: string): Promise<void> {
  const corpus = corpusOf(target)
  const fresh = `${corpus}.new`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { recursive: true })
  await merge(target, fresh, [corpus, found])
  await rm(corpus, { recursive: true })
  await rename(fresh, corpus)
  console.log(`  ${(await readdir(corpus)).length} inputs are kept`)
}
