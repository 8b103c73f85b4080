/** Virtual machines: QEMU's emulation, always, because the kernels that we test must not depend on the one below. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GuestArch } from '../matrix.js'
import { must } from './commands.js'

export interface Machine {
  readonly arch: GuestArch
  readonly kernel: string
  readonly initramfs: string
  /** Kernel command line, beside what the console needs. */
  readonly parameters: readonly string[]
  /** A read-only disk. */
  readonly disk?: string
  readonly limits: Limits
}

export interface Limits {
  /** Processor seconds of QEMU until the guest's first line, and for all. Wall time says little on a busy machine. */
  readonly bootCpu: number
  readonly cpu: number
  /** Seconds of wall time for all: a guest that waits uses no processor. */
  readonly wall: number
}

/** What a guest may say, in bytes: several times what any of ours does. */
const resultsMax = 16 << 20
const lineMax = 1 << 16
const consoleMax = 8 << 20

/**
 * How a guest's run went. `ended`: QEMU has ended by itself, which says nothing about the guest. `results` and
 * `console`: it said too much there, or a line without an end.
 */
export type Ending = { readonly kind: 'ended' } | { readonly kind: 'limit'; readonly which: Limit }
type Limit = keyof Limits | 'results' | 'console'

export interface Boot {
  readonly ending: Ending
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

const emulators: Readonly<Record<GuestArch, readonly string[]>> = {
  x86_64: ['qemu-system-x86_64', '-M', 'pc', '-cpu', 'max'],
  i386: ['qemu-system-x86_64', '-M', 'pc', '-cpu', 'max'],
  // Pointer authentication as the architecture has it is slow to emulate.
  aarch64: ['qemu-system-aarch64', '-M', 'virt', '-cpu', 'max,pauth-impdef=on'],
}

/** QEMU 7.2 panics x86 kernels from 6.12 on. */
const oldestQemu = 8

/** Throws when QEMU is missing, or too old to be trusted. */
export function requireQemu(): void {
  for (const emulator of ['qemu-system-x86_64', 'qemu-system-aarch64']) {
    const [, version = ''] = /version (\d+)\./.exec(must(emulator, ['--version'])) ?? []
    if (Number(version) < oldestQemu) {
      throw new Error(`${emulator} ${version}: kernels panic under it; \`.ci/setup vm\` installs the one of backports`)
    }
  }
}

/** QEMU's arguments; `results` is where the guest's port leads. */
export function commandLine(
  machine: Machine,
  results: readonly string[],
  console: readonly string[],
): readonly string[] {
  const { arch, kernel, initramfs, parameters, disk } = machine
  const port = arch === 'aarch64' ? 'ttyAMA0' : 'ttyS0'
  const own = arch === 'aarch64' ? [] : ['no_timer_check']
  const processor = ['-accel', 'tcg,thread=multi,tb-size=1024', '-smp', '1', '-m', '1024']
  const nothingElse = ['-nodefaults', '-display', 'none', '-no-reboot']
  const append = [`console=${port}`, 'panic=-1', 'oops=panic', 'quiet', ...own, ...parameters].join(' ')
  const devices = ['-device', 'virtio-serial-pci', ...results, '-device', 'virtserialport,chardev=results,name=results']
  const root =
    disk === undefined
      ? []
      : ['-drive', `if=none,id=root,format=raw,readonly=on,file=${disk}`, '-device', 'virtio-blk-pci,drive=root']
  const system = ['-kernel', kernel, '-initrd', initramfs, '-append', append]
  return [...emulators[arch], ...processor, ...nothingElse, ...system, ...console, ...devices, ...root]
}

/** What a guest says, a line at a time, and QEMU's process. */
type Hear = (line: string, pid: number) => void

/** Runs a guest to its end, or to a limit. The console goes to a file; `hear` gets the guest's lines as they come. */
export async function boot(machine: Machine, consoleFile: string, hear: Hear): Promise<Boot> {
  const directory = mkdtempSync(join(tmpdir(), 'palisade-guest-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    return await bootWith(join(directory, 'results'), machine, consoleFile, hear)
  } finally {
    process.off('exit', remove)
    remove()
  }
}

async function bootWith(socket: string, machine: Machine, consoleFile: string, hear: Hear): Promise<Boot> {
  let heard = false
  let ending: Ending = { kind: 'ended' }
  const spoken: Promise<void>[] = []
  const stop = (which: Limit): void => {
    if (ending.kind === 'ended') ending = { kind: 'limit', which }
    child.kill('SIGKILL')
  }
  const server = createServer((connection) => {
    const listen = async (): Promise<void> => {
      for await (const lines of linesOf(connection)) {
        if (lines === 'too much') return stop('results')
        heard = true
        for (const line of lines) hear(line, child.pid ?? 0)
      }
    }
    const listening = listen()
    // Thrown below, where it is awaited.
    listening.catch(() => child.kill('SIGKILL'))
    spoken.push(listening)
  })
  server.listen(socket)
  await once(server, 'listening')
  const complaints = openSync(consoleFile, 'w')
  const started = Date.now()
  // QEMU connects: what the guest says first finds somebody who listens.
  const qemu = commandLine(
    machine,
    ['-chardev', `socket,id=results,path=${socket}`],
    ['-serial', `file:${consoleFile}`],
  )
  const child = spawn('setpriv', ['--pdeathsig=KILL', '--', ...qemu], { stdio: ['ignore', 'ignore', complaints] })
  closeSync(complaints)
  let cpuSeconds = 0
  const watch = setInterval(() => {
    cpuSeconds = cpuSecondsOf(child.pid ?? 0) ?? cpuSeconds
    const wall = (Date.now() - started) / 1000
    const which = passed(machine.limits, { wall, cpuSeconds, heard })
    if (which !== null) stop(which)
    else if (statSync(consoleFile).size > consoleMax) stop('console')
  }, 200)
  try {
    await once(child, 'close')
    // What it said last may still be on its way.
    await Promise.all(spoken)
  } finally {
    clearInterval(watch)
    server.close()
  }
  return { ending, cpuSeconds, wallSeconds: (Date.now() - started) / 1000 }
}

/** The lines of what a guest says, as they come. */
async function* linesOf(connection: Socket): AsyncGenerator<readonly string[] | 'too much'> {
  let total = 0
  let open = ''
  const chunks: AsyncIterable<string> = connection.setEncoding('utf8')
  for await (const chunk of chunks) {
    total += Buffer.byteLength(chunk)
    const lines = (open + chunk).split('\n')
    open = lines.pop() ?? ''
    yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    if (total <= resultsMax && open.length <= lineMax) continue
    connection.destroy()
    yield 'too much'
  }
  if (open !== '') yield [open]
}

function passed(
  { bootCpu, cpu, wall }: Limits,
  so: { readonly wall: number; readonly cpuSeconds: number; readonly heard: boolean },
): keyof Limits | null {
  if (so.wall > wall) return 'wall'
  if (so.cpuSeconds > cpu) return 'cpu'
  return !so.heard && so.cpuSeconds > bootCpu ? 'bootCpu' : null
}

/** utime and stime, in the 10 ms of proc_pid_stat(5); null: it has ended. */
function cpuSecondsOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null
    throw error
  }
}
