import { z } from 'zod'

/** One TCP connection or UDP datagram that a server of the internet received. */
const arrival = z.strictObject({
  protocol: z.enum(['tcp', 'udp']),
  address: z.string(),
  port: z.int(),
})
export type Arrival = z.infer<typeof arrival>

/** From the test to the internet. */
export const request = z.enum(['link', 'arrivals', 'forget'])
export type Request = z.infer<typeof request>

/** From the internet to the test: `entered` its namespace, `serving`, then one `arrivals` a request. */
export const reply = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('entered'), pid: z.int() }),
  z.strictObject({ kind: z.literal('serving') }),
  z.strictObject({ kind: z.literal('ready'), internet: z.int() }),
  z.strictObject({ kind: z.literal('arrivals'), arrivals: z.array(arrival) }),
])
export type Reply = z.infer<typeof reply>

/** Sends to the parent; a process without one was started by hand. */
export function tellParent(message: Reply): void {
  if (process.send === undefined) throw new Error('start this through world.ts')
  process.send(message)
}
