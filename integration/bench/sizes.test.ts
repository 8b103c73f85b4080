import t from 'tap'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeProgram } from '../../src/layers/seccomp/code/bpf.js'
import { convertedSize } from '../../src/layers/seccomp/code/converted-size.js'
import { generate } from '../../src/layers/seccomp/code/generate.js'
import { prove } from '../../src/layers/seccomp/proof/prove.js'
import { execute } from './executed.js'
import { profileMeaning, readProfile } from './profile-meaning.js'
import { libseccompFilter, rangeTree } from './seccomp-peers.js'

// Podman's default profile, from Debian's golang-github-containers-common.
const profile = readProfile('/usr/share/containers/seccomp.json')
const meaning = profileMeaning(profile, ['x86_64'])
const directory = mkdtempSync(join(tmpdir(), 'palisade-sizes-'))
t.teardown(() => rmSync(directory, { recursive: true }))

t.test(
  "sizes: our filter for Podman's profile is smaller than libseccomp's and a range tree, and runs less",
  async (t) => {
    const [table] = meaning.tables
    if (table === undefined) throw new Error('no table')
    const ours = generate(meaning)
    prove(ours, meaning)
    const own = execute(ours, meaning, table)
    t.same(own.wrong, [])
    t.ok(ours.length <= 56, `${ours.length} instructions`)
    t.ok(own.most <= 13, `at most ${own.most} run`)
    const peers = [
      ['libseccomp', decodeProgram(await libseccompFilter(profile, 1, directory))],
      ['libseccomp as a tree', decodeProgram(await libseccompFilter(profile, 2, directory))],
      ['range tree', rangeTree(table)],
    ] as const
    for (const [name, program] of peers) {
      const { most, mean, wrong } = execute(program, meaning, table)
      t.same(wrong, [], `${name} means the same`)
      t.ok(ours.length < program.length, `${name}: ${program.length} instructions`)
      t.ok(convertedSize(ours) < convertedSize(program), `${name}: ${convertedSize(program)} of eBPF`)
      t.ok(own.most < most, `${name}: at most ${most} run`)
      t.ok(
        own.mean < mean,
        `${name}: ${mean.toFixed(2)} run in the mean of calls that the kernel's cache does not answer`,
      )
    }
  },
)

t.test('sizes: both tables together are smaller than one filter for each', (t) => {
  const both = generate(profileMeaning(profile, ['x86_64', 'i386']))
  const [x86, i386] = (['x86_64', 'i386'] as const).map((arch) => generate(profileMeaning(profile, [arch])).length)
  t.ok(both.length < (x86 ?? 0) + (i386 ?? 0), `${both.length} for ${x86} and ${i386}`)
  t.end()
})
