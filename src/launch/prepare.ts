import { closeSync, openSync, readSync, realpathSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { compile, type CompiledPlan } from '../compiler/compile.js'
import { questionsOf } from '../compiler/questions.js'
import { InternalError } from '../core/errors.js'
import { log } from '../core/log.js'
import { findCommand } from '../host/find-command.js'
import { homeOfCaller } from '../host/home.js'
import { lostVariables, neededDirectory, refuseLostVariables, workingDirectory } from '../host/lost-bytes.js'
import { ownPaths } from '../host/own-paths.js'
import { probe } from '../host/probe.js'
import { notOpenYet } from '../layers/report/report.js'
import { loadPolicy, type LoadedPolicy } from '../policy/load.js'
import { policyBytesMax } from '../policy/source.js'
import { variablesOf, type Variables } from '../policy/variables.js'
import { loadAddon } from './addon.js'

export interface Prepared {
  readonly policy: LoadedPolicy
  readonly plan: CompiledPlan
}

/** Where the Report goes: to an open descriptor, or to a file that is opened once there is a plan (`notOpenYet`). */
export type ReportTarget = { readonly descriptor: number } | { readonly file: string }

/** The search path for commands: that of the policy's environment, else the usual one. Never the caller's. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Everything before the launch: reads the policy, looks at the host, makes the plan of running `argv`.
 * @throws PolicyError, HostError, CommandError: nothing has been made or changed then.
 */
export async function prepare(file: string, argv: readonly string[], report: ReportTarget | null): Promise<Prepared> {
  const policy = readPolicy(file)
  log('debug', 'policy read', { sources: policy.sources })
  refuseLostVariables(policy.policy.process.environment.pass)
  const path = commandPath(argv[0] ?? '', policy)
  const reportFile = report !== null && 'file' in report ? [absolute(report.file, 'the Report')] : []
  const own = [...ownPaths(), ...policyPaths(policy), ...reportFile]
  const facts = await probe(questionsOf(policy.policy, path, own), loadAddon())
  log('debug', 'host looked at', { arch: facts.arch, release: facts.release, landlock: facts.landlock })
  const reportDescriptor = descriptorOf(report)
  const plan = compile(policy, facts, { path, arguments: argv }, { reportDescriptor, ownPaths: own })
  log('debug', 'plan made', { steps: plan.steps.length })
  return { policy, plan }
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
function absolute(name: string, what: string): string {
  return isAbsolute(name) ? name : `${neededDirectory(what)}/${name}`
}

/** Reads a policy and its bases; throws `PolicyError` with everything that is wrong with them. */
export function readPolicy(file: string): LoadedPolicy {
  const files = {
    read: readStart,
    realPath: (path: string) => realpathSync(path),
  }
  if (!isAbsolute(file)) neededDirectory('the policy')
  return loadPolicy(file, files, callerVariables())
}

function commandPath(name: string, policy: LoadedPolicy): string {
  const isRelative = name.includes('/') && !isAbsolute(name)
  return findCommand(name, searchPath(policy), isRelative ? neededDirectory('the command') : '/')
}

/** What a variable stands for must be what the caller wrote: else it has no value. */
function callerVariables(): Variables {
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

/** One byte more than a policy may have: a device or a pipe as a policy must not be read for ever. */
function readStart(path: string): Uint8Array {
  const bytes = new Uint8Array(policyBytesMax + 1)
  const file = openSync(path, 'r')
  try {
    let length = 0
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = readSync(file, bytes, length, bytes.length - length, null)
    }
    return bytes.subarray(0, length)
  } finally {
    closeSync(file)
  }
}
