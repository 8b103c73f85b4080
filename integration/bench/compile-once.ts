/**
 * compile-once.js POLICY PROGRAM TIMES: makes the plan of a program so many times in one process, and prints how long each
 * part of it took: the number of the time, the phase, milliseconds.
 */
import { compile } from '../../src/compiler/compile.js'
import { hostFiles } from '../../src/host/files.js'
import { loadAddon } from '../../src/launch/addon.js'
import { callerVariables, look, readPolicy, type Start } from '../../src/launch/prepare.js'
import { encodePlan } from '../../src/plan/codec.js'

export const phases = ['read', 'look', 'compile', 'encode'] as const

if (process.argv[1] === import.meta.filename) await compileTimes(process.argv.slice(2))

async function compileTimes([file = '', program = '', times = '1']: readonly string[]): Promise<void> {
  for (let time = 0; time < Number(times); time += 1) {
    const marks = await compileOnce(file, program)
    const lines = phases.map((phase, index) => `${time} ${phase} ${(marks[index + 1] ?? 0) - (marks[index] ?? 0)}\n`)
    process.stdout.write(lines.join(''))
  }
}

/** When it began, and when each phase was done. */
async function compileOnce(file: string, program: string): Promise<readonly number[]> {
  const start: Start = { argv: [program], report: null, startedAs: undefined, hiddenPaths: [] }
  const marks = [performance.now()]
  const policy = readPolicy(file, callerVariables(), hostFiles)
  marks.push(performance.now())
  const { path, facts, options } = await look(policy, start, loadAddon(), hostFiles)
  marks.push(performance.now())
  const plan = compile(policy, facts, { path, arguments: start.argv }, options)
  marks.push(performance.now())
  encodePlan(plan)
  marks.push(performance.now())
  return marks
}
