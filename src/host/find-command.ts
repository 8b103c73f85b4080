import { CommandError } from '../core/errors.js'
import type { PathFacts } from './facts.js'
import type { Files } from './files.js'
import { lookUp } from './paths.js'

/**
 * The absolute path of a command: as given if it holds a slash, else the first program of that name along `PATH`.
 * Empty and relative entries of `PATH` are passed over: the working directory would choose the program.
 * @throws CommandError 127 when there is none, 126 when it cannot be executed.
 */
export function findCommand(name: string, searchPath: string, directory: string, files: Files): string {
  if (name === '' || name.includes('\0')) throw new CommandError(127, `${JSON.stringify(name)} is no command`)
  if (name.includes('/')) return given(name.startsWith('/') ? name : `${directory}/${name}`, files)
  const candidates = searchPath
    .split(':')
    .filter((entry) => entry.startsWith('/'))
    .map((entry) => `${entry.replace(/\/+$/, '')}/${name}`)
    .map((path) => ({ path, facts: lookUp(path, 'command', files).facts }))
  const program = candidates.find(({ facts }) => facts !== null && isProgram(facts))
  if (program !== undefined) return program.path
  const other = candidates.find(({ facts }) => facts !== null)
  if (other !== undefined) throw new CommandError(126, `${other.path}: not executable`)
  throw new CommandError(127, `${name}: command not found`)
}

function given(path: string, files: Files): string {
  const { facts } = lookUp(path, 'command', files)
  if (facts === null) throw new CommandError(127, `${path}: not found`)
  if (!isProgram(facts)) throw new CommandError(126, `${path}: not executable`)
  return path
}

function isProgram({ kind, mode }: PathFacts): boolean {
  return kind === 'file' && (mode & 0o111) !== 0
}
