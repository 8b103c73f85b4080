import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../core/package-root.js'
import { conditionsByText, generateBound } from '../../tools/generate-bound.js'
import { bindCondition } from './condition/bind.js'
import { boundTests } from './promises/bound.js'
import { syscallTable } from './tables.js'

t.test('what is written down of a condition is what it means, for every call and arch that it is put on', (t) => {
  let compared = 0
  for (const [text, uses] of conditionsByText()) {
    for (const { arch, call } of uses) {
      const found = syscallTable(arch).byName.get(call)
      if (found === undefined) continue
      compared += 1
      t.same(boundTests(text, call, arch), bindCondition(text, found, arch), `${call} on ${arch}: ${text}`)
    }
  }
  t.ok(compared > 300, `${compared} compared`)
  t.end()
})

t.test('bound.gen.ts is what its generator writes', (t) => {
  t.equal(readFileSync(join(packageRoot(), 'src/layers/seccomp/promises/bound.gen.ts'), 'utf8'), generateBound())
  t.end()
})

t.test('of any other condition, call or arch nothing is written down', (t) => {
  t.equal(boundTests('prot & PROT_EXEC == 1', 'mmap', 'x86_64'), null)
  t.equal(boundTests('prot & PROT_EXEC == 0', 'munmap', 'x86_64'), null)
  t.equal(boundTests('prot & PROT_EXEC == 0', 'mmap', 'i386'), null, 'mmap2 is the call there')
  t.ok(boundTests('prot & PROT_EXEC == 0', 'mmap', 'x86_64'), 'control')
  t.end()
})
