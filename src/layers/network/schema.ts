import * as z from 'zod'
import { hostPattern, parseHost } from '../../policy/host-name.js'
import type { Reading } from '../../policy/reading.js'
import { listOf, section, textAs, wholeNumber } from '../../policy/values.js'

/** Each name takes one address of 198.18.0.0/24 inside, each endpoint a listening socket of the relay. */
const endpointsMax = 254

/** `network`: the endpoints that can be reached by TCP. Absent: no network at all. */
export function schema() {
  const host = textAs('a host name or an IPv4 address', hostPattern, readHost)
  const endpoint = section({
    host: host.describe('A host name (lower case, `xn--` for international names) or an IPv4 address.'),
    port: wholeNumber(1, 65535).describe('The TCP port.'),
  })
  return section({
    egress: listOf('endpoints { host, port }', endpoint, endpointsMax).describe(
      'The only endpoints that can be reached, by TCP. There is no route to any other address.',
    ),
    loopback: z
      .boolean({ error: 'expected true or false' })
      .default(false)
      .describe("Whether the sandbox's own loopback interface is up. It never leads to the host's."),
  })
}

function readHost(text: string): Reading<string> {
  const host = parseHost(text)
  return host.kind === 'refused' ? host : { value: text }
}
