/** What a user of node:test writes; run by frameworks.test.ts. */
import { test } from 'node:test'
import { denied, exited, sandboxFor, verify } from 'palisade/testing'
import { endless, failing, policy } from './policy.js'

test('right', async (t) => {
  const { run } = await sandboxFor(t, policy)
  await verify(await run(['cat'], { stdin: Buffer.from('x') }), exited(0), denied({ connect: '192.0.2.7:443' }))
})

test('wrong', async (t) => {
  const { run } = await sandboxFor(t, policy)
  await verify(await run(failing), exited(0))
})

test('leaves one', async (t) => {
  const { sandbox } = await sandboxFor(t, policy)
  await sandbox.spawn(endless)
})

test('takes too long', { timeout: 2000 }, async (t) => {
  const { run } = await sandboxFor(t, policy)
  await run(endless)
})
