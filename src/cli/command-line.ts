import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Target } from '../compiler/explain-connect.js'
import { readTarget } from '../compiler/target-words.js'
import { UsageError } from '../core/errors.js'
import { logLevels, type LogLevel } from '../core/log.js'
import { nearest } from '../policy/suggest.js'
import { bpfQuestion, type BpfQuestion } from './bpf-words.js'

export const commands = [
  'run',
  'check',
  'explain',
  'bpf',
  'plan',
  'compile',
  'systemd',
  'doctor',
  'help',
  'version',
] as const
export type CommandName = (typeof commands)[number]

interface Common {
  readonly log: LogLevel | null
}
/** The program to run: argv as given after `--`. */
export interface WithProgram {
  readonly policy: string
  readonly argv: readonly string[]
}
export interface RunInvocation extends Common, WithProgram {
  readonly command: 'run'
  /** A descriptor's number or a file's name. */
  readonly report: string | null
  /** A directory for plans that are kept; `none`: no plan is kept, or looked for. */
  readonly plans: { readonly named: string } | 'usual' | 'none'
  readonly timings: boolean
}
export interface CheckInvocation extends Common {
  readonly command: 'check'
  readonly policy: string
}
export interface PlanInvocation extends Common, WithProgram {
  readonly command: 'plan'
  readonly format: 'text' | 'json'
}
export interface CompileInvocation extends Common, WithProgram {
  readonly command: 'compile'
  /** The file that gets the plan. */
  readonly output: string
  readonly report: string | null
  readonly timings: boolean
}
export type Access = 'read' | 'write' | 'exec'
export type Question =
  | { readonly about: 'policy' }
  | { readonly about: 'key'; readonly key: string }
  | { readonly about: 'path'; readonly path: string; readonly access: Access }
  | ({ readonly about: 'connect' } & Target)
  | { readonly about: 'syscall'; readonly name: string; readonly arch: string | null }
export interface ExplainInvocation extends Common, WithProgram {
  readonly command: 'explain'
  readonly question: Question
}
/** What a promise stands for, without a policy. */
export interface PromiseInvocation extends Common {
  readonly command: 'explain-promise'
  readonly name: string
  readonly arch: string | null
}
export interface BpfInvocation extends Common {
  readonly command: 'bpf'
  readonly question: BpfQuestion
}
export interface SystemdInvocation extends Common {
  readonly command: 'systemd'
  readonly action: SystemdAction
}
export type SystemdAction =
  /** What in a unit would break its sandbox. */
  | { readonly kind: 'check'; readonly unit: string }
  /** A policy from a unit's own sandboxing. */
  | { readonly kind: 'import'; readonly unit: string }
  /** A unit for a policy and a program. */
  | ({ readonly kind: 'unit' } & WithProgram)
  /** The same, where systemd looks for it. */
  | ({ readonly kind: 'install' } & WithProgram)
export interface DoctorInvocation extends Common {
  readonly command: 'doctor'
}
export interface HelpInvocation extends Common {
  readonly command: 'help'
  readonly topic: CommandName | null
}
export interface VersionInvocation extends Common {
  readonly command: 'version'
}
export type Invocation =
  | RunInvocation
  | CheckInvocation
  | PlanInvocation
  | CompileInvocation
  | ExplainInvocation
  | PromiseInvocation
  | BpfInvocation
  | SystemdInvocation
  | DoctorInvocation
  | HelpInvocation
  | VersionInvocation

