/**
 * launch-plan.js OPTIONS COMMAND...: the engine without the command line, for what the command line must not offer.
 * It leaves layers out, or writes the plan to a file instead of running it.
 */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { compile } from '../src/compiler/compile.js'
import { questionsOf } from '../src/compiler/questions.js'
import { findCommand } from '../src/host/find-command.js'
import { hostFiles } from '../src/host/files.js'
import { ownPaths } from '../src/host/own-paths.js'
import { probe } from '../src/host/probe.js'
import { launcherPath, launcherWords, loadAddon } from '../src/launch/addon.js'
import { encodePlan } from '../src/plan/codec.js'
import { loadPolicy } from '../src/policy/load.js'
import { variablesOf } from '../src/policy/variables.js'

export const launchOptions = z.strictObject({
  policy: z.string(),
  without: z.array(z.enum(['mount view', 'landlock', 'seccomp', 'network namespace'])).default([]),
  /** Where the plan goes; absent: it is run. */
  to: z.string().optional(),
  /** Descriptor of the Report; absent: there is none. */
  report: z.number().optional(),
})
export type LaunchOptions = z.input<typeof launchOptions>

if (process.argv[1] === import.meta.filename) await launch(process.argv.slice(2))

async function launch([options = '', ...argv]: readonly string[]): Promise<void> {
  const { policy: file, without, to, report } = launchOptions.parse(JSON.parse(options))
  const addon = loadAddon()
  const caller = { uid: process.getuid?.() ?? 0, home: process.env['HOME'] ?? '/', directory: process.cwd() }
  const variables = variablesOf(caller, new Map())
  const policy = loadPolicy(
    file,
    { read: (path) => readFileSync(path), realPath: (path) => realpathSync(path) },
    variables,
  )
  const path = findCommand(argv[0] ?? '', process.env['PATH'] ?? '', process.cwd(), hostFiles)
  const own = [...ownPaths(hostFiles, process.argv[1]), ...policy.sources]
  const ours = { ownPaths: own, hiddenPaths: [] }
  const facts = await probe(questionsOf(policy.policy, path, ours), addon, hostFiles)
  const command = { path, arguments: argv }
  const plan = encodePlan(compile(policy, facts, command, { reportDescriptor: report ?? null, ...ours, without }))
  if (to !== undefined) return writeFileSync(to, plan)
  addon.execLauncher(launcherPath(), launcherWords(), plan, [])
}
