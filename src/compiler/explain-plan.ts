import { isWithin } from '../core/path.js'
import { fsRights } from '../layers/landlock/abi.js'
import type { RestrictSelf } from '../layers/landlock/steps.js'
import { mountAttribute } from '../layers/filesystem/attributes.js'
import { devices } from '../layers/filesystem/base-view.js'
import type { LayerName, StatusLine } from '../layers/layer.js'
import { protocolNumber, resolverListener, tlsDemand, type OpenRoute, type Relay } from '../layers/network/steps.js'
import { keyOfSetting } from '../layers/resources/cgroup.js'
import { resourceName } from '../layers/resources/resources.js'
import { listPromises, seccompNotes } from '../layers/seccomp/seccomp.js'
import type { Bind } from '../layers/filesystem/steps.js'
import type { Step } from '../plan/descriptors.js'
import { writeAddress } from '../policy/ip-address.js'
import { letsByDefault, type FilterRequest } from '../layers/seccomp/request.js'
import type { CompiledPlan } from './compile.js'

/** The whole plan in words: openings and what is not enforced first, then each layer with what it does. */
export function describePlan(plan: CompiledPlan): readonly string[] {
  const layers: readonly LayerName[] = [...new Set(plan.status.map(({ layer }) => layer))]
  return [...openings(plan), ...layers.flatMap((layer) => describeLayer(plan, layer))]
}

/** What a reader must know before anything else. */
function openings({ steps, status, filter: { request } }: CompiledPlan): readonly string[] {
  const asRoot = steps.some((step) => step.op === 'namespaces.clone' && step.uidOutside === 0)
  const root =
    "UNSAFE: the program is the host's uid 0, which may write what root owns in every grant (unsafe.host-root)"
  const calls = 'UNSAFE: the filter lets every call through that no rule refuses (unsafe.allow-by-default)'
  const weak = status.filter((line) => line.status !== 'fully_enforced')
  return [
    ...(asRoot ? [root] : []),
    ...(letsByDefault(request) ? [calls] : []),
    ...weak.map((line) => `WEAKER: ${line.layer}: ${statusText(line)}`),
  ]
}

function describeLayer(plan: CompiledPlan, layer: LayerName): readonly string[] {
  const lines = plan.status.filter((line) => line.layer === layer).map((line) => `  ${statusText(line)}`)
  return [layer, ...lines, ...detailsOf(plan, layer).map((line) => `    ${line}`)]
}

function statusText({ protection, status, text }: StatusLine): string {
  return `${protection}: ${status.replaceAll('_', ' ')}, ${text}`
}

function detailsOf(plan: CompiledPlan, layer: LayerName): readonly string[] {
  switch (layer) {
    case 'namespaces':
      return plan.steps.flatMap(describeIdentity)
    case 'filesystem':
      return describeView(plan)
    case 'network':
      return describeNetwork(plan)
    case 'resources':
      return plan.steps.flatMap(describeLimit)
    case 'process':
      return plan.steps.flatMap(describeStart)
    case 'seccomp':
      return describeFilter(plan)
    case 'service':
      return plan.steps.flatMap(describeNotices)
    case 'landlock':
    case 'report':
      return []
  }
}

function describeIdentity(step: Step): readonly string[] {
  if (step.op === 'namespaces.set-hostname') return [`its host is called ${step.hostname}`]
  if (step.op !== 'namespaces.clone') return []
  return [`the program is ${step.uidOutside}:${step.gidOutside} on the host; nobody else exists inside`]
}

function describeView({ steps }: CompiledPlan): readonly string[] {
  const rules = steps.find((step) => step.op === 'landlock.restrict-self')?.paths ?? []
  const mounts = steps.flatMap((step) => describeMount(step, rules))
  const base = `always there: /proc with the sandbox's own processes, ${devices.join(', ')}, /dev/fd and its kin`
  const moving = rules.filter(({ access }) => (access & fsRights.refer) !== 0n).map(({ path }) => path)
  const writable = rules.some(({ access }) => (access & fsRights.make_reg) !== 0n)
  if (!writable) return [...mounts, base]
  const moves =
    moving.length === 0
      ? 'rename and link between two directories: EXDEV (filesystem.move is empty)'
      : `rename and link between two directories: in ${moving.join(', ')}; elsewhere EXDEV (filesystem.move)`
  return [...mounts, base, moves]
}

/** One mount of the view; nothing for what only makes room for one. */
function describeMount(step: Step, rules: RestrictSelf['paths']): readonly string[] {
  if (step.op === 'filesystem.bind') {
    const isDevice = devices.some((device) => device === step.target)
    return isDevice ? [] : [`${rightsText(step, rules).padEnd(16)} ${step.target} (${step.origin})`]
  }
  if (step.op === 'filesystem.mount-tmpfs') {
    const what = step.mode === 0 ? 'hidden' : `private, ${step.sizeBytes >> 20n} MiB`
    return [`${what.padEnd(16)} ${step.target} (${step.origin})`]
  }
  if (step.op !== 'filesystem.pin-file') return []
  return [`${(step.mode === 0 ? 'hidden' : "Palisade's own").padEnd(16)} ${step.target} (${step.origin})`]
}

