/** The start of what a stream gave. */
export interface Gathered {
  readonly bytes: Uint8Array
  /** Whether there was more than was kept. */
  readonly isTruncated: boolean
}

/**
 * Reads a stream to its end and keeps the first `most` bytes: whoever writes is never kept waiting. `full` is called at
 * the first byte that is not kept.
 */
export async function gather(
  stream: AsyncIterable<Uint8Array>,
  most: number,
  full: () => void = () => undefined,
): Promise<Gathered> {
  const parts: Uint8Array[] = []
  let kept = 0
  let isTruncated = false
  for await (const bytes of stream) {
    const part = bytes.subarray(0, most - kept)
    if (part.length > 0) parts.push(part)
    kept += part.length
    if (part.length === bytes.length || isTruncated) continue
    isTruncated = true
    full()
  }
  return { bytes: Buffer.concat(parts), isTruncated }
}
