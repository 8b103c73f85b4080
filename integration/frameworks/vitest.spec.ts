/** What a user of vitest writes; run by frameworks.test.ts. */
import { test } from 'vitest'
import { denied, exited, sandboxFor, verify } from 'palisade/testing'
import { endless, failing, policy } from './policy.js'

test('right', async (context) => {
  const { run } = await sandboxFor(context, policy)
  await verify(await run(['cat'], { stdin: Buffer.from('x') }), exited(0), denied({ connect: '192.0.2.7:443' }))
})

test('wrong', async (context) => {
  const { run } = await sandboxFor(context, policy)
  await verify(await run(failing), exited(0))
})

test('leaves one', async (context) => {
  const { sandbox } = await sandboxFor(context, policy)
  await sandbox.spawn(endless)
})

test('takes too long', { timeout: 2000 }, async (context) => {
  const { run } = await sandboxFor(context, policy)
  await run(endless)
})