const options = {
  policy: { type: 'string', short: 'p' },
  report: { type: 'string' },
  plans: { type: 'string' },
  'no-plans': { type: 'boolean' },
  plan: { type: 'string' },
  output: { type: 'string', short: 'o' },
  timings: { type: 'boolean' },
  json: { type: 'boolean' },
  path: { type: 'string' },
  access: { type: 'string' },
  connect: { type: 'string' },
  syscall: { type: 'string' },
  arch: { type: 'string' },
  format: { type: 'string' },
  tables: { type: 'string' },
  try: { type: 'string', multiple: true },
  raw: { type: 'string' },
  import: { type: 'string' },
  caps: { type: 'string' },
  log: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const satisfies ParseArgsConfig['options']
export type OptionName = keyof typeof options

/** Which options each command takes; any other is an error. */
export const optionsOf: Readonly<Record<CommandName, readonly OptionName[]>> = {
  run: ['policy', 'report', 'plans', 'no-plans', 'plan', 'timings', 'log'],
  check: ['policy', 'log'],
  explain: ['policy', 'path', 'access', 'connect', 'syscall', 'arch', 'log'],
  bpf: ['policy', 'arch', 'tables', 'format', 'try', 'raw', 'import', 'caps', 'log'],
  plan: ['policy', 'json', 'log'],
  compile: ['policy', 'output', 'report', 'timings', 'log'],
  systemd: ['policy', 'log'],
  doctor: ['log'],
  help: ['log'],
  version: ['log'],
}

/** Reads the words after `sandbox-exec`. Everything after `--` belongs to the program. Throws `UsageError`. */
export function parseCommandLine(words: readonly string[]): Invocation {
  const end = words.indexOf('--')
  const ours = end === -1 ? words : words.slice(0, end)
  const argv = end === -1 ? null : words.slice(end + 1)
  const { values, positionals } = parse(ours, argv)
  const [word, ...operands] = positionals
  const log = values.log === undefined ? null : oneOf('--log', values.log, logLevels)
  if (values.version === true) return { command: 'version', log }
  const command = word === undefined ? 'run' : commandNamed(word, argv)
  if (values.help === true) return { command: 'help', log, topic: word === undefined ? null : command }
  refuseForeign(command, values)
  switch (command) {
    case 'run':
      none(operands)
      // In this form the launcher runs it, and asks nobody.
      if (values.plan !== undefined)
        throw new UsageError('a plan stands alone: --plan FILE [-- PROGRAM [ARGUMENT...]]; other options go to compile')
      return {
        command,
        log,
        ...program(values.policy, argv),
        report: values.report ?? null,
        plans: plansOf(values),
        timings: values.timings ?? false,
      }
    case 'check':
      return {
        command,
        log,
        policy: policyOf(values.policy ?? operands[0], operands.slice(values.policy === undefined ? 1 : 0)),
      }
    case 'plan':
      none(operands)
      return { command, log, ...program(values.policy, argv), format: values.json === true ? 'json' : 'text' }
    case 'explain':
      if (values.policy === undefined && operands[0] !== undefined && argv === null) {
        none(operands.slice(1))
        return { command: 'explain-promise', log, name: operands[0], arch: values.arch ?? null }
      }
      return {
        command,
        log,
        ...program(values.policy, argv ?? ['/bin/true']),
        question: questionOf(values, operands),
      }
    case 'bpf':
      if (argv !== null) throw new UsageError('bpf runs no program: nothing goes after --')
      return { command, log, question: bpfQuestion(values, operands) }
    case 'compile':
      if (values.output === undefined || values.output === '') throw new UsageError('no file for the plan: -o FILE')
      none(operands)
      return {
        command,
        log,
        ...program(values.policy, argv),
        output: values.output,
        report: values.report ?? null,
        timings: values.timings ?? false,
      }
    case 'systemd':
      return { command, log, action: systemdAction(operands, values.policy, argv) }
    case 'help':
      none(operands.slice(1))
      return { command, log, topic: operands[0] === undefined ? null : oneOf('help', operands[0], commands) }
    case 'doctor':
    case 'version':
      none(operands)
      return { command, log }
  }
}

type Values = ReturnType<typeof parse>['values']

function parse(words: readonly string[], argv: readonly string[] | null) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true })
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error)
    throw new UsageError(`${message}${optionHint(message)}${argv === null ? afterDashes : ''}`, { cause: error })
  }
}

const afterDashes = ' (a program to run goes after --)'

