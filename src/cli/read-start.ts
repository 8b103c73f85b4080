import { closeSync, openSync, readSync } from 'node:fs'

/** The first bytes of a file: a device or a pipe must not be read for ever. */
export function readStart(path: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const file = openSync(path, 'r')
  try {
    let done = 0
    for (let count = -1; count !== 0 && done < length; done += count) {
      count = readSync(file, bytes, done, length - done, null)
    }
    return bytes.subarray(0, done)
  } finally {
    closeSync(file)
  }
}
