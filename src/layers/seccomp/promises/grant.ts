import type { Arch } from '../../../host/facts.js'

export type OpenNeed = 'read' | 'write' | 'create'

export interface Grant {
  readonly calls: string
  readonly when?: readonly string[]
  /** Only on these arches; absent: wherever the call exists. */
  readonly arches?: readonly Arch[]
  /** Only together with this promise. */
  readonly with?: string
}

export interface PromiseDefinition {
  readonly means: string
  /** `joined` needs add up over the promises of a policy, `alone` ones do not: `dns` + `wpath` opens nothing O_RDWR. */
  readonly opens?: { readonly needs: readonly OpenNeed[]; readonly how: 'joined' | 'alone' }
  readonly grants: readonly Grant[]
}

export type Definitions = { readonly [name: string]: PromiseDefinition }