/** Most unknown options are a known one with a slip, or stand in the program's words when `--` was forgotten. */
function optionHint(message: string): string {
  const unknown = /^Unknown option '-{1,2}([^']+)'/.exec(message)?.[1]
  const near = unknown === undefined ? null : nearest(unknown, Object.keys(options))
  return near === null ? '' : `; did you mean --${near}?`
}

function commandNamed(word: string, argv: readonly string[] | null): CommandName {
  const found = commands.find((command) => command === word)
  if (found !== undefined) return found
  throw new UsageError(`no command ${word}${commandHint(word)}${argv === null ? afterDashes : ''}`)
}

function commandHint(word: string): string {
  if (/\.(ya?ml|json)$/.test(word)) return `; did you mean --policy ${word}?`
  const near = nearest(word, commands)
  return near === null ? '' : `; did you mean ${near}?`
}

function refuseForeign(command: CommandName, values: Values): void {
  const foreign = Object.keys(values).find((name) => !optionsOf[command].some((option) => option === name))
  if (foreign !== undefined) throw new UsageError(`${command} takes no --${foreign}`)
}

function program(policy: string | undefined, argv: readonly string[] | null): WithProgram {
  if (argv === null || argv.length === 0) throw new UsageError('no program: put it after --')
  return { policy: policyOf(policy, []), argv }
}

function policyOf(policy: string | undefined, rest: readonly string[]): string {
  none(rest)
  if (policy === undefined || policy === '') throw new UsageError('no policy: --policy FILE')
  return policy
}

function systemdAction(
  [word, operand, ...rest]: readonly string[],
  named: string | undefined,
  argv: readonly string[] | null,
): SystemdAction {
  if (word === undefined)
    throw new UsageError('systemd: say what: check UNIT, import UNIT, unit or install POLICY -- PROGRAM')
  const kind = oneOf('systemd', word, ['check', 'import', 'unit', 'install'] as const)
  none(rest)
  if (kind === 'unit' || kind === 'install') {
    if (named !== undefined && operand !== undefined) none([operand])
    return { kind, ...program(named ?? operand, argv) }
  }
  if (operand === undefined) throw new UsageError(`systemd ${kind}: no unit: systemd ${kind} FILE.service`)
  if (named !== undefined || argv !== null)
    throw new UsageError(`systemd ${kind}: the unit says all: systemd ${kind} FILE.service`)
  return { kind, unit: operand }
}

function plansOf(values: Values): RunInvocation['plans'] {
  const { plans, 'no-plans': noPlans = false } = values
  if (plans === undefined) return noPlans ? 'none' : 'usual'
  if (noPlans) throw new UsageError('--plans and --no-plans: one of the two')
  return { named: plans }
}

function none(operands: readonly string[]): void {
  const [first] = operands
  if (first !== undefined) throw new UsageError(`${first} is one word too many (a program to run goes after --)`)
}

function questionOf(values: Values, operands: readonly string[]): Question {
  none(operands.slice(1))
  const asked = [values.path, values.connect, values.syscall, operands[0]].filter((value) => value !== undefined)
  if (asked.length > 1) throw new UsageError('one question at a time: KEY, --path, --connect or --syscall')
  if (values.access !== undefined && values.path === undefined) throw new UsageError('--access goes with --path')
  if (values.arch !== undefined && values.syscall === undefined) throw new UsageError('--arch goes with --syscall')
  if (values.path !== undefined) return { about: 'path', path: values.path, access: accessOf(values.access) }
  if (values.connect !== undefined) return { about: 'connect', ...readTarget(values.connect, '--connect') }
  if (values.syscall !== undefined) return { about: 'syscall', name: values.syscall, arch: values.arch ?? null }
  return operands[0] === undefined ? { about: 'policy' } : { about: 'key', key: operands[0] }
}

function accessOf(access: string | undefined): Access {
  return access === undefined ? 'read' : oneOf('--access', access, ['read', 'write', 'exec'] as const)
}

function oneOf<const Choice extends string>(option: string, value: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value)
  if (found === undefined) throw new UsageError(`${option} is one of ${choices.join(', ')}, not ${value}`)
  return found
}
