/** What a machine says too much of, or in a way that nobody can judge, ends it; by an emulator that is a script. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Limits } from './host/machine.js'
import { bootAndJudge } from './run-all.js'

const bin = mkdtempSync(join(tmpdir(), 'palisade-machines-'))
t.teardown(() => rmSync(bin, { recursive: true }))
// Guests of others leave theirs elsewhere.
process.env['TMPDIR'] = bin
const head = `#!${process.execPath}
const { connect } = require('node:net')
const { appendFileSync } = require('node:fs')
const value = (pattern) => process.argv.flatMap((word) => pattern.exec(word)?.[1] ?? [])[0]
const results = connect(value(/^socket,id=results,path=(.*)/))
results.on('error', () => {})
const console = value(/^file:(.*)/)
const whole = '1..1\\n# layer process\\nok 1 - one\\n# guest ended with 0\\n'
`
const forEver = 'setInterval(() => {}, 1000)'
const limits: Limits = { bootCpu: 60, cpu: 60, wall: 60 }

async function judged(script: string, limit: Partial<Limits> = {}): Promise<readonly string[]> {
  const folder = join(bin, `${readdirSync(bin).length}`)
  mkdirSync(folder)
  writeFileSync(join(bin, 'qemu-system-x86_64'), `${head}${script}\n`, { mode: 0o755 })
  const path = process.env['PATH']
  process.env['PATH'] = `${bin}:${path}`
  try {
    const machine = { arch: 'x86_64', kernel: 'none', initramfs: 'none', parameters: [] } as const
    const { faults } = await bootAndJudge({ ...machine, limits: { ...limits, ...limit } }, folder)
    return faults
  } finally {
    process.env['PATH'] = path
  }
}

const cases = [
  ['that ends well, as a control', 'results.end(whole)', {}, []],
  [
    'with a line that has no end',
    `setInterval(() => results.write('x'.repeat(1 << 14)), 1); ${forEver}`,
    {},
    ['ended by us: over its limit of results', 'it told no plan', 'it did not come to its end'],
  ],
  [
    'that never stops to talk',
    `results.write(whole.slice(0, 31)); setInterval(() => results.write(('# ' + 'x'.repeat(1000) + '\\n').repeat(1000)), 1); ${forEver}`,
    {},
    ['ended by us: over its limit of results', 'it did not come to its end'],
  ],
  [
    'that floods its console',
    `results.write(whole); setInterval(() => appendFileSync(console, 'x'.repeat(1 << 20)), 1); ${forEver}`,
    {},
    ['ended by us: over its limit of console'],
  ],
  [
    'with details of a hundred thousand lines',
    `results.end(whole.replace('ok 1', 'not ok 1').replace('# guest', '  ---\\n' + '  a: b\\n'.repeat(100000) + '  ...\\n# guest'))`,
    { wall: 30 },
    [],
  ],
] as const

for (const [what, script, limit, faults] of cases) {
  t.test(`a machine ${what}`, async (t) => {
    t.same(await judged(script, limit), faults)
    t.same(leftovers(), [], 'no file is left')
  })
}

function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('palisade-guest-'))
}
