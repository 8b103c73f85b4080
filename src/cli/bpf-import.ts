import { basename } from 'node:path'
import { writeSync } from 'node:fs'
import { UsageError } from '../core/errors.js'
import type { Arch } from '../host/facts.js'
import { importProfile as toPolicy } from '../layers/seccomp/oci/import.js'
import { lossLines, type Loss } from '../layers/seccomp/oci/losses.js'
import type { Profile } from '../layers/seccomp/oci/profile.js'
import { readProfile } from '../layers/seccomp/oci/read.js'
import { policyYaml } from '../layers/seccomp/oci/yaml.js'
import { constantNames } from '../layers/seccomp/tables.js'
import { printable } from '../policy/characters.js'
import { profileWords } from '../policy/file-words.js'
import { policyError } from '../policy/finding.js'
import { parseSource, policyBytesMax, spanFinder } from '../policy/source.js'
import { nearest } from '../policy/suggest.js'
import { writeOut } from './output.js'
import { readStart } from './read-start.js'

/** Prints the policy that a container runtime's profile comes to, and on standard error what it did not survive. */
export function importFile(file: string, arch: Arch, capabilities: readonly string[]): number {
  refuseUnknown(capabilities)
  const profile = profileIn(file)
  const { request, losses } = toPolicy(profile, arch, capabilities)
  const given = capabilities.length === 0 ? 'without capabilities' : `with ${capabilities.join(', ')}`
  const from = printable(basename(file), 200)
  writeOut(policyYaml(nameFrom(file), request, [`From the seccomp profile ${from}, for ${arch}, ${given}.`]))
  tellLosses(losses)
  return 0
}

function refuseUnknown(capabilities: readonly string[]): void {
  const known = constantNames().filter((name) => name.startsWith('CAP_'))
  const unknown = capabilities.find((name) => !known.includes(name))
  if (unknown === undefined) return
  const guess = nearest(unknown, known)
  throw new UsageError(`no capability ${unknown}${guess === null ? '' : `; did you mean ${guess}?`}`)
}

/** One line a loss, on standard error. */
export function tellLosses(losses: readonly Loss[]): void {
  const lines = lossLines(losses).map((line) => `${printable(line, Infinity)}\n`)
  writeSync(2, lines.length === 0 ? 'nothing was lost\n' : lines.join(''))
}

function profileIn(file: string): Profile {
  // JSON is YAML; the policy's reader knows places, and refuses what is too large or too deep.
  const { root } = parseSource(readStart(file, policyBytesMax + 1), file, profileWords)
  const { profile, problems } = readProfile(root)
  const spanOf = spanFinder(root)
  if (problems.length > 0) throw policyError(problems.map((problem) => ({ ...problem, span: spanOf(problem.key) })))
  return profile
}

function nameFrom(file: string): string {
  const name = basename(file)
    .toLowerCase()
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '')
  return name === '' ? 'imported' : name
}
