import { UsageError } from '../core/errors.js'
import { graceMs } from '../layers/resources/resources.js'

/** native/launcher/command.h. */
const headBytes = 12
const bytesMax = 1024 * 1024
const wordsMax = 32_768

/**
 * What tells a world that stands its command; `wallMs` stands in place of the plan's limit, 0 leaves that.
 * @throws UsageError when the command is longer than what the launcher takes.
 */
export function commandMessage(argv: readonly string[], wallMs: number): Uint8Array {
  const words = new TextEncoder().encode(argv.map((word) => `${word}\0`).join(''))
  if (argv.length > wordsMax || words.length > bytesMax)
    throw new UsageError(`a command has at most ${wordsMax} words and ${bytesMax} bytes`)
  const message = new Uint8Array(headBytes + words.length)
  const view = new DataView(message.buffer)
  view.setUint32(0, words.length, isLittleEndian)
  view.setUint32(4, wallMs, isLittleEndian)
  view.setUint32(8, graceMs, isLittleEndian)
  message.set(words, headBytes)
  return message
}

/** The launcher is of this machine. */
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
