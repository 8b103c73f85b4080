import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxError, UsageError } from '../core/errors.js'
import { errorCode } from '../core/error-code.js'
import { hostFiles } from '../host/files.js'
import { absolute, readPolicy } from '../launch/prepare.js'
import type { Policy } from '../policy/policy.js'
import { variableNames, type Variables } from '../policy/variables.js'
import { checkUnit, policyOfUnit, type Finding } from '../systemd/check.js'
import { parseUnit, type Assignment, type UnitFile } from '../systemd/unit-file.js'
import { writeUnit } from '../systemd/write-unit.js'
import type { SystemdAction, SystemdInvocation } from './command-line.js'
import { writeLines, writeOut } from './output.js'
import type { Caller } from './run.js'

/** A unit file is a few lines. */
const unitBytesMax = 1 << 20

export function systemd({ action }: SystemdInvocation, caller: Caller): number {
  return action.kind === 'check' ? check(action.unit) : unit(action, caller)
}

/** 0 if nothing was found, 1 otherwise. */
function check(file: string): number {
  const read = [file, ...dropIns(file)].map(readUnit)
  const all: readonly Assignment[] = read.flatMap(({ assignments }) => assignments)
  const wrong = read.flatMap((one) => one.wrong)
  const name = policyOfUnit(all)
  const policy = name === null ? null : policyNamed(name)
  const findings = checkUnit(file, all, policy instanceof SandboxError ? null : policy)
  writeLines([
    ...wrong.map((one) => `${one.file}:${one.line}: ${one.message}`),
    ...findings.flatMap(describe),
    ...(policy instanceof SandboxError ? [`${name}: its policy cannot be read:`, ...policy.message.split('\n')] : []),
  ])
  if (wrong.length + findings.length > 0 || policy instanceof SandboxError) return 1
  writeLines([`${file}: nothing that would break the sandbox`])
  return 0
}

/** Prints a unit: its name is the policy's. */
function unit({ policy: file, argv }: SystemdAction & { kind: 'unit' }, caller: Caller): number {
  const policyFile = absolute(file, 'the policy')
  const policy = policyNamed(policyFile)
  if (policy instanceof SandboxError) throw policy
  const text = JSON.stringify(policy)
  const directories = variableNames.filter((name) => text.includes(placeOf(name)))
  const command = caller.startedAs?.startsWith('/') === true ? caller.startedAs : '/usr/bin/sandbox-exec'
  writeOut(writeUnit({ command, policyFile, policy, directories, argv }))
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
  const variables: Variables = new Map(variableNames.map((one) => [one, one === 'UID' ? '1000' : placeOf(one)]))
  try {
    return readPolicy(name, variables, hostFiles).policy
  } catch (error) {
    if (error instanceof SandboxError) return error
    throw error
  }
}

/** Looks like no other path. */
function placeOf(name: string): string {
  return `/run/unit/${name}`
}

function describe({ file, line, key, message, fix }: Finding): readonly string[] {
  return [`${file}${line === 0 ? '' : `:${line}`}: ${key}= ${message}`, `  fix: ${fix}`]
}
