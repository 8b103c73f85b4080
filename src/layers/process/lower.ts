import type { ResolvedProcess } from '../../policy/resolved.js'
import type {
  ChangeDirectory,
  CloseDescriptors,
  DropCapabilities,
  Execute,
  NewKeyring,
  NewSession,
  NoNewPrivileges,
  ResetSignals,
} from './steps.js'

export type ProcessStep =
  | ChangeDirectory
  | CloseDescriptors
  | DropCapabilities
  | Execute
  | NewKeyring
  | NewSession
  | NoNewPrivileges
  | ResetSignals

/** What the sandboxee leaves behind and takes along before it becomes the program. */
export function lower(
  { directory, environment, descriptors, command }: ResolvedProcess,
  connectsSockets: boolean,
): readonly ProcessStep[] {
  return [
    { op: 'process.new-keyring', origin: 'process' },
    // Without a controlling terminal nothing can be typed into the caller's (TIOCSTI).
    { op: 'process.new-session', origin: 'process' },
    { op: 'process.reset-signals', origin: 'process' },
    { op: 'process.change-directory', origin: 'process.directory', path: directory },
    {
      op: 'process.close-descriptors',
      origin: 'process.descriptors',
      keep: descriptors,
      connects: connectsSockets ? 1 : 0,
    },
    { op: 'process.no-new-privileges', origin: 'process' },
    { op: 'process.drop-capabilities', origin: 'process' },
    {
      op: 'process.execute',
      origin: 'command',
      path: command.path,
      arguments: command.arguments,
      environment,
    },
  ]
}
