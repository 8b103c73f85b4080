import { writeSync } from 'node:fs'
import { canUnshareUser, loadAddon } from '../launch/addon.js'

/** Tries every kernel feature that a sandbox needs and prints what is missing. */
export function doctor(): Promise<number> {
  const refused = canUnshareUser(loadAddon())
  writeSync(1, refused === '' ? 'user namespaces: OK\n' : `user namespaces: ${refused}\n`)
  return Promise.resolve(refused === '' ? 0 : 1)
}
