import type { Reading } from './reading.js'

/** Powers of 1024, as in systemd and in mount(8)'s `size=`. */
const bytesOf: ReadonlyMap<string, bigint> = new Map([
  ['K', 1n << 10n],
  ['M', 1n << 20n],
  ['G', 1n << 30n],
  ['T', 1n << 40n],
])
const sizeMax = 1n << 50n
export const sizePattern = /^([1-9][0-9]{0,12})([KMGT])$/

/** Bytes of a size such as `64M`. */
export function parseSize(text: string): Reading<bigint> {
  const [, digits, unit = ''] = sizePattern.exec(text) ?? []
  const factor = bytesOf.get(unit)
  if (digits === undefined || factor === undefined) {
    return { refused: 'is not a size', fix: 'write a whole number and K, M, G or T: 64M' }
  }
  const bytes = BigInt(digits) * factor
  return bytes > sizeMax ? { refused: 'is more than 1024T' } : { value: bytes }
}

const millisecondsOf: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])
const durationMax = 8760 * 3_600_000
export const durationPattern = /^([1-9][0-9]{0,12})(ms|s|m|h)$/
/** What setrlimit(2) can count. */
export const wholeSecondsPattern = /^([1-9][0-9]{0,12})(s|m|h)$/

/** Milliseconds of a duration such as `500ms`, `30s`, `5m` or `1h`. */
export function parseDuration(text: string): Reading<number> {
  const [, digits, unit = ''] = durationPattern.exec(text) ?? []
  const factor = millisecondsOf.get(unit)
  if (/^0+(?:ms|s|m|h)$/.test(text)) return { refused: 'is no time at all', fix: 'write 1s or more' }
  if (digits === undefined || factor === undefined) {
    return { refused: 'is not a duration', fix: 'write a whole number and ms, s, m or h: 30s' }
  }
  const milliseconds = Number(digits) * factor
  return milliseconds > durationMax ? { refused: 'is more than 8760h, a year' } : { value: milliseconds }
}

/** As `parseDuration`, for a clock that counts seconds. */
export function parseWholeSeconds(text: string): Reading<number> {
  const duration = parseDuration(text)
  if ('refused' in duration || wholeSecondsPattern.test(text)) return duration
  return { refused: 'is not in whole seconds, which is what setrlimit(2) counts', fix: 'write s, m or h' }
}
