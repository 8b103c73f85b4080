import { existsSync, readFileSync } from 'node:fs'
import { machine, release } from 'node:os'
import { join } from 'node:path'
import { getSystemErrorName } from 'node:util'
import { errorCode } from '../core/error-code.js'
import { HostError, InternalError } from '../core/errors.js'
import { packageRoot } from '../core/package-root.js'
import { isWithin } from '../core/path.js'
import type { PolicyKey } from '../core/policy-key.js'
import type { Arch, HostFacts, PathFacts, Permissions } from './facts.js'
import { namedCgroup, ownCgroup, type Launcher } from './cgroup.js'
import { readText, type Files } from './files.js'
import { homeOfCaller } from './home.js'
import { readInterpreters } from './interpreters.js'
import { kernelMounts } from './mounts.js'
import { workingDirectory } from './lost-bytes.js'
import { parseLimits } from './limits.js'
import { passedSockets, type SocketFacts } from './passed-sockets.js'
import { isThere, lookUp, type Found } from './paths.js'
import { findNft, findUplinks, forwardsIpv6By } from './forwarding.js'
import { parseUsers } from './users.js'

/** What the compiler wants to know, each with the key that asks. */
export interface Questions {
  readonly paths: ReadonlyMap<string, PolicyKey>
  /** Paths of programs: what execve(2) opens besides them is looked up as well. */
  readonly programs: ReadonlyMap<string, PolicyKey>
  /** Places that are wanted where one of the paths leads into one of them or around it. */
  readonly places: ReadonlyMap<string, PolicyKey>
  /** Hosts whose addresses are wanted, and how they are reached. */
  readonly names: ReadonlyMap<string, PolicyKey>
  /** Whether what the service manager passes is wanted. */
  readonly passed: boolean
}

/** What only native code can ask; the functions of the addon. */
export interface Kernel {
  landlockAbi(): { readonly abi: number; readonly errata: number }
  userNamespaceError(): number
  describeSocket(descriptor: number): SocketFacts | null
}

/**
 * Looks at the host. Nothing is changed: the check for user namespaces makes one in a child that ends at once.
 * @throws HostError when something cannot be looked at.
 */
