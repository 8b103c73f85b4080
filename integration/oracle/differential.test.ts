import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { generate } from '../../src/layers/seccomp/code/generate.js'
import { prove } from '../../src/layers/seccomp/proof/prove.js'
import { meaningOf } from '../../src/layers/seccomp/meaning.js'
import type { FilterRequest } from '../../src/layers/seccomp/request.js'
import { schema } from '../../src/layers/seccomp/schema.js'
import { compile } from './oracle.js'

const directory = mkdtempSync(join(tmpdir(), 'palisade-differential-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const oracle = join(directory, 'libseccomp_batch')
compile('cc', ['-D_GNU_SOURCE', '-o', oracle, 'integration/oracle/libseccomp_batch.c', '-lseccomp'])

/** As differential.ts prints it. */
const resultSchema = z.strictObject({
  policies: z.number(),
  calls: z.number(),
  callsExpressed: z.number(),
  conditional: z.number(),
  conditionalExpressed: z.number(),
  inputs: z.number(),
  longest: z.number(),
  differing: z.number(),
  wrong: z.array(z.string()),
})
type Result = z.output<typeof resultSchema>

async function differential(seed: number, policies: number, ...mode: readonly 'broken'[]): Promise<Result> {
  const program = fileURLToPath(new URL('differential.js', import.meta.url))
  // env -i: the test runner adds itself to every node that inherits its environment.
  const command = ['-i', process.execPath, program, oracle, String(seed), String(policies), ...mode]
  const { stdout } = await promisify(execFile)('env', command, { timeout: 800_000, maxBuffer: 1 << 26 })
  return resultSchema.parse(JSON.parse(stdout))
}

const seed = 20261122

t.test('10,000 random policies of all arches compile, are proven, and agree with libseccomp', async (t) => {
  const parts = await Promise.all([differential(seed, 5000), differential(seed + 1, 5000)])
  const sum = (of: (part: Result) => number): number => parts.reduce((total, part) => total + of(part), 0)
  for (const { wrong } of parts) for (const text of wrong) t.fail(text)
  const share = (of: number, all: number): string => `${of} of ${all} (${((100 * of) / all).toFixed(1)} %)`
  t.comment(`| seeds ${seed}, ${seed + 1}: ${sum((part) => part.policies)} policies, all proven`)
  t.comment(
    `| calls that libseccomp can say: ${share(
      sum((part) => part.callsExpressed),
      sum((part) => part.calls),
    )}`,
  )
  const conditional = share(
    sum((part) => part.conditionalExpressed),
    sum((part) => part.conditional),
  )
  t.comment(`| of these with conditions: ${conditional}; inputs compared: ${sum((part) => part.inputs)}`)
  t.comment(`| longest program: ${Math.max(...parts.map(({ longest }) => longest))} instructions`)
  t.equal(
    sum((part) => part.differing),
    0,
    'no disagreement',
  )
  t.equal(
    sum((part) => part.policies),
    10_000,
  )
  t.ok(sum((part) => part.conditionalExpressed) > 20_000)
  t.ok(sum((part) => part.inputs) > 5_000_000)
})

t.test('the comparison finds one wrong constant in most programs', async (t) => {
  const { policies, differing, inputs } = await differential(seed, 100, 'broken')
  t.comment(`| ${differing} of ${policies} broken programs found by ${inputs} inputs`)
  t.ok(differing > policies / 2)
})

const sampleSchema = z.object({ extends: z.string().optional(), syscalls: schema().prefault({}) })

/** The system calls' part of a sample policy, with the promises of its base. */
function sampleRequest(name: string): FilterRequest {
  const policy = sampleSchema.parse(parse(readFileSync(join('policies', name), 'utf8')))
  const base = policy.extends === undefined ? [] : sampleRequest(policy.extends).promises
  return { arch: 'x86_64', ...policy.syscalls, promises: [...base, ...policy.syscalls.promises] }
}

t.test('compile time of the sample policies, for the reader', (t) => {
  const samples = readdirSync('policies').filter((name) => name.endsWith('.yaml'))
  for (const name of samples) {
    const request = sampleRequest(name)
    const started = performance.now()
    const meaning = meaningOf(request)
    const program = generate(meaning)
    const generated = performance.now()
    const { classes, alwaysAllowed, diagrams } = prove(program, meaning)
    const took = `compiled in ${(generated - started).toFixed(0)} ms, proven in ${(performance.now() - generated).toFixed(0)} ms`
    t.comment(`| ${name}: ${program.length} instructions, ${took} (${classes} classes, ${diagrams} diagrams)`)
    t.ok(alwaysAllowed > 100, name)
  }
  t.end()
})
