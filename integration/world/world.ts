import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { hostBundle, makeCertificates, type Certificates } from './certificates.js'
import { reply, type Arrival, type Request } from './messages.js'
import { searchPath, start, type Outcome, type Running, type RunOptions } from './process.js'

export interface ClientOptions extends RunOptions {
  /** One of `World.uids`; the first by default. */
  readonly uid?: number
}

/**
 * A client host and an internet in namespaces. It ends with `close` or with the process that made it, however that
 * ends, and the host's network and files are untouched throughout.
 */
export interface World {
  /** Whom a program can run as: 0 and 65534 when root made the world, else the caller alone. */
  readonly uids: readonly number[]
  /** Readable by every user, removed at the end. */
  readonly directory: string
  readonly certificates: Certificates
  /** The process that holds the client's namespaces. */
  readonly holder: number
  /** Runs a program on the client host, in `directory` or `/`, with PATH and CA bundle in its environment. */
  readonly run: (argv: readonly string[], options?: ClientOptions) => Promise<Outcome>
  /** The same, without waiting for the end. */
  readonly start: (argv: readonly string[], options?: ClientOptions) => Running
  /**
   * Starts a server in the internet, with the files of the client host. It ends by a signal or with the process that
   * made the world. It may listen on every port, unless `uid` makes it another user.
   */
  readonly serve: (argv: readonly string[], options?: ClientOptions) => Running
  /** Everything that reached a server since the last `forget`. */
  arrivals(): Promise<readonly Arrival[]>
  forget(): Promise<void>
  close(): Promise<void>
}

export async function makeWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'palisade-world-'))
  try {
    await chmod(directory, 0o755)
    const certificates = await makeCertificates(directory)
    const holder = await startHolder(directory)
    return worldOf(directory, certificates, holder)
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

interface Holder {
  readonly child: ChildProcess
  readonly pid: number
  readonly internet: number
}

/** Root needs no user namespace, and must not have one: a test as root is about the host's uid 0. */
async function startHolder(directory: string): Promise<Holder> {
  const user = callerUid === 0 ? [] : ['--user', '--map-root-user']
  const script = join(import.meta.dirname, 'holder.js')
  const child = spawn(
    'env',
    [...withoutTap, 'unshare', ...user, '--net', '--mount', '--', process.execPath, script, directory],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { PATH: searchPath },
    },
  )
  const complaint = text(child.stderr ?? Readable.from([]))
  const ready = once(child, 'message').then(([message]) => reply.parse(message))
  // Not `close`, which does not come when this side has closed the channel.
  const ended = once(child, 'exit').then(() => null)
  const first = await Promise.race([ready, ended])
  if (first?.kind !== 'ready' || child.pid === undefined) {
    throw new Error(`the test world needs root, or user namespaces for uid ${callerUid}:\n${await complaint}`)
  }
  return { child, pid: child.pid, internet: first.internet }
}

function worldOf(directory: string, certificates: Certificates, { child, pid, internet }: Holder): World {
  const ask = async (question: Request): Promise<readonly Arrival[]> => {
    const answer: Promise<readonly unknown[]> = once(child, 'message')
    child.send(question)
    const [message] = await answer
    const said = reply.parse(message)
    if (said.kind !== 'arrivals') throw new Error(`the internet answers ${said.kind} to ${question}`)
    return said.arrivals
  }
  const begin = (
    argv: readonly string[],
    { uid = callerUid, env = {}, directory: cwd = '/', ...rest }: ClientOptions = {},
  ) => start([...enter(pid, cwd), ...become(uid), ...argv], { ...rest, env: { ...clientEnvironment, ...env } })
  const serve: World['serve'] = (argv, { uid, env = {}, directory: cwd = '/', ...rest } = {}) => {
    const identity = uid === undefined ? [] : become(uid)
    const mortal = ['setpriv', '--pdeathsig=KILL', '--']
    const command = [...enter(internet, cwd), ...identity, ...mortal, ...argv]
    return start(command, { timeoutMs: 600_000, ...rest, env: { ...clientEnvironment, ...env } })
  }
  return {
    uids: callerUid === 0 ? [0, 65534] : [callerUid],
    directory,
    certificates,
    holder: pid,
    start: begin,
    serve,
    run: (argv, options) => begin(argv, options).outcome,
    arrivals: () => ask('arrivals'),
    forget: async () => void (await ask('forget')),
    close: async () => {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

function enter(pid: number, cwd: string): readonly string[] {
  const user = callerUid === 0 ? [] : ['--user', '--preserve-credentials']
  return ['nsenter', `--target=${pid}`, ...user, '--net', '--mount', `--wdns=${cwd}`, '--']
}

/** Without root, a nested user namespace gives the caller its own id back and no capability over the world. */
function become(uid: number): readonly string[] {
  if (callerUid !== 0) return ['unshare', '--user', `--map-user=${callerUid}`, `--map-group=${callerGid}`, '--']
  return uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--']
}

// tap's runner adds it to whatever is spawned.
const withoutTap = ['--unset=NODE_OPTIONS']
const callerUid = process.getuid?.() ?? 0
const callerGid = process.getgid?.() ?? 0
// Node brings CAs of its own and has to be told of others.
const clientEnvironment = { PATH: searchPath, NODE_EXTRA_CA_CERTS: hostBundle }
