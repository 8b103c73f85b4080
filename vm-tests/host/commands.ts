import { execFileSync } from 'node:child_process'

/** Runs a command to its end; returns stdout. Throws what it says when it fails. */
export function must(command: string, words: readonly string[], options: { readonly directory?: string } = {}): string {
  try {
    return execFileSync(command, words, {
      ...(options.directory === undefined ? {} : { cwd: options.directory }),
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 600_000,
    })
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trimEnd() : ''
    throw new Error(`${command} ${words.join(' ')}: ${said === '' ? String(error) : said}`, { cause: error })
  }
}
