import { join } from 'node:path'
import { must, searchPath } from '../world/process.js'

// From build-test/integration/parsers.
const checkout = join(import.meta.dirname, '../../..')

/** Builds `NAME.go` of this folder into `directory`, without cgo: with Go's own resolver and its own TLS. */
export async function buildGo(name: string, directory: string): Promise<string> {
  const target = join(directory, name)
  const cache = join(checkout, 'build-test/go-cache')
  const env = { PATH: searchPath, HOME: directory, GOCACHE: cache, CGO_ENABLED: '0', GO111MODULE: 'off' }
  const source = join(checkout, 'integration/parsers', `${name}.go`)
  await must(['go', 'build', '-o', target, source], { env, timeoutMs: 240_000 })
  return target
}
