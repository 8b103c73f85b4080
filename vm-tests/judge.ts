/** What a guest's lines and console say about it. QEMU's exit status is no evidence: it is 0 after a panic too. */
import { Parser } from 'tap-parser'
import type { Ending } from './host/machine.js'
import { layerNamed, type Layer } from './layers.js'
import type { Guest } from './matrix.js'

export interface Point {
  readonly layer: Layer
  readonly name: string
  readonly ok: boolean
  /** The reason of a skip. */
  readonly skip: string | null
  readonly details: string
}

export interface Verdict {
  readonly points: readonly Point[]
  /** What is wrong with the run as a whole; empty: it went to its end. */
  readonly faults: readonly string[]
  /** `# fact NAME VALUE` lines. */
  readonly facts: ReadonlyMap<string, string>
}

/** What tap-parser says of a test point. */
interface Assertion {
  readonly name: string
  readonly ok: boolean
  readonly skip: string | boolean
  readonly diag?: unknown
}

/** Judges a run whose lines it is given as they come. */
export class Judge {
  readonly #parser = new Parser()
  readonly #points: Point[] = []
  readonly #facts = new Map<string, string>()
  readonly #faults: string[] = []
  #planned: number | null = null
  #ended: number | null = null
  #layer: Layer | null = null
  /** Names of points that belong to no layer. */
  readonly #homeless: string[] = []

  constructor() {
    this.#parser.on('assert', ({ name, ok, skip, diag }: Assertion) => {
      const reason = typeof skip === 'string' ? skip : skip ? 'no reason' : null
      const details = diag === null || diag === undefined ? '' : describe(diag)
      if (this.#layer === null) this.#homeless.push(name)
      else this.#points.push({ layer: this.#layer, name, ok, skip: reason, details })
    })
    // An empty plan is what the parser makes of nothing.
    this.#parser.on('plan', ({ end }: { readonly end: number }) => {
      this.#planned = end > 0 ? end : null
    })
    this.#parser.on('bailout', (reason: string) => this.#faults.push(`gave up: ${reason}`))
    this.#parser.on('comment', (comment: string) => this.#read(comment.trim()))
  }

  hear(line: string): void {
    this.#parser.write(`${line}\n`)
  }

  /** How many points have been told, and how many there will be. */
  get progress(): { readonly told: number; readonly planned: number | null } {
    return { told: this.#told, planned: this.#planned }
  }

  get #told(): number {
    return this.#points.length + this.#homeless.length
  }

  verdict(ending: Ending, consoleText: string): Verdict {
    this.#parser.end()
    const told = this.#told
    const [homeless] = this.#homeless
    const limit = ending.kind === 'limit' ? [`ended by us: over its limit of ${ending.which}`] : []
    const panic = /Kernel panic|\bBUG:|\bOops\b/.exec(consoleText)
    const faults = [
      ...this.#faults,
      ...limit,
      ...(panic === null ? [] : [`the kernel says: ${lineWith(consoleText, panic.index)}`]),
      ...(consoleText.match(/^guest: .*$/gm) ?? []).map((line) => `its init says: ${line.trim()}`),
      ...(this.#planned === null ? ['it told no plan'] : []),
      ...(this.#planned !== null && this.#planned !== told ? [`it told ${told} of ${this.#planned} points`] : []),
      ...(homeless === undefined ? [] : [`${this.#homeless.length} points belong to no layer; the first: ${homeless}`]),
      ...(this.#ended === null ? ['it did not come to its end'] : []),
      ...(this.#ended !== null && this.#ended !== 0 ? [`its program ended with ${this.#ended}`] : []),
    ]
    return { points: this.#points, faults, facts: this.#facts }
  }

  #read(comment: string): void {
    const [, name, value] = /^# fact (\S+) (.*)$/.exec(comment) ?? []
    if (name !== undefined && value !== undefined) this.#facts.set(name, value)
    const [, layer] = /^# layer (.*)$/.exec(comment) ?? []
    if (layer !== undefined) this.#enter(layer)
    const [, status] = /^# guest ended with (\d+)$/.exec(comment) ?? []
    if (status !== undefined) this.#ended = Number(status)
  }

  #enter(name: string): void {
    this.#layer = layerNamed(name)
    if (this.#layer === null) this.#faults.push(`it names a layer that there is not: ${name}`)
  }
}

function describe(diag: unknown): string {
  if (typeof diag !== 'object' || diag === null) return String(diag)
  return Object.entries(diag)
    .map(([key, value]) => `${key}: ${String(value).trimEnd()}`)
    .join('\n')
}

function lineWith(text: string, index: number): string {
  const start = text.lastIndexOf('\n', index) + 1
  return text.slice(start, (text.indexOf('\n', index) + 1 || text.length + 1) - 1).trim()
}

/** The guest must be the one that was reviewed. */
export function matrixPoints(guest: Guest, facts: Verdict['facts']): readonly Point[] {
  const { abi, errata } = guest.landlock
  const compare = (name: string, ok: boolean, expected: string): Point => ({
    layer: 'matrix',
    name: `matrix: ${name}`,
    ok,
    skip: null,
    details: ok ? '' : `expected ${expected}, found ${facts.get(name) ?? 'nothing'}`,
  })
  const machines = { x86_64: 'x86_64', i386: 'i686', aarch64: 'aarch64' } as const
  return [
    compare('release', guest.release.test(facts.get('release') ?? ''), String(guest.release)),
    compare('machine', facts.get('machine') === machines[guest.arch], machines[guest.arch]),
    compare('landlock', facts.get('landlock') === `${abi} ${errata}`, `${abi} ${errata}`),
  ]
}

/** What is skipped must be what was reviewed, no more and no less. */
export function skipPoint(guest: Guest, tier: string, points: readonly Point[]): Point {
  const expected = guest.skips?.[tier] ?? {}
  const reasons = points.flatMap(({ skip }) => skip ?? [])
  const all = new Set([...reasons, ...Object.keys(expected)])
  const wrong = [...all].flatMap((reason) => {
    const found = reasons.filter((one) => one === reason).length
    const wanted = expected[reason] ?? 0
    return found === wanted ? [] : [`${reason}: ${found} skipped, ${wanted} expected`]
  })
  return { layer: 'matrix', name: 'matrix: skips', ok: wrong.length === 0, skip: null, details: wrong.join('\n') }
}
