import { assertNever } from '../core/assert-never.js'
import { fileTypes, mountAttribute } from '../layers/filesystem/attributes.js'
import { fsRights, netRights, scopes } from '../layers/landlock/abi.js'
import { namespaceFlag } from '../layers/namespaces/namespaces.js'
import { protocolNumber, resolverListener, tlsDemand } from '../layers/network/steps.js'
import { resourceName } from '../layers/resources/resources.js'
import { writeAddress } from '../policy/ip-address.js'
import type { Plan } from './codec.js'
import { descriptors, type Step } from './descriptors.js'
import { nodeTypes } from './start-steps.js'

/** The steps of a plan as text: the role, the operation with its fields, and the policy key that it came from. */
export function printPlan({ steps }: Pick<Plan, 'steps'>): string {
  return steps.map((step) => `${printStep(step)}\n`).join('')
}

function printStep(step: Step): string {
  const role = descriptors.find(({ op }) => op === step.op)?.role ?? ''
  const [first = '', ...more] = linesOf(step)
  const head = `${role.padEnd(10)} ${step.op}${first === '' ? '' : ` ${first}`}`
  const origin = step.origin === '' ? '' : `# ${step.origin}`
  return [`${head.padEnd(originColumn)} ${origin}`.trimEnd(), ...more.map((line) => `${''.padEnd(13)}${line}`)].join(
    '\n',
  )
}

const originColumn = 90

/** As mount(8) spells them. */
const mountOptions = {
  ro: mountAttribute.readOnly,
  nosuid: mountAttribute.noSuid,
  nodev: mountAttribute.noDev,
  noexec: mountAttribute.noExec,
} as const

/** What follows the operation; lists take a line an item. */
function linesOf(step: Step): readonly string[] {
  switch (step.op) {
    case 'start.expect-words':
      return [`${step.startedAs}: ${step.words.join(' ')}`]
    case 'start.expect-place':
      return [`root ${step.root}`, `file ${step.file}`, `started as ${step.startedAs}`]
    case 'start.expect-host':
      return [`Linux ${step.release} ${step.machine} uid=${step.uid} gid=${step.gid} directory=${step.directory}`]
    case 'start.expect-mounts':
      return step.points
    case 'start.expect-variables':
      return step.variables.map(({ name, isSet, value }) => (isSet === 0 ? `no ${name}` : `${name}=${value}`))
    case 'start.expect-nodes':
      return step.nodes.map(({ path, type }) => `${path} ${nodeTypes[type] ?? type}`)
    case 'start.expect-contents':
      return step.pieces.map(({ path, offset, content }) => `${path} ${content.length} bytes at ${offset}`)
    case 'start.open-report':
      return [step.file]
    case 'report.watch-kills':
      return [`${step.calls.length} calls`]
    case 'report.write':
      return [`descriptor=${step.descriptor}`, step.head]
    case 'resources.limit-wall-clock':
      return [`${step.milliseconds}ms grace=${step.graceMs}ms`]
    case 'resources.limit-cgroup':
      return [
        ...(step.above === '' ? [] : [`above=${step.above}`]),
        step.enable,
        ...step.settings.map(({ file, value }) => `${file}=${value}`),
      ]
    case 'resources.set-limit':
      return [`${resourceName(step.resource)}=${step.value}`]
    case 'namespaces.clone':
      return [
        `${names(step.flags, namespaceFlag)} uid=${step.uidInside}->${step.uidOutside} gid=${step.gidInside}->${step.gidOutside}`,
      ]
    case 'namespaces.set-hostname':
      return [step.hostname]
    case 'network.relay':
      return [
        `uid=${step.uid} gid=${step.gid} connections=${step.connectionsMax} flows=${step.flowsMax}`,
        `timeouts hello=${step.helloTimeoutMs}ms dial=${step.dialTimeoutMs}ms answer=${step.answerTimeoutMs}ms idle=${step.idleTimeoutMs}ms flow=${step.flowIdleMs}ms lookup=${step.lookupFreshMs}ms`,
        `resolver ${step.resolver} handled ${names(step.resolverHandledFs, fsRights)}`,
        ...step.endpoints.map(
          ({ host, dial, port, protocol, tls, within }, index) =>
            `endpoint[${index}] ${[...(host === '' ? dial : [host])].join(' ')} port=${port} ${protocolName(protocol)} tls=${nameOf(tlsDemand, tls)} within=[${within.map(range).join(' ')}]`,
        ),
        `listeners ${step.listeners.map(({ endpoint, protocol }) => `${endpoint === resolverListener ? 'resolver' : endpoint}/${protocolName(protocol)}`).join(' ')}`,
        ...step.names.map(({ name, addresses }) => `name ${name} ${addresses.join(' ')}`),
        `refused to names ${step.refused.map(range).join(' ')}`,
        `unreachable ${step.unreachable.map(range).join(' ')}`,
        ...ruleset(step),
        filter(step.filter),
      ]
    case 'network.publish':
      return [
        `uid=${step.uid} gid=${step.gid} connections=${step.connectionsMax} dial-timeout=${step.dialTimeoutMs}ms answer=${step.answerTimeoutMs}ms idle=${step.idleTimeoutMs}ms`,
        ...step.published.map(
          ({ address, publish, descriptor, dial, port }) =>
            `${descriptor === 0 ? writeAddress(address, publish) : `descriptor ${descriptor}`} -> ${dial.map((to) => writeAddress(to, port)).join(' ')}`,
        ),
        ...ruleset(step),
        filter(step.filter),
      ]
    case 'network.open-gateway':
      return [
        step.sockets
          .map(({ address, port, protocol }) => `${writeAddress(address, port)}/${protocolName(protocol)}`)
          .join(' '),
      ]
    case 'network.add-veth':
      return [`${step.device} <-> ${step.peer}`]
    case 'network.add-sandbox-address':
    case 'network.add-gateway-address':
      return [`${step.address} on ${step.device}`]
    case 'network.open-route':
      return [
        `${step.link} <-> ${step.device} by ${step.nft}`,
        `sources ${step.sources.map((first) => `${first}+65536`).join(' ')}`,
        ...step.settings.map((setting) => `${setting}=1`),
        ...nftLines(step.rules),
        `check ${JSON.stringify(step.check)} ${JSON.stringify(step.standing)}`,
      ]
    case 'network.take-route':
      return [`${step.device} ${step.sources.map((first) => `${first}+65536`).join(' ')}`]
    case 'network.add-forwarded-route':
      return [`${step.destination} by ${step.device}`]
    case 'network.add-route':
      return [`${step.destination} by ${step.device} from ${step.source}`]
    case 'network.add-return-route':
      return [`${step.destination} by ${step.device}`]
    case 'filesystem.create-root':
      return [`size=${step.sizeBytes}`]
    case 'filesystem.make-directory':
      return [`${step.target} ${mode(step.mode)}`]
    case 'filesystem.make-symlink':
      return [`${step.target} -> ${step.content}`]
    case 'filesystem.make-file':
    case 'filesystem.pin-file':
      return [`${step.target} ${mode(step.mode)} ${JSON.stringify(new TextDecoder().decode(step.content))}`]
    case 'filesystem.bind':
      return [`${bound(step)} ${fileType(step.type)} ${names(step.attributes, mountOptions)}`]
    case 'filesystem.mount-tmpfs':
      return [`${step.target} ${mode(step.mode)} size=${step.sizeBytes} ${names(step.attributes, mountOptions)}`]
    case 'filesystem.mount-proc':
      return [step.target]
    case 'process.change-directory':
      return [step.path]
    case 'process.close-descriptors':
      return [`keep=[${step.keep.join(' ')}] connects=${step.connects}`]
    case 'landlock.restrict-self':
      return ['', ...ruleset(step), ...step.paths.map(({ path, access }) => `${path} ${names(access, fsRights)}`)]
    case 'seccomp.allow-one-exec':
    case 'seccomp.load-filter':
      return [filter(step.filter)]
    case 'process.execute':
      return [step.path, `argv ${JSON.stringify(step.arguments)}`, `env ${JSON.stringify(step.environment)}`]
    case 'service.pass-notices':
      return [`to ${step.manager}`]
    case 'service.take-notices':
      return [`@${step.name}`]
    case 'service.open-listeners':
      return step.listeners.map(({ descriptor, address, port }) => `${descriptor} at ${writeAddress(address, port)}`)
    case 'report.time':
    case 'network.loopback-up':
    case 'filesystem.enter-root':
    case 'process.new-keyring':
    case 'process.new-session':
    case 'process.reset-signals':
    case 'process.no-new-privileges':
    case 'process.drop-capabilities':
      return []
    default:
      return assertNever(step)
  }
}

