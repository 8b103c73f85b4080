/** The launcher under AddressSanitizer and UndefinedBehaviorSanitizer, on real plans and on mutated ones. */
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { LaunchOptions } from './launch-plan.js'
import { makeHarness } from './run.js'
import { addresses } from './world/addresses.js'
import { must, run, searchPath } from './world/process.js'

const checkout = join(import.meta.dirname, '../..')
const target = (name: string): string => join(checkout, 'build/Sanitized', name)

await must(
  ['cmake', '--build', join(checkout, 'build'), '--target', 'palisade-launcher-sanitized', 'palisade-decode-fuzz'],
  { env: { PATH: searchPath }, timeoutMs: 280_000 },
)
const harness = await makeHarness()
t.teardown(() => harness.close())
const { world } = harness

/** A plan that uses every layer and every process: connections through the relay, one by name, and a published port. */
async function compilePlan(uid: number): Promise<string> {
  const policy = await harness.policyFile(`version: 1
name: sanitized
filesystem: { read: [/usr, /etc/ssl], tmp: 8M }
network:
  egress:
    - { host: ${addresses.allowed}, port: 80 }
    - { host: api.example.test, port: 443, tls: required }
  dns: stub
  listen: [{ port: 8000, publish: ${uid === 0 ? 18000 : 18001} }]
syscalls: { promises: [stdio, rpath, inet_client, unix, threads] }
`)
  const to = join(harness.own(uid), 'plan')
  const options: LaunchOptions = { policy, to }
  const compiler = [process.execPath, join(import.meta.dirname, 'launch-plan.js'), JSON.stringify(options)]
  const curl = ['/usr/bin/curl', '-sS', '-m', '10', '-w', '%{http_code}\n']
  const urls = [`http://${addresses.allowed}/`, 'https://api.example.test/']
  const compiled = await world.run([...compiler, ...curl, ...urls], { uid })
  if (compiled.code !== 0) throw new Error(compiled.stderr)
  await chmod(to, 0o644)
  return to
}

// Before the first test: tap ends when it has nothing to wait for.
const plans = new Map<number, string>()
for (const uid of world.uids) plans.set(uid, await compilePlan(uid))

for (const [uid, plan] of plans) {
  await t.test(`uid ${uid}: a whole run, relay included, is free of faults`, async (t) => {
    const launcher = ['sh', '-c', `exec env -i ${target('palisade-launcher-sanitized')} --plan-descriptor 9 9<${plan}`]
    const outcome = await world.run(launcher, { uid })
    t.equal(outcome.stderr, '', 'no sanitizer speaks')
    t.match(outcome.stdout, /200\n[^]*200\n$/, 'the program did its work')
    t.equal(outcome.code, 0)
  })

  await t.test(`uid ${uid}: mutated plans are decoded or refused, never a fault`, async (t) => {
    const outcome = await run([target('palisade-decode-fuzz'), plan, '40000', String(uid + 1)], { timeoutMs: 200_000 })
    t.equal(outcome.stderr, '', 'no sanitizer speaks')
    t.equal(outcome.code, 0)
    t.match(outcome.stdout, /^[1-9]\d* decoded, [1-9]\d* refused\n$/, 'both answers occur')
  })
}

await t.test('a plan that was cut short, or made by another version, does not run', async (t) => {
  const [plan = ''] = plans.values()
  const attempt = (make: string) =>
    run(['sh', '-c', `${make} | env -i ${join(checkout, 'build/Release/palisade-launcher')} --plan-descriptor 0`])
  const cases = [
    ['cut by one byte', `head -c -1 ${plan}`],
    ['longer by one byte', `{ cat ${plan}; printf x; }`],
    ['empty', 'true'],
    ['of another schema', `{ head -c 8 ${plan}; printf abcd; tail -c +13 ${plan}; }`],
  ] as const
  for (const [name, make] of cases) {
    const { code, stdout, stderr } = await attempt(make)
    t.match(
      { code, stdout, stderr },
      { code: 125, stdout: '', stderr: 'sandbox-exec: not a plan of this version\n' },
      name,
    )
  }
})
