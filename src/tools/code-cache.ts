/**
 * Puts beside the script of `run` what V8 has made of it once it has planned some runs, so that a start need not compile
 * it. It is for the Node that runs this; another one compiles the text.
 */
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { cacheOf, loadScript } from '../cli/script.cjs'
import { packageRoot } from '../core/package-root.js'

const parts = join(packageRoot(), 'dist/cli/parts')
const policies = join(packageRoot(), 'policies')
/** What is compiled for fewer policies than these would cost all others more than it gains. */
const typical = ['pure-compute.yaml', 'single-https.yaml', 'node-app.yaml']

// An installation from a checkout has built nothing yet.
const files = existsSync(parts) ? readdirSync(parts) : []
for (const old of files.filter((one) => one.endsWith('.cache'))) rmSync(join(parts, old))
const [script] = files.filter((one) => /^start-[^.]+\.js$/.test(one))
if (script !== undefined) await makeCache(join(parts, basename(script, '.js')))

async function makeCache(name: string): Promise<void> {
  const { script: compiled, exports } = loadScript(name)
  const plans = mkdtempSync(join(tmpdir(), 'palisade-plans-'))
  try {
    for (const policy of typical) {
      const words = ['--plans', plans, '--policy', join(policies, policy), '--', '/bin/true']
      await exports.warmUp(words, join(packageRoot(), 'build/Release/palisade-launcher'))
    }
  } finally {
    rmSync(plans, { recursive: true })
  }
  // At once: a start may look for it meanwhile.
  writeFileSync(`${name}.making`, compiled.createCachedData())
  renameSync(`${name}.making`, cacheOf(name))
}
