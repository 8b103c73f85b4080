/** Guests that are killed, hang or panic: reported as such within their limit, and nothing of them is left. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Limits } from './host/machine.js'
import { guests } from './matrix.js'
import { bootAndJudge } from './run-all.js'
import { prepare } from './runs.js'

interface Case {
  readonly what: string
  readonly script: string
  readonly limits?: Partial<Limits>
  readonly kill?: true
  readonly faults: readonly (string | RegExp)[]
}

const ended = 'it did not come to its end'
const cases: readonly Case[] = [
  { what: 'that ends well, as a control', script: 'echo 1..1; echo ok 1 - one', faults: [] },
  {
    what: 'that hangs, and burns its processor',
    script: 'echo 1..2; echo ok 1 - one; while :; do :; done',
    limits: { cpu: 12 },
    faults: ['ended by us: over its limit of cpu', 'it told 1 of 2 points', ended],
  },
  {
    what: 'that waits for ever',
    script: 'echo 1..2; echo ok 1 - one; exec /payload/busybox sleep 100000',
    limits: { wall: 20 },
    faults: ['ended by us: over its limit of wall', 'it told 1 of 2 points', ended],
  },
  {
    what: 'that never says anything',
    script: 'while :; do :; done',
    limits: { bootCpu: 12 },
    faults: ['ended by us: over its limit of bootCpu', 'it told no plan', ended],
  },
  {
    what: 'whose kernel panics',
    script: 'echo 1..1; echo ok 1 - one; echo c >/proc/sysrq-trigger',
    faults: [/^the kernel says: .*Kernel panic/, ended],
  },
  {
    what: 'that is killed from outside',
    script: 'echo 1..2; echo ok 1 - one; exec /payload/busybox sleep 100000',
    kill: true,
    faults: ['it told 1 of 2 points', ended],
  },
  {
    what: 'whose program fails after its last point',
    script: 'echo 1..1; echo ok 1 - one; exit 3',
    faults: ['its program ended with 3'],
  },
]

for (const { what, script, limits = {}, kill = false, faults } of cases) {
  await t.test(`a guest ${what}`, async (t) => {
    const [guest] = guests
    if (guest === undefined) throw new Error('no guest')
    const folder = mkdtempSync(join(tmpdir(), 'palisade-endings-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const task = {
      files: () => [{ path: '/payload/script', content: { text: `echo '# layer process'\n${script}\n` } }],
      parameters: ['palisade.run=/payload/busybox,sh,/payload/script'],
      limits: { bootCpu: 60, cpu: 60, wall: 300, ...limits },
    }
    const sockets = leftovers()
    let pid = 0
    const verdict = await bootAndJudge(prepare(guest, task, folder), folder, ({ told }, qemu) => {
      pid = qemu
      if (kill && told === 1) process.kill(qemu, 'SIGKILL')
    })
    t.equal(verdict.faults.length, faults.length, JSON.stringify(verdict.faults))
    for (const [index, fault] of faults.entries()) t.match(verdict.faults[index], fault)
    t.notOk(pid !== 0 && existsSync(`/proc/${pid}`), 'no process is left')
    t.same(leftovers(), sockets, 'no file is left but console and results')
    t.same(readdirSync(folder).toSorted(), ['console', 'initramfs.cpio', 'results.tap'])
  })
}

function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('palisade-guest-'))
}
