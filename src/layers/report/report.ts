import type { LayerClaims, StatusLine } from '../layer.js'
import type { WatchKills, Write } from './steps.js'

export const claims: LayerClaims = { layer: 'report', claims: ['name', 'description', 'unsafe.host-root.reason'] }

/** What the Report says of a run before it happens. */
export interface ReportHead {
  readonly policy: {
    readonly name: string | null
    readonly description: string | null
    readonly files: readonly string[]
  }
  readonly command: readonly string[]
  /** Openings under `unsafe`, with their reasons. */
  readonly unsafe: readonly { readonly key: string; readonly reason: string }[]
  readonly layers: readonly StatusLine[]
}

/** Without a Report nobody waits for the killing call, so init does not trace the program. */
export function lower(head: ReportHead, descriptor: number | null): readonly (WatchKills | Write)[] {
  if (descriptor === null) return []
  return [
    { op: 'report.write', origin: '', descriptor, head: JSON.stringify(head).slice(1, -1) },
    { op: 'report.watch-kills', origin: '' },
  ]
}
