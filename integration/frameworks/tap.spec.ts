/** What a user of tap writes; run by frameworks.test.ts. */
import t from 'tap'
import { denied, exited, sandboxFor, verify } from 'palisade/testing'
import { endless, failing, policy } from './policy.js'

t.test('right', async (t) => {
  const { run } = await sandboxFor(t, policy)
  const result = await run(['cat'], { stdin: Buffer.from('x') })
  await t.resolves(verify(result, exited(0), denied({ connect: '192.0.2.7:443' })))
})

t.test('wrong', async (t) => {
  const { run } = await sandboxFor(t, policy)
  await t.resolves(verify(await run(failing), exited(0)))
})

t.test('leaves one', async (t) => {
  const { sandbox } = await sandboxFor(t, policy)
  await sandbox.spawn(endless)
  t.pass('started')
})

t.test('takes too long', { timeout: 2000 }, async (t) => {
  const { run } = await sandboxFor(t, policy)
  await run(endless)
})
