import { descriptors } from './descriptors.js'

/**
 * FNV-1a (32 bits) over all descriptors: a launcher and a compiler of different versions refuse each other's plans.
 * `npm run generate` writes it down for both: schema-digest.gen.ts, native/plan/plan.gen.h.
 */
export function digestOfDescriptors(): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(JSON.stringify(descriptors))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  }
  return hash
}
