import { realpathSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { compile, type CompiledPlan, type CompileOptions } from '../compiler/compile.js'
import { questionsOf } from '../compiler/questions.js'
import { HostError, InternalError } from '../core/errors.js'
import { log } from '../core/log.js'
import type { Launcher } from '../host/cgroup.js'
import type { HostFacts } from '../host/facts.js'
import { hostFiles, type Files } from '../host/files.js'
import { findCommand } from '../host/find-command.js'
import { homeOfCaller } from '../host/home.js'
import { lostVariables, neededDirectory, refuseLostVariables, workingDirectory } from '../host/lost-bytes.js'
import { ownPaths } from '../host/own-paths.js'
import { lookUp } from '../host/paths.js'
import { probe, type Kernel } from '../host/probe.js'
import type { HiddenPath } from '../layers/filesystem/hide.js'
import { notOpenYet } from '../layers/report/report.js'
import { loadPolicy, type LoadedPolicy } from '../policy/load.js'
import { policyBytesMax } from '../policy/source.js'
import { variablesOf, type Variables } from '../policy/variables.js'
import { loadAddon } from './addon.js'
import { hiddenPlaces } from './kept-place.js'

export interface Prepared {
  readonly policy: LoadedPolicy
  readonly plan: CompiledPlan
  readonly facts: HostFacts
}

/** Where the Report goes: to an open descriptor, or to a file that is opened once there is a plan (`notOpenYet`). */
export type ReportTarget = { readonly descriptor: number } | { readonly file: string }

/** What a plan is made for. */
export interface Start {
  readonly argv: readonly string[]
  readonly report: ReportTarget | null
  /** The name that sandbox-exec was started by. */
  readonly startedAs: string | undefined
  /** Where plans may be kept. */
  readonly hiddenPaths: readonly HiddenPath[]
  /** Files of Palisade's that will be read again. */
  readonly ownFiles?: readonly string[]
  /** Who becomes the launcher: this process, by execve(2), or one that it makes, beside which it stays. */
  readonly launcher?: Launcher
  /** Whether the time of each step is told at the end. */
  readonly timings?: boolean
  /** Somebody only asks: what a service manager would pass is not there. */
  readonly onlyAsks?: boolean
}

/** The search path for commands: that of the policy's environment, else the usual one. Never the caller's. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** What a plan is made from, beside the policy and the program's arguments. */
export interface Looked {
  /** The program's file. */
  readonly path: string
  readonly facts: HostFacts
  readonly options: CompileOptions
}

/**
 * Looks at the host for a run of `argv`.
 * @throws HostError, CommandError: nothing has been made or changed then.
 */
export async function look(policy: LoadedPolicy, start: Start, kernel: Kernel, files: Files): Promise<Looked> {
  const { argv, report, hiddenPaths, timings = false, onlyAsks = false } = start
  refuseLostVariables(policy.policy.process.environment.pass)
  const path = commandPath(argv[0] ?? '', policy, files)
  const ownPaths = protectedPaths(policy, start, report, files)
  const facts = await probe(questionsOf(policy.policy, path, { ownPaths, hiddenPaths }), kernel, files, start.launcher)
  log('debug', 'host looked at', { arch: facts.arch, release: facts.release, landlock: facts.landlock })
  return { path, facts, options: { reportDescriptor: descriptorOf(report), ownPaths, hiddenPaths, timings, onlyAsks } }
}

/**
 * Everything before the launch but the policy, which has been read: looks at the host, makes the plan of running `argv`.
 * @throws PolicyError, HostError, CommandError: nothing has been made or changed then.
 */
export async function prepare(policy: LoadedPolicy, start: Start, files: Files, kernel?: Kernel): Promise<Prepared> {
  const { path, facts, options } = await look(policy, start, kernel ?? loadAddon(), files)
  const plan = compile(policy, facts, { path, arguments: start.argv }, options)
  log('debug', 'plan made', { steps: plan.steps.length })
  return { policy, plan, facts }
}

/** As a run would have it, for whoever only asks. */
export function prepareToTell(policy: string, argv: readonly string[]): Promise<Prepared> {
  const start: Start = {
    argv,
    report: null,
    startedAs: process.argv[1],
    hiddenPaths: hiddenPlaces(hostFiles),
    onlyAsks: true,
  }
  return prepare(readPolicy(policy, callerVariables(), hostFiles), start, hostFiles)
}

/** Only what could be written needs protection. */
function protectedPaths(
  policy: LoadedPolicy,
  { startedAs: name, ownFiles = [] }: Pick<Start, 'startedAs' | 'ownFiles'>,
  report: ReportTarget | null,
  files: Files,
): readonly string[] {
  if (policy.policy.filesystem.write.length === 0) return []
  const startedAs = name === undefined ? undefined : absolute(name, 'sandbox-exec')
  const reportFile = report !== null && 'file' in report ? [absolute(report.file, 'the Report')] : []
  return [...ownPaths(files, startedAs), ...policyPaths(policy), ...reportFile, ...ownFiles]
}

function descriptorOf(report: ReportTarget | null): number | null {
  if (report === null) return null
  return 'file' in report ? notOpenYet : report.descriptor
}

/** The names too: behind a symlink that the program may replace, the next run would read another policy. */
function policyPaths({ sources, names }: LoadedPolicy): readonly string[] {
  return [...sources, ...names.map((name) => absolute(name, 'the policy'))]
}

/** Not resolve(): it would take the `..` of `link/..` for the directory that holds the link. */
export function absolute(name: string, what: string): string {
  return isAbsolute(name) ? name : `${neededDirectory(what)}/${name}`
}

/** Reads a policy and its bases; throws `PolicyError` with everything that is wrong with them. */
export function readPolicy(file: string, variables: Variables, files: Files): LoadedPolicy {
  const policyFiles = {
    // One byte more than a policy may have: a device or a pipe as a policy must not be read for ever.
    read: (path: string) => files.read(absolute(path, 'the policy'), policyBytesMax + 1),
    realPath: (path: string) => realPath(absolute(path, 'the policy'), files),
  }
  if (!isAbsolute(file)) neededDirectory('the policy')
  const policy = loadPolicy(file, policyFiles, variables)
  log('debug', 'policy read', { sources: policy.sources })
  return policy
}

function realPath(path: string, files: Files): string {
  const real = realpathSync(path)
  // The same walk once more, by somebody who remembers it.
  if (lookUp(path, '', files).facts?.real === real) return real
  throw new HostError('', `${path} to stay as it is during a look at it`, 'another path', 'run it again')
}

function commandPath(name: string, policy: LoadedPolicy, files: Files): string {
  const isRelative = name.includes('/') && !isAbsolute(name)
  return findCommand(name, searchPath(policy), isRelative ? neededDirectory('the command') : '/', files)
}

/** What a variable stands for must be what the caller wrote: else it has no value. */
export function callerVariables(): Variables {
  const uid = process.getuid?.()
  if (uid === undefined) throw new InternalError('no ids on this platform')
  const lost = new Set(lostVariables(Object.keys(process.env)))
  const environment = Object.entries(process.env).flatMap(([name, value]): [string, string][] =>
    value === undefined || lost.has(name) ? [] : [[name, value]],
  )
  const home = lost.has('HOME') ? '' : homeOfCaller()
  return variablesOf({ uid, home, directory: workingDirectory() ?? '' }, new Map(environment))
}

function searchPath({ policy }: LoadedPolicy): string {
  return policy.process.environment.set['PATH'] ?? usualPath
}
