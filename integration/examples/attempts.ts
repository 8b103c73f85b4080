/** What hostile code of a package tries when it is installed; answers are `ok` or an errno. */
import { join } from 'node:path'
import { addresses } from '../world/addresses.js'
import type { Home } from './ground.js'

export interface Attempt {
  readonly act: readonly [act: 'connect', host: string, port: number] | readonly [act: 'read' | 'write', path: string]
  /** The answer in the sandbox. Outside it is `ok`. */
  readonly inside: string
}

/** `host` is the one whose port 443 the policy names. */
export function attemptsOf(host: string, { secret, outside }: Home): readonly Attempt[] {
  return [
    { act: ['connect', addresses.denied, 443], inside: 'ENETUNREACH' },
    { act: ['connect', 'denied.example.test', 443], inside: 'ENOTFOUND' },
    { act: ['connect', host, 8443], inside: 'EACCES' },
    { act: ['read', secret], inside: 'ENOENT' },
    { act: ['write', join(outside, 'planted')], inside: 'ENOENT' },
  ]
}

/** What the packages' scripts read. */
export function attemptsFile(attempts: readonly Attempt[]): string {
  return JSON.stringify(attempts.map(({ act }) => act))
}
