/** Guests that are killed, hang or panic: reported as such within their limit, and nothing of them is left. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Limits } from './host/machine.js'
import { guests, type Guest } from './matrix.js'
import { bootAndJudge } from './run-all.js'
import { prepare, type Task } from './runs.js'
import { systemdFiles, systemdImage, systemdRun } from './systemd/systemd.js'

const place = mkdtempSync(join(tmpdir(), 'palisade-endings-'))
t.teardown(() => rmSync(place, { recursive: true }))
// Guests of others leave theirs elsewhere.
process.env['TMPDIR'] = place

interface Case {
  readonly what: string
  readonly script: string
  readonly limits?: Partial<Limits>
  readonly kill?: true
  readonly faults: Faults
}

type Faults = readonly (string | RegExp)[]

const ended = 'it did not come to its end'
/** What a script says before its first point. */
const begin = 'echo "# layer process"'
const cases: readonly Case[] = [
  { what: 'that ends well, as a control', script: `${begin}; echo 1..1; echo ok 1 - one`, faults: [] },
  {
    what: 'that hangs, and burns its processor',
    script: `${begin}; echo 1..2; echo ok 1 - one; while :; do :; done`,
    limits: { cpu: 12 },
    faults: ['ended by us: over its limit of cpu', 'it told 1 of 2 points', ended],
  },
  {
    what: 'that waits for ever',
    script: `${begin}; echo 1..2; echo ok 1 - one; exec /payload/busybox sleep 100000`,
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
    script: `${begin}; echo 1..1; echo ok 1 - one; echo c >/proc/sysrq-trigger`,
    faults: [/^the kernel says: .*Kernel panic/, ended],
  },
  {
    what: 'that is killed from outside',
    script: `${begin}; echo 1..3; echo ok 1 - one; echo ok 2 - two; exec /payload/busybox sleep 100000`,
    kill: true,
    faults: ['it told 2 of 3 points', ended],
  },
  {
    what: 'whose program fails after its last point',
    script: `${begin}; echo 1..1; echo ok 1 - one; exit 3`,
    faults: ['its program ended with 3'],
  },
]

for (const { what, script, limits = {}, kill = false, faults } of cases) {
  await t.test(`a guest ${what}`, async (t) => {
    const task = {
      files: () => [{ path: '/payload/script', content: { text: `${script}\n` } }],
      parameters: ['palisade.run=/payload/busybox,sh,/payload/script'],
      limits: { bootCpu: 60, cpu: 60, wall: 300, ...limits },
    }
    await endsSo(t, guestNamed('x86_64-6.1'), task, faults, (told, qemu) => {
      if (kill && told === 2) process.kill(qemu, 'SIGKILL')
    })
  })
}

/** Units of the tier of systemd that are broken. */
const broken: readonly {
  readonly what: string
  readonly units: Readonly<Record<string, string>>
  readonly faults: Faults
}[] = [
  {
    what: 'whose systemd comes to its emergency',
    units: {
      'broken.service': '[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=/bin/false\n',
      'local-fs.target.d/broken.conf': '[Unit]\nRequires=broken.service\nAfter=broken.service\n',
    },
    faults: ['its init says: guest: systemd is in its emergency mode', 'it told no plan', 'its program ended with 1'],
  },
  {
    what: 'whose suite, a unit of systemd, is killed',
    units: {
      'suite.service.d/broken.conf': `[Service]\nExecStart=\nExecStart=/bin/sh -c 'echo "# layer service"; echo 1..2; echo ok 1 - one; kill -KILL $$$$'\n`,
    },
    faults: ['it told 1 of 2 points', 'its program ended with 1'],
  },
]

for (const { what, units, faults } of broken) {
  await t.test(`a guest ${what}`, async (t) => {
    const changes = Object.entries(units).map(([name, text]) => ({
      path: `/above/etc/systemd/system/${name}`,
      content: { text },
    }))
    const task: Task = {
      files: (_guest, programs) => [...systemdFiles(programs), ...changes],
      parameters: systemdRun,
      disk: systemdImage,
      limits: { bootCpu: 60, cpu: 60, wall: 300 },
    }
    await endsSo(t, guestNamed('x86_64-6.12-x32'), task, faults)
  })
}

function guestNamed(name: string): Guest {
  const found = guests.find((guest) => guest.name === name)
  if (found === undefined) throw new Error(`no guest ${name}`)
  return found
}

async function endsSo(
  t: Test,
  guest: Guest,
  task: Task,
  faults: Faults,
  told: (points: number, qemu: number) => void = () => {},
): Promise<void> {
  const folder = mkdtempSync(join(place, 'run-'))
  let pid = 0
  const verdict = await bootAndJudge(prepare(guest, task, folder), folder, (progress, qemu) => {
    pid = qemu
    told(progress.told, qemu)
  })
  t.equal(verdict.faults.length, faults.length, JSON.stringify(verdict.faults))
  for (const [index, fault] of faults.entries()) t.match(verdict.faults[index], fault)
  t.notOk(pid !== 0 && existsSync(`/proc/${pid}`), 'no process is left')
  t.same(leftovers(), [], 'no file is left but console and results')
  t.same(readdirSync(folder).toSorted(), ['console', 'initramfs.cpio', 'results.tap'])
}

function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('palisade-guest-'))
}
