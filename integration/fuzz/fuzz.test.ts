/** The relay's parsers on many inputs: no fault, and no broken property of native/fuzz/. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { build, corpusOf, fuzz, targets } from './targets.js'

const runs = 150_000

for (const target of targets) {
  t.test(`${target}: ${runs} inputs, from the kept ones on`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'palisade-fuzz-'))
    t.teardown(() => rm(directory, { recursive: true, force: true }))
    await build(target)
    // One seed, so that a failure is the fault of the change that is tested; `npm run fuzz` takes new ones.
    const { code, stderr } = await fuzz(target, { limit: { runs }, seed: 1, directory })
    if (code !== 0) t.comment(stderr.split('\n').slice(-40).join('\n'))
    t.equal(code, 0, 'no fault, and every property holds')
    t.match(stderr, new RegExp(`^Done ${runs} runs in `, 'm'), 'it did as many')
    const kept = await readdir(corpusOf(target))
    t.match(stderr, new RegExp(`^INFO: +${kept.length} files found in ${corpusOf(target)}$`, 'm'), 'it read the corpus')
    t.ok(kept.length > 20, 'which is there')
  })
}
