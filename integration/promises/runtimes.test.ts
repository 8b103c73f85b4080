/**
 * Programs of each runtime in the whole sandbox, where denied calls kill: they run under the promises that
 * runtimes.ts says, and do not without any one of them.
 */
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import type { PromiseName } from '../../src/layers/seccomp/promises.js'
import { makeHarness, type SandboxOutcome } from '../run.js'
import { no32Bit, skipWithout32Bit } from '../world/host-kernel.js'
import { buildRuntimes, type Run } from './runtimes.js'

const checkout = join(import.meta.dirname, '../../..')
const harness = await makeHarness()
t.teardown(() => harness.close())
const uid = harness.world.uids.at(-1) ?? 0
const programs = join(harness.world.directory, 'runtimes')
const runs = await buildRuntimes(programs, join(checkout, 'build-test/go-cache'))

interface Ended {
  readonly run: Run
  readonly taken: PromiseName | null
  readonly outcome: SandboxOutcome
}

t.test('each program runs under its promises and fails without any one of them, where denied calls kill', async (t) => {
  const possible = runs.filter(({ runtime }) => no32Bit === false || !runtime.startsWith('i386'))
  const jobs = possible.flatMap((run) => [null, ...run.own].map((taken) => ({ run, taken })))
  const ended = await twoAtATime(jobs, async ({ run, taken }): Promise<Ended> => {
    return { run, taken, outcome: await attempt(run, taken) }
  })
  for (const { run, taken, outcome } of ended) {
    const name = `${run.runtime}: ${run.act}`
    if (taken === null) {
      t.ok(worked(outcome), `${name} under ${run.needs.join(' ')}: ${endOf(outcome)} ${outcome.stderr.slice(-300)}`)
      continue
    }
    t.notOk(worked(outcome), `${name} without ${taken}: ${endOf(outcome)}`)
    const { signal, killedFor } = reportOf(outcome)
    // Without exec, execve(2) fails; all else kills.
    t.equal(signal, taken === 'exec' ? undefined : 31, `${name} without ${taken}: the signal`)
    if (signal === 31)
      t.ok(killedFor?.allowedBy.includes(taken), `${name}: the Report names a call that ${taken} allows`)
  }
  skipWithout32Bit(t, 'programs of i386')
  for (const line of table(ended)) t.comment(line)
})

t.test(
  'socket(3) of 32-bit glibc is a socketcall(2), which a policy allows with all that it can do or not at all',
  { skip: no32Bit },
  async (t) => {
    for (const { command, runtime } of runs.filter((run) => run.runtime.startsWith('i386') && run.act === 'direct')) {
      const sockets = [...command.slice(0, -1), 'sockets']
      const refused = await harness.sandboxed({ text: policyFor(['stdio', 'inet']) }, sockets, { uid })
      t.match(refused, { code: 1, stderr: /socket: Function not implemented/ }, runtime)
      const allow = `allow: [${socketCalls}]`
      const allowed = await harness.sandboxed({ text: policyFor(['stdio', 'inet'], allow) }, sockets, { uid })
      t.ok(worked(allowed), `control: ${runtime} where all of these calls are allowed: ${allowed.stderr}`)
    }
  },
)

const socketCalls = [
  'socketcall, socket, socketpair, bind, connect, listen, accept4, getsockname, getpeername, sendto, recvfrom',
  'shutdown, setsockopt, getsockopt, sendmsg, recvmsg, sendmmsg, recvmmsg, recvmmsg_time64',
].join(', ')

async function attempt(run: Run, taken: PromiseName | null): Promise<SandboxOutcome> {
  const promises = run.needs.filter((name) => name !== taken)
  return harness.sandboxed({ text: policyFor(promises) }, run.command, { uid })
}

function worked({ code, stdout }: SandboxOutcome): boolean {
  return code === 0 && stdout.endsWith('done\n')
}

const reportSchema = z.object({
  signal: z.number().optional(),
  killedFor: z.object({ syscall: z.string(), allowedBy: z.array(z.string()) }).optional(),
})

function reportOf({ report, stderr }: SandboxOutcome): z.output<typeof reportSchema> {
  if (report === '') throw new Error(`no Report: ${stderr}`)
  return reportSchema.parse(JSON.parse(report))
}

/** For people: `SIGSYS at openat`, `exit 1`, `done`. */
function endOf(outcome: SandboxOutcome): string {
  if (worked(outcome)) return 'done'
  const { signal, killedFor } = reportOf(outcome)
  if (signal === 31) return `SIGSYS at ${killedFor?.syscall ?? '?'}`
  return signal === undefined ? `exit ${outcome.code}` : `signal ${signal}`
}

/** Grants of paths and of the loopback interface are the same throughout, where the promises make use of them. */
function policyFor(promises: readonly PromiseName[], more = ''): string {
  const exec = promises.includes('exec') ? `, exec: [/usr, ${programs}]` : ''
  const network = promises.includes('inet') ? 'network: { loopback: true }\n' : ''
  return `version: 1
name: runtime
filesystem: { read: [/usr, /etc/java-17-openjdk, ${programs}], tmp: 64M${exec} }
${network}syscalls: { promises: [${promises.join(', ')}], denied: kill${more === '' ? '' : `, ${more}`} }
process: { environment: { set: { HOME: /tmp, LANG: C.UTF-8 } } }
limits: { wall: 60s, files: 1024, processes: 128 }
`
}

/** What ended each act without each of its promises, a line for each runtime and promise. */
function table(ended: readonly Ended[]): readonly string[] {
  const rows = ended.map(({ run, taken, outcome }) => {
    return [run.runtime, run.act, taken === null ? run.needs.join(' ') : `without ${taken}`, endOf(outcome)]
  })
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
}

/** For a machine with two processors. */
async function twoAtATime<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  const waiting = [...items.entries()]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1])
  }
  await Promise.all([worker(), worker()])
  return results
}