function rightsText({ target, attributes }: Bind, rules: RestrictSelf['paths']): string {
  const writes = (attributes & mountAttribute.readOnly) === 0n
  const starts = rules.some(({ path, access }) => isWithin(target, path) && (access & fsRights.execute) !== 0n)
  return ['read', ...(writes ? ['write'] : []), ...(starts ? ['start'] : [])].join(', ')
}

function describeNetwork({ steps }: CompiledPlan): readonly string[] {
  const relay = steps.find((step) => step.op === 'network.relay')
  const gateway = steps.find((step) => step.op === 'network.open-gateway')
  const sockets = (gateway?.sockets ?? []).map(({ address, port }, index) => {
    const { endpoint } = relay?.listeners[index] ?? { endpoint: resolverListener }
    const to = relay?.endpoints[endpoint]
    if (to === undefined) return `${writeAddress(address, port)} answers for the names of network.egress (network.dns)`
    return `${writeAddress(address, port)} is relayed to ${describeEndpoint(to)} (${to.key})`
  })
  const forwarded = steps.flatMap((step) => (step.op === 'network.open-route' ? step.passes : []))
  const published = steps.flatMap((step) => (step.op === 'network.publish' ? step.published : []))
  const up = steps.find((step) => step.op === 'network.loopback-up')
  return [
    ...sockets,
    ...forwarded.map(describeForwarded),
    ...published.map(
      ({ key, address, publish, port }) =>
        `the host reaches port ${port} at ${writeAddress(address, publish)} (${key})`,
    ),
    'any other address: ENETUNREACH',
    `its own loopback: ${up === undefined ? 'down (network.loopback)' : `up (${up.origin})`}`,
  ]
}

function describeForwarded({ key, address, port, protocol }: OpenRoute['passes'][number]): string {
  const udp = protocol === protocolNumber.udp ? ' by UDP' : ''
  return `${writeAddress(address, port)}${udp} is forwarded by the host, and nobody looks into it (${key}, network.via)`
}

function describeEndpoint({ host, dial, port, protocol, tls }: Relay['endpoints'][number]): string {
  const to = host === '' ? dial.map((address) => writeAddress(address, port)).join(', then ') : `${host}:${port}`
  const udp = protocol === protocolNumber.udp ? ' by UDP' : ''
  return tls === tlsDemand.any ? `${to}${udp}` : `${to} if it begins with a TLS ClientHello for that name`
}

function describeLimit(step: Step): readonly string[] {
  if (step.op === 'resources.limit-wall-clock') {
    return [`ended after ${step.milliseconds} ms: SIGTERM, and SIGKILL ${step.graceMs} ms later (${step.origin})`]
  }
  if (step.op === 'resources.limit-cgroup') {
    return step.settings.map(({ file, value }) => `${file} ${value} for all of it together (${keyOfSetting(file)})`)
  }
  return step.op === 'resources.set-limit' ? [`${resourceName(step.resource)} ${step.value} (${step.origin})`] : []
}

function describeNotices(step: Step): readonly string[] {
  if (step.op !== 'service.pass-notices') return []
  return [`what the program tells by sd_notify(3) is checked and passed on to ${step.manager} (${step.origin})`]
}

function describeStart(step: Step): readonly string[] {
  if (step.op === 'process.change-directory') return [`in ${step.path} (${step.origin})`]
  if (step.op === 'process.close-descriptors') {
    return [`with the descriptors ${['0', '1', '2', ...step.keep].join(', ')} (${step.origin})`]
  }
  if (step.op !== 'process.execute') return []
  return [
    `starts ${step.path} as ${JSON.stringify(step.arguments)}`,
    `with the environment ${JSON.stringify(step.environment)} and nothing else (process.environment)`,
  ]
}

function newerText(minimumKernel: string): string {
  return `a call newer than Linux ${minimumKernel} that nothing grants: ENOSYS (syscalls.minimumKernel)`
}

function describeFilter({ filter: { request, substitutes } }: CompiledPlan): readonly string[] {
  const promises = listPromises().filter(
    ({ kind, name }) => kind === 'implicit' || request.promises.some((one) => one === name),
  )
  const rules = (request.rules ?? []).length - substitutes.length
  const denied = request.denied === 'kill' ? 'the process is ended' : 'EPERM'
  const own: FilterRequest = { ...request, rules: request.rules?.slice(substitutes.length) }
  return [
    ...promises.map(({ kind, name, means }) => `${name}${kind === 'implicit' ? ' (always)' : ''}: ${means}`),
    ...(rules === 0 ? [] : [`${rules} rules of the policy come first (syscalls.rules)`]),
    ...(substitutes.length === 0
      ? []
      : [`${substitutes.length} rules stand in for what Landlock lacks on this kernel`]),
    ...((request.allow ?? []).length === 0 ? [] : [`also ${request.allow?.join(', ')} (syscalls.allow)`]),
    ...(request.minimumKernel === undefined ? [] : [newerText(request.minimumKernel)]),
    ...seccompNotes(own, request.arch).map(({ key, text }) => `note: ${text} (${key})`),
    letsByDefault(request)
      ? `any other call: ${request.otherwise === 'log' ? 'allowed and logged' : 'allowed'} (syscalls.otherwise); a number that no table has: ENOSYS`
      : `any other call: ${denied} (syscalls.denied); a number that no table has: ENOSYS`,
  ]
}
