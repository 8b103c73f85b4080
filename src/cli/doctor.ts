import { spawn } from 'node:child_process'
import { closeSync, existsSync, readFileSync, realpathSync } from 'node:fs'
import { machine, release } from 'node:os'
import { Readable } from 'node:stream'
import * as z from 'zod'
import {
  diagnose,
  isFit,
  namespaceLimits,
  type Readings,
  type Row,
  type TrialName,
  type TrialResult,
} from '../host/doctor.js'
import { ownCgroup } from '../host/cgroup.js'
import { findNft } from '../host/forwarding.js'
import { archOf } from '../host/probe.js'
import { launcherPath, loadAddon, type Addon } from '../launch/addon.js'
import { usualPlace } from '../launch/kept-place.js'
import { newestAbi } from '../layers/landlock/abi.js'
import { callsAfter, tablesOrigin } from '../layers/seccomp/seccomp.js'
import { encodePlan } from '../plan/codec.js'
import { makeTrials, reportDescriptor, type Trial } from './doctor-trials.js'
import { writeLines } from './output.js'

/** Tries every kernel feature that a sandbox needs, and prints what is missing with its fix. 1: not fit. */
export async function doctor(): Promise<number> {
  const addon = loadAddon()
  const launcher = realpathSync(launcherPath())
  const results = new Map<TrialName, TrialResult>()
  for (const trial of await makeTrials(launcher, addon)) results.set(trial.name, await attempt(trial, launcher, addon))
  const rows = diagnose(results, readHost(launcher, addon))
  writeLines(table(rows))
  return isFit(rows) ? 0 : 1
}

/** The part of a Report that a trial is about. */
const report = z.object({
  exit: z.number().optional(),
  failure: z.object({ step: z.string().default(''), syscall: z.string(), errno: z.string() }).optional(),
})

async function attempt({ name, plan }: Trial, launcher: string, addon: Addon): Promise<TrialResult> {
  const descriptor = addon.makePlanDescriptor(encodePlan(plan))
  const child = spawn(launcher, ['--plan-descriptor', '3'], {
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', descriptor, 'pipe'],
  })
  closeSync(descriptor)
  const [errors, said] = [collect(child.stdio[2]), collect(child.stdio[reportDescriptor])]
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  return resultOf(name, said(), errors())
}

/** Where the caller's own user may not walk to the launcher, its execve fails: the steps before it have worked. */
function resultOf(name: TrialName, said: string, errors: string): TrialResult {
  if (said === '') return { kind: 'broken', text: errors.trim() || 'the launcher wrote no Report' }
  const { failure, exit } = report.parse(JSON.parse(said))
  if (failure === undefined && exit !== undefined) return { kind: 'worked' }
  if (failure === undefined) return { kind: 'broken', text: errors.trim() || 'the program was ended' }
  const isPart = !['whole', 'view', 'procfs'].includes(name)
  return failure.step === 'process.execute' && isPart ? { kind: 'worked' } : { kind: 'failed', ...failure }
}

function collect(stream: unknown): () => string {
  let text = ''
  if (stream instanceof Readable) stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  return () => text
}

function readHost(launcher: string, addon: Addon): Readings {
  const limits = namespaceLimits.map((name): [string, number | null] => [name, setting(`user/${name}`)])
  return {
    caller: process.getuid?.() !== 0 ? 'user' : mapsNobody() ? 'root' : 'root of a namespace',
    launcher,
    release: release(),
    namespacesMax: new Map(limits.flatMap(([name, most]) => (most === null ? [] : [[name, most]]))),
    unprivilegedUserNamespaces: setting('kernel/unprivileged_userns_clone'),
    appArmorRestricts: setting('kernel/apparmor_restrict_unprivileged_userns'),
    filtered: /^Seccomp:\s*2$/m.test(readFileSync('/proc/self/status', 'utf8')),
    container: existsSync('/.dockerenv') ? 'docker' : existsSync('/run/.containerenv') ? 'podman' : 'none',
    landlock: addon.landlockAbi(),
    known: { landlockAbi: newestAbi, syscalls: tablesOrigin.kernel, syscallsDate: tablesOrigin.date },
    cgroup: ownCgroup('this process'),
    nft: findNft(),
    callsAhead: callsAfter(release(), archOf(machine())).length,
    keptPlans: usualPlace(addon),
  }
}

/** Whether 65534, whom root's programs run as, exists in this user namespace (user_namespaces(7)). */
function mapsNobody(): boolean {
  const lines = readFileSync('/proc/self/uid_map', 'utf8').trim().split('\n')
  return lines.some((line) => {
    const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number)
    return inside <= 65534 && 65534 < inside + count
  })
}

/** A number of /proc/sys; null where the kernel has no such setting. */
function setting(name: string): number | null {
  const path = `/proc/sys/${name}`
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : null
}

function table(rows: readonly Row[]): readonly string[] {
  const width = Math.max(...rows.map(({ feature }) => feature.length)) + 2
  const lines = rows.flatMap(({ feature, state, detail, fix }) => [
    `${feature.padEnd(width)}${state.padEnd(11)}${detail}`,
    ...fix.map((line, index) => `${''.padEnd(width)}${index === 0 ? 'fix: ' : '     '}${line}`),
  ])
  const missing = rows.filter(({ state }) => state === 'missing').length
  const noted = rows.some(({ state }) => state === 'note')
  const every = `This host can run every sandbox${noted ? ' but those that need what is noted' : ''}.`
  const verdict = missing === 0 ? every : `Missing: ${missing}.`
  return [...lines, '', isFit(rows) ? verdict : `${verdict} Sandboxes cannot be run until that is mended.`]
}
