import { join } from 'node:path'
import { addresses } from '../world/addresses.js'
import type { World } from '../world/world.js'

/** One thing that curl tries. */
export interface Attempt {
  readonly what: string
  readonly arguments: readonly string[]
  /** The layers that may refuse, outermost first; none: the policy allows it. */
  readonly refusals: readonly Refusal[]
}

/** `evidence` is in curl's messages when that layer refused. */
export interface Refusal {
  readonly by: string
  readonly evidence: RegExp
}

/** The README's table. */
export function attempts({ directory, holder, certificates }: World): readonly Attempt[] {
  const noRoute = { by: 'network namespace: no route to it (ENETUNREACH)', evidence: /Network is unreachable/ }
  const noPort = { by: 'Landlock: not the granted TCP port (EACCES)', evidence: /Permission denied/ }
  // Before ABI 4 Landlock knows no ports.
  const noListener = { by: 'gateway: nothing listens there (ECONNREFUSED)', evidence: /Connection refused/ }
  const notInView = { by: 'mount view: it is not there (ENOENT)', evidence: /Couldn't open file/ }
  const notInPid = { by: 'pid namespace: it is not there (ENOENT)', evidence: /Couldn't open file/ }
  const notWritable = {
    by: 'mount view: nowhere to write (ENOENT)',
    evidence: /(Failure writing|Failed to open|ERROR on write)/,
  }
  return [
    { what: 'the endpoint: https://api.example.test/', arguments: ['https://api.example.test/'], refusals: [] },
    {
      what: `another address: https://${addresses.denied}/`,
      arguments: [`https://${addresses.denied}/`],
      refusals: [noRoute],
    },
    {
      what: `another network: https://${addresses.other}/`,
      arguments: [`https://${addresses.other}/`],
      refusals: [noRoute],
    },
    {
      what: 'another port: https://api.example.test:8443/',
      arguments: ['https://api.example.test:8443/'],
      refusals: [noPort, noListener],
    },
    {
      what: 'plain HTTP: http://api.example.test/',
      arguments: ['http://api.example.test/'],
      refusals: [noPort, noListener],
    },
    { what: 'another file of the host', arguments: [`file://${certificates.ca}`], refusals: [notInView] },
    {
      what: `a process of the host: /proc/${holder}/cmdline`,
      arguments: [`file:///proc/${holder}/cmdline`],
      refusals: [notInPid],
    },
    {
      what: 'a place to keep what it fetched',
      arguments: ['--output', join(directory, 'fetched'), 'https://api.example.test/'],
      refusals: [notWritable],
    },
  ]
}
