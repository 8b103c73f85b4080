import type { Arch } from '../../../host/facts.js'
import type { Instruction } from '../code/bpf.js'
import { convertedSize, maximumConverted } from '../code/converted-size.js'
import { tablesKernel } from '../tables.js'
import type { Meaning } from '../meaning.js'

/** A filter to be shown. */
export interface Listed {
  /** What it is the filter of, in one line: `policy dropnet`. */
  readonly title: string
  readonly program: readonly Instruction[]
  /** What it was made from and proven equal to; null: a filter of somebody else. */
  readonly meaning: Meaning | null
}

/** What stands at the head of every listing. */
export function headLines({ title, program, meaning }: Listed): readonly string[] {
  const size = `${program.length} instructions, ${program.length * 8} bytes`
  const converted =
    `The kernel counts ${convertedSize(program)} instructions, as eBPF, of the ${maximumConverted} that all filters of ` +
    'a thread may have.'
  if (meaning === null) return [`Filter of ${title}: ${size}.`, converted, 'The kernel accepts it.']
  return [
    `Filter of ${title}, for ${archesText(meaning)}: ${size}.`,
    converted,
    'Proven equal to the policy: every number of every architecture, every argument that a rule looks at.',
    `Tables of Linux ${tablesKernel}. Calls of another architecture: the process is ended.`,
  ]
}

export function archesOf(meaning: Meaning): readonly Arch[] {
  return meaning.tables.map(({ arch }) => arch)
}

function archesText(meaning: Meaning): string {
  return archesOf(meaning).join(' and ')
}
