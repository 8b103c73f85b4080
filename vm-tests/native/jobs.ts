/** The file that vm-tests/guest/jobs.c runs, and the files it names. */
import type { GuestFile } from '../host/initramfs.js'
import type { Layer } from '../layers.js'

export interface Job {
  readonly uid: number
  /** Of which user's; absent: the root's. */
  readonly cgroup?: { readonly name: string; readonly uid: number }
  /** A plan for the launcher, or a program and its arguments; bytes stand for a file that holds them. */
  readonly runs: { readonly plan: Uint8Array } | { readonly program: readonly (string | Uint8Array)[] }
  readonly input?: string
  readonly points: readonly Point[]
}

export type Point = { readonly layer: Layer; readonly name: string } &
  /** What one act of a batch answered. */
  (
    | { readonly kind: 'act'; readonly expected: string }
    /** Every line of the output, as patterns. */
    | { readonly kind: 'lines'; readonly expected: readonly string[] }
    /** Its output has this somewhere. */
    | { readonly kind: 'has'; readonly expected: string }
    | { readonly kind: 'ends'; readonly expected: string }
  )

/**
 * Input and points of `probe batch`: what each act answers, and that all of them were done, which is of the layer
 * `process`. `layers` are those of the acts.
 */
export function actsOf(
  end: string,
  acts: readonly (readonly string[])[],
  names: readonly string[],
  expected: readonly string[],
  layers: readonly Layer[],
): Required<Pick<Job, 'input' | 'points'>> {
  const points = acts.map((act, index): Point => {
    const [name, answer, layer] = [names[index], expected[index], layers[index]]
    if (name === undefined || answer === undefined || layer === undefined)
      throw new RangeError(`no answer to ${act.join(' ')}`)
    return { kind: 'act', layer, name, expected: answer }
  })
  return {
    input: acts.map((act) => `${act.join(' ')}\n`).join(''),
    points: [...points, { kind: 'ends', layer: 'process', name: end, expected: 'exit 0' }],
  }
}

/** Lines before the first job: addresses and servers. */
export type Place = readonly (readonly string[])[]

/** `/payload/jobs`, and what it needs besides. */
export function jobFiles(place: Place, jobs: readonly Job[]): readonly GuestFile[] {
  const files: GuestFile[] = []
  const keep = (content: GuestFile['content']): string => {
    const path = `/payload/job-${files.length}`
    files.push({ path, content })
    return path
  }
  let layer: Layer | null = null
  const lines = jobs.flatMap(({ uid, cgroup, runs, input, points }) => {
    const plan = 'plan' in runs ? keep({ bytes: runs.plan }) : '-'
    const stdin = input === undefined ? '-' : keep({ text: input })
    const program = 'program' in runs ? runs.program : []
    const words = program.map((word) => (typeof word === 'string' ? word : keep({ bytes: word })))
    const where = ['cgroup', cgroup?.name ?? '-', `${cgroup?.uid ?? 0}`]
    return [
      where,
      ['run', `${uid}`, plan, stdin, ...words],
      ...points.flatMap((point) => {
        const entered = point.layer === layer ? [] : [['layer', point.layer]]
        layer = point.layer
        return [...entered, lineOf(point, keep)]
      }),
    ]
  })
  const text = [...place, ...lines].map((words) => `${words.map(checked).join('\t')}\n`).join('')
  return [...files, { path: '/payload/jobs', content: { text } }]
}

function lineOf(point: Point, keep: (content: GuestFile['content']) => string): readonly string[] {
  const expected = point.kind === 'lines' ? keep({ text: `${point.expected.join('\n')}\n` }) : point.expected
  return [point.kind, point.name, expected]
}

/** An empty word, or a tab in one, would move all behind it. */
function checked(word: string): string {
  if (word === '' || /[\t\n]/.test(word)) throw new RangeError(`no word of a job: ${JSON.stringify(word)}`)
  return word
}
