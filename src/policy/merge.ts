import type { Entry, ListNode, MapNode, PolicyNode } from './node.js'
import { toPlain } from './node.js'

/**
 * A base and what extends it. Lists add up, without what the base already lists; maps are merged key by key; a single
 * value, or one of another kind, replaces the base's. `[]` adds nothing, so it takes nothing away either.
 */
export function mergeMaps(base: MapNode, child: MapNode): MapNode {
  const entries = new Map<string, Entry>(base.entries)
  for (const [key, entry] of child.entries) {
    const earlier = base.entries.get(key)
    entries.set(key, earlier === undefined ? entry : mergeEntries(earlier, entry))
  }
  return { kind: 'map', entries, span: child.span }
}

function mergeEntries(base: Entry, child: Entry): Entry {
  const value = mergeValues(base.value, child.value)
  // A section or a list that is the work of both stands where the base began it.
  return value === child.value ? child : { key: base.key, value }
}

function mergeValues(base: PolicyNode, child: PolicyNode): PolicyNode {
  if (base.kind === 'map' && child.kind === 'map') return mergeMaps(base, child)
  if (base.kind === 'list' && child.kind === 'list') return mergeLists(base, child)
  return child
}

function mergeLists(base: ListNode, child: ListNode): ListNode {
  const listed = new Set(base.items.map(identity))
  return { ...base, items: [...base.items, ...child.items.filter((item) => !listed.has(identity(item)))] }
}

/** Equal for values that say the same. */
export function identity(node: PolicyNode): string {
  return JSON.stringify(toPlain(node))
}
