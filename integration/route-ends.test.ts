/** `network.via: route`: however a run ends or fails, nothing of it stays on the host. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as passes } from 'node:timers/promises'
import t from 'tap'
import { answerOf } from './probes/probes.js'
import { end, guardOf, makeRouted, nftOf, pidsOf } from './route/routed.js'
import { addresses } from './world/addresses.js'
import type { Running } from './world/process.js'

t.setTimeout(280_000)
const routed = await makeRouted()
const { sweep, policy, napping, hostState } = routed
const { harness, faults } = sweep
const { world, probes } = harness
t.teardown(() => harness.close())

async function testsAsRoot(): Promise<void> {
  await routed.letForward()
  const before = await hostState()

  t.test('the end of the program takes everything away at once', async (t) => {
    const { code, stderr } = await harness.sandboxed({ text: policy }, [faults.nap, 'brief'])
    t.equal(code, 0, stderr)
    t.equal(await hostState(), before)
  })

  for (const [what, status, act] of ends) {
    t.test(`${what} leaves nothing`, async (t) => {
      const { running } = await napping()
      t.not(await hostState(), before, 'control: there is something')
      const [nft] = nftOf(running)
      act(running)
      const { code, stderr } = await running.outcome
      t.equal(code, status, stderr)
      t.ok(await eventually(async () => (await hostState()) === before), `as before:\n${await hostState()}`)
      t.ok(await eventually(() => pidsOf(faults.nap).length === 0), 'no program')
      t.ok(await eventually(() => !pidsOf('nft').includes(nft ?? -1)), 'no nft')
    })
  }

  t.test('the table, which has an owner, outlives a flush of all rules', async (t) => {
    const nap = await napping()
    await world.run(['nft', 'flush', 'ruleset'])
    t.equal(answerOf(await nap.inside([probes.glibc, 'tcp', addresses.allowed, '8443'])), 'ECONNREFUSED')
    t.equal(answerOf(await nap.inside([probes.glibc, 'tcp', addresses.allowed, '443'])), 'ok', 'control')
    await end(nap)
  })

  for (const [claim, prepare, complaint] of failures) {
    t.test(`${claim}: the program never runs, and nothing stays`, async (t) => {
      const granted = join(harness.own(0), 'granted')
      await mkdir(granted, { recursive: true })
      const text = policy.replace(world.directory, `${faults.nap}, ${granted}`)
      const plan = await sweep.plan(0, { text, children: ['init'] }, [faults.nap, 'brief'])
      const launch = 'exec "$LAUNCHER" --plan-descriptor 3 3<"$PLAN"'
      const env = { LAUNCHER: sweep.launcher, PLAN: plan.file, GRANTED: granted, HERE: world.directory }
      const start = (script: string) => world.run(['unshare', '--mount', 'sh', '-c', script], { env })
      t.match(await start(launch), { code: 0, stderr: '' }, 'control')
      const { code, stdout, stderr } = await start(`{ ${prepare}; } || exit 9; ${launch}`)
      t.match({ code, stdout }, { code: 125, stdout: '' }, stderr)
      t.match(stderr, complaint)
      t.equal(await hostState(), before)
    })
  }
}

/** What is done to a run, and its exit status. */
const ends: readonly (readonly [string, number | null, (running: Running) => void])[] = [
  ['SIGTERM', 143, (running) => running.signal('SIGTERM')],
  ['SIGKILL of the supervisor', null, (running) => running.signal('SIGKILL')],
  ['SIGKILL of nft', 125, (running) => kill(nftOf(running))],
  ['SIGKILL of the guard', 125, (running) => kill(guardOf(running))],
  [
    'SIGKILL of the guard and the supervisor',
    null,
    (running) => {
      kill(guardOf(running))
      running.signal('SIGKILL')
    },
  ],
]

const asNft = (script: string): string =>
  `cp /usr/sbin/nft "$HERE/nft" && printf '#!/bin/sh\\n${script}\\n' >"$HERE/wrong" && chmod 755 "$HERE/wrong" && mount --bind "$HERE/wrong" /usr/sbin/nft`

/** What is wrong on the host between the compiler's look at it and the launch. */
const failures: readonly (readonly [string, string, RegExp])[] = [
  [
    'an nft that fails',
    'mount --bind /bin/false /usr/sbin/nft',
    /network\.via: network\.open-route: nft: ECONNABORTED/,
  ],
  [
    'an nft that says something else',
    'mount --bind /bin/echo /usr/sbin/nft',
    /sandbox-exec: nft: -i\n.*nft: ECONNABORTED/,
  ],
  [
    'rules that the kernel does not take',
    asNft(`sed -u "s/hook postrouting/hook forward/" | '"$HERE"'/nft -i`),
    /sandbox-exec: nft: Error: [^]*nft: ECONNABORTED/,
  ],
  ['a grant that has gone, once the rules stand', 'rmdir "$GRANTED"', /filesystem\.read\[3\]: filesystem\.bind: /],
  [
    'a setting that cannot be made, once the link is there',
    'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys',
    /network\.via: network\.open-route: openat: EROFS/,
  ],
]

function kill(pids: readonly number[]): void {
  if (pids.length !== 1) throw new Error(`${pids.length} to kill`)
  for (const pid of pids) process.kill(pid, 'SIGKILL')
}

async function eventually(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return true
    await passes(25)
  }
  return false
}

if (world.uids.includes(0)) await testsAsRoot()