/** A rule a line, as nft(8) lists them. */
function nftLines(rules: string): readonly string[] {
  return rules
    .replaceAll(/((?:table|chain) [^{]*\{) /g, '$1\n')
    .replaceAll('; ', ';\n')
    .replaceAll(/^(?!table|chain|flags|\})/gm, '  ')
    .split('\n')
}

function ruleset(
  step: Pick<Extract<Step, { op: 'landlock.restrict-self' }>, 'handledFs' | 'handledNet' | 'scoped' | 'ports'>,
): readonly string[] {
  return [
    `handled ${names(step.handledFs, fsRights)}`,
    `handled ${names(step.handledNet, netRights)}`,
    `scoped ${names(step.scoped, scopes)}`,
    ...step.ports.map(({ port, access }) => `port ${port} ${names(access, netRights)}`),
  ]
}

function bound({ source, target }: Extract<Step, { op: 'filesystem.bind' }>): string {
  return source === target ? target : `${source} -> ${target}`
}

/** Names of the bits that are set, in the order of the table; what it does not know in hexadecimal. */
function names(bits: bigint, table: Readonly<Record<string, bigint>>): string {
  const known = Object.entries(table).filter(([, bit]) => (bits & bit) !== 0n)
  const rest = known.reduce((left, [, bit]) => left & ~bit, bits)
  const words = [...known.map(([name]) => name), ...(rest === 0n ? [] : [`0x${rest.toString(16)}`])]
  return words.length === 0 ? '-' : words.join(',')
}

function range({ address, prefix }: { readonly address: string; readonly prefix: number }): string {
  return `${address}/${prefix}`
}

function protocolName(number: number): string {
  return nameOf(protocolNumber, number)
}

function nameOf(names: Readonly<Record<string, number>>, number: number): string {
  return Object.entries(names).find(([, known]) => known === number)?.[0] ?? String(number)
}

function fileType(type: number): string {
  return Object.entries(fileTypes).find(([, bits]) => bits === type)?.[0] ?? mode(type)
}

function mode(bits: number): string {
  return bits.toString(8).padStart(4, '0')
}

function filter(program: Uint8Array): string {
  return `filter of ${program.length / 8} instructions`
}
