import { UsageError } from '../core/errors.js'
import type { Arch } from '../host/facts.js'

export const listingFormats = ['text', 'c', 'json', 'bin', 'oci'] as const
export type ListingFormat = (typeof listingFormats)[number]
export type Tables = 'all' | 'native'

/** What the filter comes from. */
export type FilterSource =
  | { readonly kind: 'policy'; readonly file: string }
  | { readonly kind: 'raw'; readonly file: string }

/** What `bpf` is asked. */
export type BpfTask =
  | { readonly kind: 'list'; readonly source: FilterSource; readonly format: ListingFormat }
  | { readonly kind: 'try'; readonly source: FilterSource; readonly calls: readonly string[] }
  | { readonly kind: 'import'; readonly file: string; readonly capabilities: readonly string[] }

export interface BpfQuestion {
  readonly task: BpfTask
  /** null: that of this machine. */
  readonly arch: Arch | null
  /** Which tables the filter has; null: as is usual for the task. */
  readonly tables: Tables | null
}

/** The options that `bpf` takes, as they come from the command line. */
export interface BpfValues {
  readonly policy?: string | undefined
  readonly arch?: string | undefined
  readonly format?: string | undefined
  readonly tables?: string | undefined
  readonly try?: readonly string[] | undefined
  readonly raw?: string | undefined
  readonly import?: string | undefined
  readonly caps?: string | undefined
}

const archNames: readonly Arch[] = ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64']
const triesMax = 1000

/** Gives the words after `bpf` their meaning; throws `UsageError`. */
export function bpfQuestion(values: BpfValues, operands: readonly string[]): BpfQuestion {
  const [operand, second] = operands
  if (second !== undefined) throw new UsageError(`${second} is one word too many`)
  const files = [values.policy, operand, values.raw, values.import].filter((file) => file !== undefined)
  if (files.length > 1) throw new UsageError('one filter at a time: POLICY, --raw FILE or --import FILE')
  const policy = values.policy ?? operand
  return {
    task: taskOf(values, policy),
    arch: values.arch === undefined ? null : oneOf('--arch', values.arch, archNames),
    tables: values.tables === undefined ? null : oneOf('--tables', values.tables, ['all', 'native'] as const),
  }
}

function taskOf(values: BpfValues, policy: string | undefined): BpfTask {
  if (values.caps !== undefined && values.import === undefined) throw new UsageError('--caps goes with --import')
  if (values.import !== undefined) {
    refuseBeside('--import', [values.format && '--format', values.try && '--try', values.tables && '--tables'])
    return { kind: 'import', file: values.import, capabilities: capabilitiesOf(values.caps) }
  }
  if (values.raw !== undefined) refuseBeside('--raw', [values.tables && '--tables'])
  const source = sourceOf(policy, values.raw)
  if (values.try !== undefined) {
    refuseBeside('--try', [values.format && '--format'])
    if (values.try.length > triesMax) throw new UsageError(`more than ${triesMax} calls to try`)
    return { kind: 'try', source, calls: values.try }
  }
  const format = values.format === undefined ? 'text' : oneOf('--format', values.format, listingFormats)
  if (format === 'oci' && source.kind === 'raw') throw new UsageError('--format oci wants a policy, not a filter')
  return { kind: 'list', source, format }
}

function sourceOf(policy: string | undefined, raw: string | undefined): FilterSource {
  if (raw !== undefined && raw !== '') return { kind: 'raw', file: raw }
  if (policy !== undefined && policy !== '') return { kind: 'policy', file: policy }
  throw new UsageError('no filter: bpf POLICY, bpf --raw FILE or bpf --import FILE')
}

function refuseBeside(option: string, others: readonly (string | undefined)[]): void {
  const [other] = others.filter((one) => one !== undefined && one !== '')
  if (other !== undefined) throw new UsageError(`${other} does not go with ${option}`)
}

function capabilitiesOf(text: string | undefined): readonly string[] {
  if (text === undefined) return []
  const names = text.split(',').map((name) => name.trim().toUpperCase())
  const wrong = names.find((name) => !/^CAP_[A-Z_]{1,32}$/.test(name))
  if (wrong !== undefined) throw new UsageError(`--caps wants names such as CAP_SYS_ADMIN, separated by commas`)
  return names
}

function oneOf<const Choice extends string>(option: string, value: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value)
  if (found === undefined) throw new UsageError(`${option} is one of ${choices.join(', ')}, not ${value}`)
  return found
}
