/** The part of `docs/policy-reference.md` on Landlock: what `protections.ts` answers, as a table. */
import { newestAbi } from '../layers/landlock/abi.js'
import { assess } from '../layers/landlock/protections.js'
import type { Grant, ResolvedFilesystem, ResolvedNetwork } from '../policy/resolved.js'

/** A row for what each protection needs, and what carries it on a kernel that has only the first ABI. */
export function landlockLines(): readonly string[] {
  return [
    '## Landlock',
    '',
    'Landlock says a second time what the mount view and the routes say. A kernel without it (before Linux 5.13, or with',
    'an `lsm=` that leaves it out) is refused. What a kernel with an older ABI lacks is carried by something as strict:',
    '',
    '| protection | needs | below that | in a policy with |',
    '|---|---|---|---|',
    ...protectionRows().map(
      ({ protection, needs, below, when }) => `| ${protection} | ${needs} | ${below} | ${when} |`,
    ),
    '',
    'With TCP endpoints alone the filter refuses datagram sockets of IPv4 and IPv6 whatever the ABI. With an IPv6',
    'literal they can be made: curl and others find out by one whether there is IPv6.',
    '',
  ]
}

/** One row a protection, or one for each answer where the policy decides. */
function protectionRows(): readonly Row[] {
  const byFiles = filesystemViews.map(([when, filesystem]) => rowsOf(when, filesystem, noNetwork))
  const byEndpoints = networkViews.map(([when, network]) => rowsOf(when, emptyView, network))
  return (byFiles[0] ?? []).flatMap(({ protection }) => {
    const [files, endpoints] = [byFiles, byEndpoints].map((views) =>
      merged(views.flat().filter((row) => row.protection === protection)),
    )
    const decides = [files, endpoints].find((rows) => rows !== undefined && rows.length > 1)
    return decides ?? (files ?? []).map((row) => ({ ...row, when: 'always' }))
  })
}

function rowsOf(when: string, filesystem: ResolvedFilesystem, network: ResolvedNetwork): readonly Row[] {
  const newest = assess(filesystem, network, { abi: newestAbi, errata: -1 }).status
  const oldest = assess(filesystem, network, { abi: 1, errata: -1 }).status
  return newest.map(({ protection, text }) => {
    const below = oldest.find((line) => line.protection === protection)?.text ?? ''
    return { when, protection, needs: needsOf(text), below: withoutReason(below) }
  })
}

function merged(rows: readonly Row[]): readonly Row[] {
  const first = rows.filter((row, index) => rows.findIndex((other) => sameRow(row, other)) === index)
  return first.map((row) => ({
    ...row,
    when: rows.flatMap((other) => (sameRow(row, other) ? [other.when] : [])).join('; '),
  }))
}

interface Row {
  readonly protection: string
  readonly needs: string
  readonly below: string
  readonly when: string
}

function sameRow(one: Row, other: Row): boolean {
  return one.protection === other.protection && one.needs === other.needs && one.below === other.below
}

function needsOf(text: string): string {
  return text.startsWith('enforced by Landlock') ? text.replace('enforced by Landlock ', '') : 'no ABI has it'
}

function withoutReason(text: string): string {
  if (text.startsWith('not available')) return 'refused'
  return text.startsWith('enforced by Landlock') ? '-' : text.replace('enforced by ', '').replace(/ \([^()]*\)$/, '')
}

const emptyView: ResolvedFilesystem = {
  grants: [],
  denied: [],
  protected: [],
  symlinks: [],
  pinned: [],
  tmpBytes: null,
}
const writableGrant: Grant = {
  key: 'filesystem.write[0]',
  path: '/srv',
  kind: 'directory',
  read: true,
  write: true,
  execute: false,
  map: false,
  move: false,
}
const filesystemViews: readonly (readonly [when: string, filesystem: ResolvedFilesystem])[] = [
  ['nothing writable', emptyView],
  ['`write` or `tmp`', { ...emptyView, grants: [writableGrant] }],
  ['`write` and `move`', { ...emptyView, grants: [{ ...writableGrant, move: true }] }],
]
const noNetwork: ResolvedNetwork = {
  via: 'relay',
  endpoints: [],
  resolvers: [],
  published: [],
  loopback: 'down',
  connectionsMax: 1,
  idleMs: 1,
}
const endpoint: ResolvedNetwork['endpoints'][number] = {
  key: 'network.egress[0]',
  host: '192.0.2.1',
  port: 443,
  protocol: 'tcp',
  tls: 'any',
  inside: ['192.0.2.1'],
  dial: ['192.0.2.1'],
  within: [],
}
const networkViews: readonly (readonly [when: string, network: ResolvedNetwork])[] = [
  ['no endpoint', noNetwork],
  ['TCP endpoints', { ...noNetwork, endpoints: [endpoint] }],
  ['`listen`', { ...noNetwork, loopback: 'published' }],
  ['a UDP endpoint', { ...noNetwork, endpoints: [{ ...endpoint, protocol: 'udp' }] }],
  ['an IPv6 literal', { ...noNetwork, endpoints: [{ ...endpoint, inside: ['2001:db8::1'] }] }],
  ['`dns: stub`', { ...noNetwork, endpoints: [endpoint], resolvers: ['192.0.2.53'] }],
  ['`loopback: true`', { ...noNetwork, endpoints: [endpoint], loopback: 'up' }],
]
