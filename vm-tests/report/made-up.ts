/** Results for tests of the report: some of everything, and text that a hostile guest would send. */
import type { Point } from '../judge.js'
import { guests, type Guest } from '../matrix.js'
import type { Result } from '../run-all.js'
import type { Run, Tier } from '../runs.js'

/** Characters that a terminal or an editor would act on, and one more that XML cannot hold. */
export const acting = ['\u0000', '\u001b', '\u202e', '\ud800'] as const
export const noXml = [...acting, '\ufffe'] as const
export const hostile = `<img src="x" onerror="alert(1)"> & ' ]]> </style></pre><script>alert(2)</script> ${noXml.join('[31m')}`
/** A word that nothing breaks, and more lines than anybody reads. */
const long = 'x'.repeat(100_000)
const many = 'line\n'.repeat(10_000)

export const passing: Result = {
  run: runOf('native', 'x86_64-6.1'),
  points: [ok('network', 'another address'), ok('network', 'another port'), ok('seccomp', 'a raw socket')],
  faults: [],
  release: '6.1.0-50-cloud-amd64',
  landlock: '2 0',
  boot: { cpuSeconds: 58.25, wallSeconds: 91 },
}

const failing: Result = {
  run: runOf('native', 'i386-6.1'),
  points: [
    ok('network', 'another address'),
    { ...ok('network', hostile), ok: false, details: `expected: errno 13\nfound: ${hostile}\n${many}` },
    { ...ok('landlock', long), ok: false, details: long },
    ok('filesystem', hostile),
  ],
  faults: [`the kernel says: ${hostile}`, long],
  release: hostile,
  landlock: hostile,
  boot: { cpuSeconds: 3, wallSeconds: 4 },
}

const skips = { native: { 'no such call': 2 } }
const skipping: Result = {
  run: runOf('native', 'aarch64-6.1', { skips }),
  points: [
    ok('seccomp', 'one'),
    { ...ok('seccomp', 'two'), skip: 'no such call' },
    { ...ok('landlock', 'three'), skip: 'no such call' },
  ],
  faults: [],
  release: '6.1.0-50-cloud-arm64',
  landlock: '2 0',
  boot: { cpuSeconds: 200, wallSeconds: 3700 },
}

export const results: readonly Result[] = [passing, failing, skipping]
/** The last of them never happened. */
export const wanted: readonly Run[] = [...results.map(({ run }) => run), runOf('command', 'aarch64-6.12')]

function ok(layer: Point['layer'], name: string): Point {
  return { layer, name, ok: true, skip: null, details: '' }
}

function runOf(tier: Tier, name: string, more: Partial<Guest> = {}): Run {
  const guest = guests.find((one) => one.name === name)
  if (guest === undefined) throw new RangeError(`no guest ${name}`)
  return { name: `${tier}/${name}`, guest: { ...guest, ...more }, tier }
}
