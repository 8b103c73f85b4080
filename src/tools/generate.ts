/** Regenerates every checked-in generated file. `--check` compares instead, names what differs and exits with 1. */
import { readFileSync, writeFileSync } from 'node:fs'
import { generateBound } from './generate-bound.js'
import { generatePolicyReference } from './generate-docs.js'
import { generateManPage } from './generate-man.js'
import { generateDigest, generatePlanHeader } from './generate-plan.js'
import { generateSchema } from './generate-schema.js'

const files: readonly { readonly path: string; readonly text: () => string }[] = [
  { path: 'src/layers/seccomp/promises/bound.gen.ts', text: generateBound },
  { path: 'src/plan/schema-digest.gen.ts', text: generateDigest },
  { path: 'native/plan/plan.gen.h', text: generatePlanHeader },
  { path: 'policies/policy.schema.json', text: generateSchema },
  { path: 'docs/policy-reference.md', text: generatePolicyReference },
  { path: 'docs/sandbox-exec.1', text: generateManPage },
]

const check = process.argv.includes('--check')
for (const { path, text } of files) {
  if (!check) {
    writeFileSync(path, text())
  } else if (readFileSync(path, 'utf8') !== text()) {
    process.stderr.write(`${path} is not what its generator writes: run npm run generate\n`)
    process.exitCode = 1
  }
}
