/**
 * ask.js: reads { policy, program, questions } as JSON from stdin, lets `explain` answer each question from the plan,
 * runs that very plan, which tries each for real, and prints both answers as JSON. Its own user is the caller.
 */
import { spawn } from 'node:child_process'
import { closeSync, readFileSync, realpathSync } from 'node:fs'
import { z } from 'zod'
import { hostFor } from '../../src/host/inside.js'
import { compile, type CompiledPlan } from '../../src/compiler/compile.js'
import type { Answer } from '../../src/compiler/explain-answer.js'
import { explainConnect } from '../../src/compiler/explain-connect.js'
import { explainPath } from '../../src/compiler/explain-path.js'
import { explainSyscall } from '../../src/compiler/explain-syscall.js'
import { userOf } from '../../src/compiler/explain-view.js'
import { questionsOf } from '../../src/compiler/questions.js'
import { hostFiles } from '../../src/host/files.js'
import { ownPaths } from '../../src/host/own-paths.js'
import { probe } from '../../src/host/probe.js'
import { launcherPath, loadAddon } from '../../src/launch/addon.js'
import { encodePlan } from '../../src/plan/codec.js'
import { loadPolicy } from '../../src/policy/load.js'
import { errnoName } from '../probes/probes.js'

export const question = z.discriminatedUnion('about', [
  z.strictObject({ about: z.literal('path'), path: z.string(), access: z.enum(['read', 'write', 'exec']) }),
  z.strictObject({ about: z.literal('connect'), host: z.string(), port: z.number() }),
  z.strictObject({
    about: z.literal('syscall'),
    arch: z.enum(['x86_64', 'i386']),
    name: z.string(),
    number: z.number(),
    args: z.array(z.number()),
  }),
])
export type Question = z.infer<typeof question>

export const paper = z.strictObject({ policy: z.string(), program: z.string(), questions: z.array(question) })
export type Paper = z.infer<typeof paper>

export const marked = z.array(z.strictObject({ question: z.string(), explain: z.string(), run: z.string() }))
export type Marked = z.infer<typeof marked>

/** The name whose address no resolver is asked for. */
export const knownName = { name: 'api.example.test', address: '192.0.2.20' } as const

if (process.argv[1] === import.meta.filename) process.stdout.write(JSON.stringify(await answer()))

async function answer(): Promise<Marked> {
  const { policy, program, questions } = paper.parse(JSON.parse(readFileSync(0, 'utf8')))
  const plan = await planFor(policy, program)
  const said = questions.map((one) => explain(plan, one))
  const tried = await run(plan, questions.map(lineOf))
  return questions.map((one, index) => {
    return { question: lineOf(one), explain: said[index] ?? 'nothing', run: tried[index] ?? 'nothing' }
  })
}

async function planFor(policy: string, program: string): Promise<CompiledPlan> {
  const files = { read: (path: string) => readFileSync(path), realPath: (path: string) => realpathSync(path) }
  const loaded = loadPolicy(policy, files, new Map())
  const own = [...ownPaths(hostFiles, process.argv[1]), ...loaded.sources]
  const ours = { ownPaths: own, hiddenPaths: [] }
  const asked = questionsOf(loaded.policy, program, ours)
  const facts = await probe({ ...asked, names: new Map() }, loadAddon(), hostFiles)
  const names = new Map([[knownName.name, [knownName.address]]])
  const command = { path: program, arguments: [program] }
  return compile(loaded, { ...facts, names }, command, { reportDescriptor: null, ...ours })
}

function explain(plan: CompiledPlan, one: Question): string {
  const said = answerTo(plan, one)
  return said.answer === 'denied' ? (said.errno ?? 'denied') : said.answer
}

function answerTo(plan: CompiledPlan, one: Question): Answer {
  switch (one.about) {
    case 'path':
      return explainPath(plan, one.path, one.access, hostFor(userOf(plan)))
    case 'connect':
      return explainConnect(plan, { ...one, protocol: 'tcp' })
    case 'syscall':
      return explainSyscall(plan, one.name, one.arch, one.args.map(BigInt))
  }
}

function lineOf(one: Question): string {
  switch (one.about) {
    case 'path':
      return `${one.access} ${one.path}`
    case 'connect':
      return `connect ${one.host} ${one.port}`
    case 'syscall':
      return `${one.arch === 'x86_64' ? 'native' : one.arch} ${one.number} ${one.args.join(' ')}`
  }
}

/** The program reads the questions and answers them in order. */
async function run(plan: CompiledPlan, lines: readonly string[]): Promise<readonly string[]> {
  const descriptor = loadAddon().makePlanDescriptor(encodePlan(plan))
  const child = spawn(launcherPath(), ['--plan-descriptor', '3'], {
    env: {},
    stdio: ['pipe', 'pipe', 'inherit', descriptor],
  })
  closeSync(descriptor)
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (said += part))
  child.stdin?.end(lines.map((line) => `${line}\n`).join(''))
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  return said.trimEnd().split('\n').map(wordFor)
}

function wordFor(line: string): string {
  const [word = '', number] = line.split(' ')
  if (word === 'errno') return errnoName(Number(number))
  if (word === 'unresolved') return 'EAI_NONAME'
  // Whoever blocks has been let in.
  if (word === 'ok' || word === 'blocked') return 'allowed'
  return line === 'signal 31' ? 'killed' : line
}
