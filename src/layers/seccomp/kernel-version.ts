import type { Reading } from '../../policy/reading.js'
import { tablesKernel } from './tables.js'

/** Kernel versions as a policy writes them: `5.10`. */
export const kernelPattern = /^[0-9]{1,2}\.[0-9]{1,3}$/

/** seccomp(2) is of that kernel; before, a filter could not be loaded for all threads. */
const oldest = '3.17'

/** Reads `syscalls.minimumKernel`. */
export function readKernel(text: string): Reading<string> {
  if (!kernelPattern.test(text)) {
    return { refused: 'is no kernel version', fix: 'write two numbers and a point between them: "5.10"' }
  }
  if (isNewer(oldest, text))
    return { refused: `has no seccomp(2): that is of Linux ${oldest}`, fix: `write "${oldest}"` }
  const newest = tablesKernel.split('.').slice(0, 2).join('.')
  if (isNewer(text, newest)) {
    return {
      refused: `is newer than the tables, which are of Linux ${newest}`,
      fix: `write "${newest}", or remove the key`,
    }
  }
  return { value: text }
}

/** Whether a version is later than another; `never`, of calls that no kernel ever had, is later than none. */
export function isNewer(version: string, baseline: string): boolean {
  const [left, right] = [version, baseline].map((text) => text.split('.').map(Number))
  if (left === undefined || right === undefined || left.some(Number.isNaN)) return false
  const differing = [0, 1, 2].find((index) => (left[index] ?? 0) !== (right[index] ?? 0))
  return differing !== undefined && (left[differing] ?? 0) > (right[differing] ?? 0)
}
