import { constants } from 'node:os'
import { makeSweep, collapse, errorFor } from './fail-closed.js'
const sweep = await makeSweep()
const base = `version: 1
name: sweep
filesystem: { read: [/usr], tmp: 1M }
syscalls: { promises: [stdio, rpath, wpath, cpath, inet] }
limits: { wall: 20s, files: 64 }
`
const plans = { none: base, net: `${base}network: { egress: [{ host: 203.0.113.10, port: 443 }], loopback: true }\n` }
const only = process.argv.slice(2)
try {
  for (const uid of sweep.harness.world.uids)
    for (const [name, policy] of Object.entries(plans)) {
      if (only.length && !only.includes(`${uid}-${name}`)) continue
      const plan = await sweep.plan(uid, policy)
      const recorded = await sweep.trace(uid, plan, ['record'])
      const calls = collapse(recorded.calls)
      console.log(
        `=== ${uid} ${name}: ${recorded.calls.length} calls, ${calls.length} tried; ${recorded.status} ${recorded.executed}`,
      )
      const begin = Date.now()
      let next = 0
      const work = async () => {
        while (next < calls.length) {
          const call = calls[next++]!
          const error = (process.env['ERR'] ?? errorFor(call)) as keyof typeof constants.errno
          const run = await sweep.trace(uid, plan, [
            'fail',
            call.process,
            String(call.number),
            String(call.nth),
            String(constants.errno[error]),
          ])
          const what = run.stdout === '' ? 'refused' : run.stdout === recorded.stdout ? 'harmless' : 'PARTIAL'
          console.log(
            `${call.process} ${call.name} ${call.nth} ${call.first} ${error}: ${what} acted=${run.acted} status=${run.status} left=${run.left} ${run.stderr.trim()}`,
          )
        }
      }
      await Promise.all([work(), work()])
      console.log(`took ${Date.now() - begin} ms`)
    }
} finally {
  await sweep.harness.close()
}