export async function probe(
  questions: Questions,
  kernel: Kernel,
  files: Files,
  launcher: Launcher = 'this process',
): Promise<HostFacts> {
  const { paths, symlinks, closed } = walkAll(questions, files)
  const names = await resolveAll(questions.names)
  return {
    arch: archOf(machine()),
    release: release(),
    caller: callerFacts(),
    landlock: kernel.landlockAbi(),
    hardLimits: parseLimits(readFileSync('/proc/self/limits', 'utf8')),
    lowestPort: lowestPort(),
    cgroup: typeof launcher === 'string' ? ownCgroup(launcher) : namedCgroup(launcher.below),
    // ipv6(7): the kernel's list of addresses; a kernel booted with ipv6.disable=1 has none.
    ipv6: existsSync('/proc/net/if_inet6'),
    forwardsIpv6By: forwardsIpv6By(),
    nft: findNft(),
    resolver: join(packageRoot(), 'build', 'Release', 'palisade-resolve'),
    userNamespaces: userNamespaces(kernel.userNamespaceError(), files),
    paths,
    symlinks,
    closed,
    kernelMounts: kernelMounts(),
    names,
    uplinks: await findUplinks(new Set([...names.values()].flat())),
    environment: new Map(
      Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    passed:
      questions.passed && launcher === 'this process'
        ? passedSockets(process.env, process.pid, (descriptor) => kernel.describeSocket(descriptor))
        : [],
    users: parseUsers(readText('/etc/passwd', files)),
  }
}

/** The native table, by the machine field of uname(2). */
export function archOf(name: string): Arch {
  if (name === 'x86_64' || name === 'aarch64' || name === 'riscv64') return name
  if (/^i[3-6]86$/.test(name)) return 'i386'
  if (/^armv[678]/.test(name)) return 'arm'
  throw new HostError('', 'x86_64, i386, aarch64, arm or riscv64', name, 'run on one of these')
}

function callerFacts(): HostFacts['caller'] {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  if (uid === undefined || gid === undefined) throw new InternalError('no ids on this platform')
  return { uid, gid, home: homeOfCaller(), directory: workingDirectory() ?? '' }
}

/** ip(7), capabilities(7): CAP_NET_BIND_SERVICE, bit 10, is for all lower ones. */
function lowestPort(): number {
  const [, held = ''] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  if ((BigInt(`0x${held}`) & (1n << 10n)) !== 0n) return 1
  return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
}

/** AppArmor judges by the program's path: what it refuses to Node it may allow the launcher, which finds out itself. */
function userNamespaces(errno: number, files: Files): HostFacts['userNamespaces'] {
  // They decide next time too.
  for (const path of switches) if (isThere(path, files)) files.read(path, 64)
  return errno === 0 || isJudgedByPath() ? 'allowed' : { refused: getSystemErrorName(-errno) }
}

/** Settings that forbid user namespaces to some callers or to all. */
const switches = [
  '/proc/sys/user/max_user_namespaces',
  '/proc/sys/kernel/unprivileged_userns_clone',
  '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
]

function isJudgedByPath(): boolean {
  const restricts = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns'
  return existsSync(restricts) && readFileSync(restricts, 'utf8').trim() === '1'
}

function walkAll(
  { paths, programs, places }: Questions,
  files: Files,
): Pick<HostFacts, 'paths' | 'symlinks' | 'closed'> {
  const found = new Map<string, PathFacts | null>()
  const symlinks = new Map<string, string>()
  const closed = new Map<string, Permissions>()
  const note = (path: string, key: PolicyKey, kind: 'path' | 'program'): PathFacts | null => {
    const walked = lookStill(path, key, kind, files)
    for (const [link, target] of walked.symlinks) symlinks.set(link, target)
    for (const [directory, permissions] of walked.closed) closed.set(directory, permissions)
    found.set(path, walked.facts)
    return walked.facts
  }
  for (const [path, key] of paths) note(path, key, 'path')
  const open = [...programs]
  // Each interpreter is looked at once, so a script that names itself ends here.
  const seen = new Set<string>()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, key] = next
    if (seen.has(path)) continue
    seen.add(path)
    const facts = note(path, key, 'program')
    const interpreters = (facts?.interpreters ?? []).filter((interpreter) => interpreter.startsWith('/'))
    open.push(...interpreters.map((interpreter): [string, PolicyKey] => [interpreter, key]))
  }
  const reals = [...found.values()].flatMap((facts) => (facts === null ? [] : [facts.real]))
  for (const [path, key] of places)
    if (reals.some((real) => isWithin(path, real) || isWithin(real, path))) note(path, key, 'path')
  return { paths: found, symlinks, closed }
}

/** A file that is replaced between two looks fails the second one. */
function lookStill(path: string, key: PolicyKey, kind: 'path' | 'program', files: Files): Found {
  try {
    const found = lookUp(path, key, files)
    const { facts } = found
    return facts !== null && kind === 'program' ? { ...found, facts: withInterpreters(facts, files) } : found
  } catch (error) {
    const code = errorCode(error)
    if (!['ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL'].includes(code)) throw error
    throw new HostError(key, `${path} to stay as it is during a look at it`, code, 'run it again')
  }
}

function withInterpreters(facts: PathFacts, files: Files): PathFacts {
  const isProgram = facts.kind === 'file' && (facts.mode & 0o111) !== 0
  return isProgram ? { ...facts, interpreters: readInterpreters(facts.real, files) } : facts
}

async function resolveAll(names: ReadonlyMap<string, PolicyKey>): Promise<HostFacts['names']> {
  const resolved = await Promise.all(
    Array.from(names, async ([name, key]): Promise<[string, readonly string[]]> => [
      name,
      await addressesOf(name, key),
    ]),
  )
  return new Map(resolved)
}

/** By the host's own resolver: nsswitch.conf, /etc/hosts and all. */
async function addressesOf(name: string, key: PolicyKey): Promise<readonly string[]> {
  try {
    const { lookup } = await import('node:dns/promises')
    const answers = await lookup(name, { all: true })
    // A link-local address may come with its device, `%eth0`.
    return [...new Set(answers.map(({ address }) => address.replace(/%.*/, '')))]
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOTFOUND' || code === 'ENODATA') return []
    throw new HostError(key, `an address of ${name}`, code, 'check the resolver of this host, or write the address')
  }
}
