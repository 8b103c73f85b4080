import { join } from 'node:path'
import { addresses } from '../world/addresses.js'
import type { World } from '../world/world.js'

/** One thing that curl tries. */
export interface Attempt {
  readonly what: string
  readonly arguments: readonly string[]
  /** null: the policy allows it. `evidence` is in curl's messages when that layer refused. */
  readonly refusal: { readonly by: string; readonly evidence: RegExp } | null
}

/** The README's table. */
export function attempts({ directory, holder, certificates }: World): readonly Attempt[] {
  const noRoute = { by: 'network namespace: no route to it (ENETUNREACH)', evidence: /Network is unreachable/ }
  const noPort = { by: 'Landlock: not the granted TCP port (EACCES)', evidence: /Permission denied/ }
  const notInView = { by: 'mount view: it is not there (ENOENT)', evidence: /Couldn't open file/ }
  const notInPid = { by: 'pid namespace: it is not there (ENOENT)', evidence: /Couldn't open file/ }
  const notWritable = { by: 'mount view: nowhere to write (ENOENT)', evidence: /(Failure writing|Failed to open)/ }
  return [
    { what: 'the endpoint: https://api.example.test/', arguments: ['https://api.example.test/'], refusal: null },
    {
      what: `another address: https://${addresses.denied}/`,
      arguments: [`https://${addresses.denied}/`],
      refusal: noRoute,
    },
    {
      what: `another network: https://${addresses.other}/`,
      arguments: [`https://${addresses.other}/`],
      refusal: noRoute,
    },
    {
      what: 'another port: https://api.example.test:8443/',
      arguments: ['https://api.example.test:8443/'],
      refusal: noPort,
    },
    { what: 'plain HTTP: http://api.example.test/', arguments: ['http://api.example.test/'], refusal: noPort },
    { what: 'another file of the host', arguments: [`file://${certificates.ca}`], refusal: notInView },
    {
      what: `a process of the host: /proc/${holder}/cmdline`,
      arguments: [`file:///proc/${holder}/cmdline`],
      refusal: notInPid,
    },
    {
      what: 'a place to keep what it fetched',
      arguments: ['--output', join(directory, 'fetched'), 'https://api.example.test/'],
      refusal: notWritable,
    },
  ]
}
