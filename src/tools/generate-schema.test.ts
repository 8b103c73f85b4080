import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../core/package-root.js'
import { keysAt, policyJsonSchema, policyKeys, type JsonSchema } from '../policy/json-schema.js'
import { generateSchema } from './generate-schema.js'

t.test('policies/policy.schema.json is what its generator writes', (t) => {
  t.equal(readFileSync(join(packageRoot(), 'policies/policy.schema.json'), 'utf8'), generateSchema())
  t.end()
})

t.test('every key is described', (t) => {
  for (const { path, schema } of properties(policyJsonSchema(), '')) {
    t.match(schema.description, /^\S.+\.$/, path)
  }
  t.end()
})

t.test('no map takes a key that is not in it, unless its names are free and checked', (t) => {
  for (const { path, schema } of properties(policyJsonSchema(), '')) {
    if (schema.type !== 'object') continue
    const free = schema.propertyNames !== undefined && typeof schema.additionalProperties === 'object'
    t.ok(schema.additionalProperties === false || free, path)
  }
  t.end()
})

t.test('keys of later releases are not there yet', (t) => {
  const endpoint = keysAt(policyJsonSchema(), ['network', 'egress', 0])
  t.strictSame([...endpoint].toSorted(), ['addresses', 'ech', 'host', 'port', 'protocol', 'tls'])
  const network = ['connections', 'dns', 'egress', 'idle', 'listen', 'loopback', 'via']
  t.strictSame([...keysAt(policyJsonSchema(), ['network'])].toSorted(), network)
  t.end()
})

t.test('the keys of a policy are these', (t) => {
  t.strictSame(policyKeys(), [
    'version',
    'name',
    'description',
    'extends',
    'filesystem.read',
    'filesystem.write',
    'filesystem.exec',
    'filesystem.deny',
    'filesystem.move',
    'filesystem.tmp',
    'network.egress',
    'network.via',
    'network.dns',
    'network.listen',
    'network.loopback',
    'network.connections',
    'network.idle',
    'syscalls.promises',
    'syscalls.denied',
    'syscalls.otherwise',
    'syscalls.minimumKernel',
    'syscalls.rules',
    'syscalls.allow',
    'process.environment.pass',
    'process.environment.set',
    'process.directory',
    'process.user',
    'process.descriptors',
    'service.notify',
    'service.sockets',
    'limits.wall',
    'limits.cpu',
    'limits.files',
    'limits.processes',
    'limits.memory',
    'limits.pids',
    'limits.cpus',
    'limits.file-size',
    'limits.address-space',
    'limits.stack',
    'unsafe.host-root.reason',
    'unsafe.allow-by-default.reason',
  ])
  t.end()
})

t.test('the patterns let editors tell right from wrong', (t) => {
  const path = pattern('filesystem', 'read', '[]')
  for (const right of ['/', '/usr', '${CWD}/out', '${STATE_DIRECTORY}']) t.match(right, path)
  for (const wrong of ['usr', '', '~/x', '/usr/*', '$CWD']) t.notMatch(wrong, path)
  const size = pattern('filesystem', 'tmp')
  t.match('64M', size)
  for (const wrong of ['64', '64MB', '0M', '-1M', '1.5G']) t.notMatch(wrong, size)
  const wall = pattern('limits', 'wall')
  for (const right of ['30s', '500ms', '5m', '1h']) t.match(right, wall)
  t.notMatch('30', wall)
  t.notMatch('500ms', pattern('limits', 'cpu'))
  const host = pattern('network', 'egress', '[]', 'host')
  for (const right of ['a', 'api.example.com', '192.0.2.1', 'xn--bcher-kva.example', '2001:db8::1', '*.a.example'])
    t.match(right, host)
  for (const wrong of ['A.example', 'https://a', 'a:1', '[::1]', '2001:DB8::1', 'a.', '*', 'a.*', '*.'])
    t.notMatch(wrong, host)
  const range = pattern('network', 'egress', '[]', 'addresses', '[]')
  for (const right of ['10.0.0.0/8', 'fd00::/8', '192.0.2.1/32']) t.match(right, range)
  for (const wrong of ['10.0.0.0', '10.0.0.0/', 'a.example/8']) t.notMatch(wrong, range)
  t.end()
})

function pattern(...path: readonly string[]): RegExp {
  return new RegExp(String(at(policyJsonSchema(), path).pattern), 'u')
}

interface Property {
  readonly path: string
  readonly schema: JsonSchema
}

function properties(schema: JsonSchema, path: string): readonly Property[] {
  const named = Object.entries(schema.properties ?? {}).map(([key, value]) => ({
    path: `${path}.${key}`,
    schema: value,
  }))
  const listed = [schema.items, ...(schema.anyOf ?? [])].flat().map((value) => ({ path: `${path}[]`, schema: value }))
  return [
    ...named.flatMap(({ path: key, schema: value }) =>
      typeof value === 'object' ? [{ path: key, schema: value }, ...properties(value, key)] : [],
    ),
    ...listed.flatMap(({ path: key, schema: value }) => (typeof value === 'object' ? properties(value, key) : [])),
  ]
}

function at(schema: JsonSchema, path: readonly string[]): JsonSchema {
  const [part, ...rest] = path
  if (part === undefined) return schema
  const next = part === '[]' ? schema.items : schema.properties?.[part]
  if (typeof next !== 'object' || Array.isArray(next)) throw new Error(`no ${part}`)
  return at(next, rest)
}
