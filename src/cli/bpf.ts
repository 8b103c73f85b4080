import { machine } from 'node:os'
import { isatty } from 'node:tty'
import { HostError, UsageError } from '../core/errors.js'
import type { Arch } from '../host/facts.js'
import { possibleRules, type SyscallRule } from '../layers/landlock/protections.js'
import { refusalOf } from '../layers/seccomp/code/check.js'
import { decodeProgram, encodeProgram, maximumInstructions } from '../layers/seccomp/code/bpf.js'
import { generate } from '../layers/seccomp/code/generate.js'
import { prove } from '../layers/seccomp/proof/prove.js'
import { listingC } from '../layers/seccomp/listing/c.js'
import { listingJson } from '../layers/seccomp/listing/json.js'
import type { Listed } from '../layers/seccomp/listing/listed.js'
import { listingText } from '../layers/seccomp/listing/text.js'
import { exportProfile } from '../layers/seccomp/oci/export.js'
import { profileJson } from '../layers/seccomp/oci/json.js'
import { meaningOf, type Meaning } from '../layers/seccomp/meaning.js'
import type { FilterRequest } from '../layers/seccomp/request.js'
import { seccompProblems } from '../layers/seccomp/seccomp.js'
import { hostFiles } from '../host/files.js'
import { callerVariables, readPolicy } from '../launch/prepare.js'
import type { FilterSource, ListingFormat, Tables } from './bpf-words.js'
import { tryAll } from './bpf-try.js'
import type { BpfInvocation } from './command-line.js'
import { importFile, tellLosses } from './bpf-import.js'
import { writeBytes, writeLines, writeOut } from './output.js'
import { readStart } from './read-start.js'

/** Shows the filter of a policy, or somebody else's, and answers what it does to a call. */
export function bpf({ question: { task, arch, tables } }: BpfInvocation): number {
  const wanted = arch ?? machineArch()
  switch (task.kind) {
    case 'list':
      return list(filterOf(task.source, wanted, tables ?? (task.format === 'oci' ? 'native' : 'all')), task.format)
    case 'try':
      return tryAll(filterOf(task.source, kernelOf(wanted, tables), tables ?? 'all'), task.calls, wanted)
    case 'import':
      return importFile(task.file, wanted, task.capabilities)
  }
}

/** A filter, and what it was made from if we know. */
export interface Filter extends Listed {
  readonly request: FilterRequest | null
  /** Rules that `run` can put before those of the request. */
  readonly possible: readonly SyscallRule[]
}

function filterOf(source: FilterSource, arch: Arch, tables: Tables): Filter {
  return source.kind === 'raw' ? rawFilter(source.file) : policyFilter(source.file, arch, tables)
}

function policyFilter(file: string, arch: Arch, tables: Tables): Filter {
  const loaded = readPolicy(file, callerVariables(), hostFiles)
  const problems = seccompProblems(loaded.policy.syscalls, arch, 'elsewhere')
  if (problems.length > 0) throw loaded.error(problems)
  const request = { ...loaded.policy.syscalls, arch }
  const meaning = only(meaningOf(request), tables)
  const program = generate(meaning)
  prove(program, meaning)
  return { title: `policy ${loaded.policy.name}`, program, meaning, request, possible: possibleRules(loaded.policy) }
}

/** With `native`, calls of the 32-bit table end the process, as those of any other arch. */
function only(meaning: Meaning, tables: Tables): Meaning {
  return tables === 'all' ? meaning : { ...meaning, tables: meaning.tables.slice(0, 1) }
}

/** One byte more than the kernel takes: a longer file is refused without being read to its end. */
const bytesMax = maximumInstructions * 8

function rawFilter(file: string): Filter {
  const bytes = readStart(file, bytesMax + 1)
  const wrong = sizeRefusal(bytes.length)
  if (wrong !== null) throw notAFilter(file, wrong)
  const program = decodeProgram(bytes)
  const refusal = refusalOf(program)
  if (refusal !== null) throw notAFilter(file, `the kernel refuses it with EINVAL: ${refusal}`)
  return { title: `file ${file}`, program, meaning: null, request: null, possible: [] }
}

function sizeRefusal(length: number): string | null {
  if (length > bytesMax) return `the kernel refuses it with EINVAL: more than ${maximumInstructions} instructions`
  if (length === 0) return 'it is empty'
  return length % 8 === 0 ? null : `it is no array of struct sock_filter: ${length} bytes are not a multiple of 8`
}

function notAFilter(file: string, why: string): HostError {
  return new HostError('', `a filter in ${file}`, why, 'give a file of struct sock_filter, as --format bin writes')
}

function list(filter: Filter, format: ListingFormat): number {
  switch (format) {
    case 'text':
      writeLines(listingText(filter).trimEnd().split('\n'))
      return 0
    case 'c':
      writeLines(listingC(filter).trimEnd().split('\n'))
      return 0
    case 'json':
      writeLines(listingJson(filter).trimEnd().split('\n'))
      return 0
    case 'bin':
      if (isatty(1)) throw new UsageError('--format bin writes bytes that are not for a terminal: send them to a file')
      writeBytes(encodeProgram(filter.program))
      return 0
    case 'oci':
      return listProfile(filter)
  }
}

function listProfile({ meaning }: Filter): number {
  if (meaning === null) throw new UsageError('--format oci wants a policy, not a filter')
  const { profile, losses } = exportProfile(meaning)
  writeOut(profileJson(profile))
  tellLosses(losses)
  return 0
}

/** A 32-bit program runs on a 64-bit kernel, whose filter has both tables. */
function kernelOf(arch: Arch, tables: Tables | null): Arch {
  if (tables === 'native') return arch
  if (arch === 'i386') return 'x86_64'
  return arch === 'arm' ? 'aarch64' : arch
}

function machineArch(): Arch {
  const name = machine()
  switch (name) {
    case 'x86_64':
    case 'aarch64':
    case 'riscv64':
      return name
    default:
      if (/^i[3-6]86$/.test(name)) return 'i386'
      if (name.startsWith('armv')) return 'arm'
      throw new HostError('', 'an architecture that has tables', name, 'name one with --arch')
  }
}
