import { writeSync } from 'node:fs'
import { errorCode } from '../core/error-code.js'
import { HostError } from '../core/errors.js'
import { printable } from '../policy/characters.js'

/**
 * Writes all of a text to standard output.
 * @throws HostError when that takes no more: a full disk, a reader that has gone.
 */
export function writeOut(text: string): void {
  writeBytes(Buffer.from(text))
}

/** Writes all of some bytes to standard output. */
export function writeBytes(bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSome(bytes.subarray(done))
}

/** Lines of an answer, with every word of others made harmless for a terminal. */
export function writeLines(lines: readonly string[]): void {
  writeOut(lines.map((line) => `${printable(line, Infinity)}\n`).join(''))
}

function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(1, bytes)
  } catch (error) {
    const code = errorCode(error)
    // The caller may have made its end of a pipe non-blocking: then a reader is slow, and nothing is wrong.
    if (code !== 'EAGAIN') {
      throw new HostError('', 'a standard output that can be written', code, 'send the output elsewhere')
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    return 0
  }
}
