import { join } from 'node:path'
import { constants } from 'node:os'
import { must, type Outcome } from '../world/process.js'

/** Paths of the multi-call probe, built against each C library, and of the 32-bit one. */
export interface Probes {
  readonly glibc: string
  readonly musl: string
  readonly i386: string
}

/** Compiles the hostile programs into `directory`; they are static, so that a sandbox needs to grant only the file. */
export async function buildProbes(directory: string): Promise<Probes> {
  const at = (name: string) => join(directory, name)
  const probes = { glibc: at('probe'), musl: at('probe-musl'), i386: at('probe32') }
  const flags = ['-O1', '-Wall', '-Wextra', '-Werror', '-static']
  const parts = ['probe', 'network', 'ways', 'routes', 'kernel', 'process', 'filesystem'].map((name) =>
    join(sources, `${name}.c`),
  )
  await must(['cc', ...flags, '-o', probes.glibc, ...parts])
  await must(['musl-gcc', ...flags, '-o', probes.musl, ...parts])
  const bare = ['-m32', '-nostdlib', '-ffreestanding', '-fno-pic', '-no-pie', '-fno-stack-protector']
  await must(['cc', ...flags, ...bare, '-o', probes.i386, join(sources, 'i386', 'probe32.c')])
  return probes
}

/** What a probe said: `ok`, an errno's name, or how it ended instead of answering. */
export function answerOf({ code, signal, stdout, stderr }: Outcome): string {
  if (signal !== null) return signal
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (code !== 0) return `exit ${code}: ${stderr.trim()}`
  const [word, value] = last.split(' ')
  return word === 'errno' ? errnoName(Number(value)) : last
}

/** What `probe batch` said to each act. */
export function answersOf({ stdout }: Outcome): readonly string[] {
  const parts = stdout.split(/^end (\d+)$/m)
  return parts.flatMap((text, index) => {
    if (index % 2 === 1) return []
    const status = parts[index + 1]
    if (status === undefined) return []
    const signal = Number(status) & 0x7f
    return signal === 0 ? answerOf({ ...ended, stdout: text }) : [`signal ${signal}`]
  })
}

const ended = { code: 0, signal: null, stderr: '', descriptor3: '' }

/** The name of an errno value of this machine. */
export function errnoName(value: number): string {
  const found = Object.entries(constants.errno).find(([, number]) => number === value)
  return found?.[0] ?? `errno ${value}`
}

// From build-test/integration/probes to the sources, which are not compiled by tsc.
const sources = join(import.meta.dirname, '../../../integration/probes')
