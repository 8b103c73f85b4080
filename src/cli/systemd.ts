import { existsSync, readdirSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { stringify } from 'yaml'
import { SandboxError, UsageError } from '../core/errors.js'
import { errorCode } from '../core/error-code.js'
import { hostFiles } from '../host/files.js'
import { absolute, readPolicy } from '../launch/prepare.js'
import { printable } from '../policy/characters.js'
import type { Policy } from '../policy/policy.js'
import { variableNames, type Variables } from '../policy/variables.js'
import { checkUnit, policyOfUnit, type Finding } from '../systemd/check.js'
import { importUnit } from '../systemd/import-unit.js'
import { installUnit } from '../systemd/install.js'
import { parseUnit, type Assignment, type UnitFile } from '../systemd/unit-file.js'
import { writeUnit } from '../systemd/write-unit.js'
import type { SystemdInvocation, WithProgram } from './command-line.js'
import { writeLines, writeOut } from './output.js'
import type { Caller } from './run.js'

/** A unit file is a few lines. */
const unitBytesMax = 1 << 20

export function systemd({ action }: SystemdInvocation, caller: Caller): number {
  switch (action.kind) {
    case 'check':
      return check(action.unit)
    case 'import':
      return importFrom(action.unit)
    case 'unit':
      writeOut(unitText(action, caller).text)
      return 0
    case 'install':
      return install(action, caller)
  }
}

/** Prints a policy, and on standard error what became of each option. */
function importFrom(file: string): number {
  const read = [file, ...dropIns(file)].map(readUnit)
  const name = basename(file)
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  const all = read.flatMap(({ assignments }) => assignments)
  const { policy, argv, fates } = importUnit(all, name.replaceAll(/^-+|-+$/g, '').slice(0, 63) || 'imported')
  const from = printable(basename(file), 200)
  const command = argv.length === 0 ? '' : `# sandbox-exec --policy FILE -- ${printable(argv.join(' '), 4096)}\n`
  writeOut(`# From the unit ${from}: read what was lost.\n${command}${stringify(policy, { lineWidth: 0 })}`)
  const lines = fates.map((fate) => `${fate.kind}: ${fate.from.file}:${fate.from.line}: ${fate.from.key}: ${fate.text}`)
  const wrong = read.flatMap((one) => one.wrong.map(({ file, line, message }) => `lost: ${file}:${line}: ${message}`))
  writeSync(2, [...lines, ...wrong].map((line) => `${printable(line, Infinity)}\n`).join(''))
  return 0
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

/** Its name is the policy's. */
function unitText(
  { policy: file, argv }: WithProgram,
  caller: Caller,
): { readonly name: string; readonly text: string } {
  const policyFile = absolute(file, 'the policy')
  const policy = policyNamed(policyFile)
  if (policy instanceof SandboxError) throw policy
  const whole = JSON.stringify(policy)
  const directories = variableNames.filter((name) => whole.includes(placeOf(name)))
  const command = caller.startedAs?.startsWith('/') === true ? caller.startedAs : '/usr/bin/sandbox-exec'
  return { name: policy.name, text: writeUnit({ command, policyFile, policy, directories, argv }) }
}

function install(asked: WithProgram, caller: Caller): number {
  const { name, text } = unitText(asked, caller)
  const { files } = installUnit(name, text)
  writeLines([...files.map((file) => `wrote ${file}`), `start it: systemctl enable --now ${name}.service`])
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
