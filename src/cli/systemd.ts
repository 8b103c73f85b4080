import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxError, UsageError } from '../core/errors.js'
import { errorCode } from '../core/error-code.js'
import { hostFiles } from '../host/files.js'
import { readPolicy } from '../launch/prepare.js'
import type { Policy } from '../policy/policy.js'
import { variableNames, type Variables } from '../policy/variables.js'
import { checkUnit, policyOfUnit, type Finding } from '../systemd/check.js'
import { parseUnit, type Assignment, type UnitFile } from '../systemd/unit-file.js'
import type { SystemdInvocation } from './command-line.js'
import { writeLines } from './output.js'

/** A unit file is a few lines. */
const unitBytesMax = 1 << 20

/** `systemd check UNIT`: 0 if nothing was found, 1 otherwise. */
export function systemd({ unit: file }: SystemdInvocation): number {
  const read = [file, ...dropIns(file)].map(readUnit)
  const unit: readonly Assignment[] = read.flatMap(({ assignments }) => assignments)
  const wrong = read.flatMap((one) => one.wrong)
  const name = policyOfUnit(unit)
  const policy = name === null ? null : policyNamed(name)
  const findings = checkUnit(file, unit, policy instanceof SandboxError ? null : policy)
  writeLines([
    ...wrong.map(({ file, line, message }) => `${file}:${line}: ${message}`),
    ...findings.flatMap(describe),
    ...(policy instanceof SandboxError ? [`${name}: its policy cannot be read:`, ...policy.message.split('\n')] : []),
  ])
  if (wrong.length + findings.length > 0 || policy instanceof SandboxError) return 1
  writeLines([`${file}: nothing that would break the sandbox`])
  return 0
}

/** systemd.unit(5): UNIT.d/*.conf, in the order of their names. */
function dropIns(file: string): readonly string[] {
  const directory = `${file}.d`
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter((name) => name.endsWith('.conf'))
    .toSorted()
    .map((name) => join(directory, name))
}

function readUnit(file: string): UnitFile {
  try {
    return parseUnit(file, new TextDecoder('utf-8', { fatal: true }).decode(hostFiles.read(file, unitBytesMax)))
  } catch (error) {
    throw new UsageError(`systemd: ${file}: ${errorCode(error)}`, { cause: error })
  }
}

/** Its variables have a value once systemd starts it: a place stands in for each. */
function policyNamed(name: string): Policy | SandboxError {
  const variables: Variables = new Map(variableNames.map((one) => [one, one === 'UID' ? '1000' : `/run/unit/${one}`]))
  try {
    return readPolicy(name, variables, hostFiles).policy
  } catch (error) {
    if (error instanceof SandboxError) return error
    throw error
  }
}

function describe({ file, line, key, message, fix }: Finding): readonly string[] {
  return [`${file}${line === 0 ? '' : `:${line}`}: ${key}= ${message}`, `  fix: ${fix}`]
}
