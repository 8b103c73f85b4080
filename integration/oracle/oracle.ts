import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

// The C sources are not copied to the output folder: tests run at the root of the project.
const sources = 'integration/oracle'

export interface Oracle {
  readonly directory: string
  /** libseccomp's program for the lines of libseccomp_filter.c. */
  readonly libseccomp: (lines: readonly string[]) => Uint8Array
  /** Makes each call in a process of its own under the filter; the answers as load_filter.c writes them. */
  readonly calls: (filter: Uint8Array, calls: readonly string[]) => readonly string[]
  /** Runs a command under the filter. */
  readonly run: (filter: Uint8Array, command: readonly string[]) => Promise<Outcome>
}

export interface Outcome {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Builds both programs in a folder that `dispose` removes. */
export function buildOracle(): Oracle & Disposable {
  const directory = mkdtempSync(join(tmpdir(), 'palisade-oracle-'))
  const [oracle, loader] = [join(directory, 'libseccomp_filter'), join(directory, 'load_filter')]
  compile('cc', ['-o', oracle, join(sources, 'libseccomp_filter.c'), '-lseccomp'])
  compile('cc', ['-o', loader, join(sources, 'load_filter.c')])
  const filterFile = (filter: Uint8Array): string => {
    const path = join(directory, 'filter')
    writeFileSync(path, filter)
    return path
  }
  return {
    directory,
    libseccomp: (lines) => execFileSync(oracle, { timeout: 20_000, input: `${lines.join('\n')}\n` }),
    calls: (filter, calls) => {
      const input = `${calls.join('\n')}\n`
      return execFileSync(loader, [filterFile(filter), 'call'], { input, encoding: 'utf8' })
        .trimEnd()
        .split('\n')
    },
    run: (filter, command) => run(loader, [filterFile(filter), 'exec', ...command], directory),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  }
}

/** Compiles with all warnings as errors. */
export function compile(compiler: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): void {
  const flags = compiler === 'go' ? [] : ['-O1', '-Wall', '-Wextra', '-Werror']
  execFileSync(compiler, [...flags, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function run(program: string, args: readonly string[], directory: string): Promise<Outcome> {
  // env -i, because the test runner adds NODE_OPTIONS to whatever is spawned, and every node would do its work too.
  const clean = ['-i', `PATH=${process.env['PATH']}`, `HOME=${directory}`, program, ...args]
  const child = spawn('env', clean, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
  const [stdout, stderr]: [string[], string[]] = [[], []]
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text))
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve({ code, signal }))
  })
  await Promise.all([finished(child.stdout), finished(child.stderr)])
  return { ...(await ended), stdout: stdout.join(''), stderr: stderr.join('') }
}
