import { step, type StepOf } from '../../plan/step.js'

/** A session keyring of its own: keyrings cross every namespace. */
export const newKeyring = step('process.new-keyring', 'sandboxee', {})
export type NewKeyring = StepOf<typeof newKeyring>

export const newSession = step('process.new-session', 'sandboxee', {})
export type NewSession = StepOf<typeof newSession>

/** Default dispositions and an empty mask, whatever the caller had. */
export const resetSignals = step('process.reset-signals', 'sandboxee', {})
export type ResetSignals = StepOf<typeof resetSignals>

export const changeDirectory = step('process.change-directory', 'sandboxee', { path: 'path' })
export type ChangeDirectory = StepOf<typeof changeDirectory>

/**
 * Closes every descriptor but 0, 1, 2 and `keep` (ascending). None of them may be a socket of the host's network by
 * which the program could reach others: one of UDP, or with `connects` 1 any, which connect(2) makes another one.
 */
export const closeDescriptors = step('process.close-descriptors', 'sandboxee', {
  keep: { list: 'u32' },
  connects: 'u8',
})
export type CloseDescriptors = StepOf<typeof closeDescriptors>

export const noNewPrivileges = step('process.no-new-privileges', 'sandboxee', {})
export type NoNewPrivileges = StepOf<typeof noNewPrivileges>

/** Empties all five capability sets. */
export const dropCapabilities = step('process.drop-capabilities', 'sandboxee', {})
export type DropCapabilities = StepOf<typeof dropCapabilities>

/** execve(2): `environment` entries are `NAME=value`. */
export const execute = step('process.execute', 'sandboxee', {
  path: 'path',
  arguments: { list: 'text' },
  environment: { list: 'text' },
})
export type Execute = StepOf<typeof execute>
