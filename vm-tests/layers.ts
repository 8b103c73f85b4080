/** What a point of a guest is about. A guest says it by `# layer NAME`, for all points up to the next such line. */
import type { LayerName } from '../src/layers/layer.js'

/** The layers of a policy, as far as a kernel can refuse something by them, and what stands beside them. */
export const layers = [
  'namespaces',
  'filesystem',
  'network',
  'landlock',
  'resources',
  'process',
  'seccomp',
  // The whole command, as its users have it.
  'command',
  // Units of systemd.
  'service',
  // The guest is the one that was reviewed.
  'matrix',
] as const satisfies readonly (LayerName | 'command' | 'service' | 'matrix')[]

export type Layer = (typeof layers)[number]

/** Null: there is no layer of that name. */
export function layerNamed(name: string): Layer | null {
  return layers.find((layer) => layer === name) ?? null
}
