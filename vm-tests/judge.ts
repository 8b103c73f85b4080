/**
 * What a guest's lines and console say about it. QEMU's exit status is no evidence: it is 0 after a panic too. The lines
 * are TAP 14 as our own programs write it and nothing else: a reader that passes over what it does not expect would
 * pass over a failure too.
 */
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

/** More faults of the lines than these say nothing new. */
const faultsMax = 8

/** Judges a run whose lines it is given as they come. */
export class Judge {
  readonly #points: Point[] = []
  readonly #facts = new Map<string, string>()
  readonly #faults: string[] = []
  #heard = 0
  #told = 0
  #planned: number | null = null
  #ended: number | null = null
  #layer: Layer | null = null
  /** The lines of the details that have begun; null: none have. */
  #details: string[] | null = null
  /** What the last line told, if it was a point of a layer: details may follow. */
  #last: Point | null = null
  /** Names of points that belong to no layer. */
  readonly #homeless: string[] = []

  hear(line: string): void {
    this.#heard += 1
    if (this.#details !== null) return this.#hearDetails(line, this.#details)
    const last = this.#last
    this.#last = null
    if (this.#ended !== null) return this.#fault(`it went on behind its end: ${line}`)
    if (line === '  ---' && last !== null) {
      this.#last = last
      this.#details = []
    } else if (line.startsWith('Bail out!')) this.#fault(`it gave up: ${line.slice(9).trim()}`)
    else if (line.startsWith('#')) this.#hearComment(line)
    else if (/^(not )?ok\b/.test(line)) this.#hearPoint(line)
    else if (/^1\.\.[1-9]\d{0,6}$/.test(line)) this.#hearPlan(Number(line.slice(3)))
    else if (line !== 'TAP version 14' || this.#heard !== 1) this.#fault(`it said what is no result: ${line}`)
  }

  /** How many points have been told, and how many there will be. */
  get progress(): { readonly told: number; readonly planned: number | null } {
    return { told: this.#told, planned: this.#planned }
  }

  verdict(ending: Ending, consoleText: string): Verdict {
    const told = this.#told
    const [homeless] = this.#homeless
    const limit = ending.kind === 'limit' ? [`ended by us: over its limit of ${ending.which}`] : []
    const kernel = kernelFault.exec(consoleText)
    const more = this.#faults.length - faultsMax
    const faults = [
      ...this.#faults.slice(0, faultsMax),
      ...(more > 0 ? [`and ${more} more of its lines are wrong`] : []),
      ...limit,
      ...(kernel === null ? [] : [`the kernel says: ${lineWith(consoleText, kernel.index)}`]),
      ...(consoleText.match(/^guest: .*$/gm) ?? []).map((line) => `its init says: ${line.trim()}`),
      ...(this.#planned === null ? ['it told no plan'] : []),
      ...(this.#planned !== null && this.#planned !== told ? [`it told ${told} of ${this.#planned} points`] : []),
      ...(homeless === undefined ? [] : [`${this.#homeless.length} points belong to no layer; the first: ${homeless}`]),
      ...(this.#details === null ? [] : ['it did not finish the details of its last point']),
      ...(this.#ended === null ? ['it did not come to its end'] : []),
      ...(this.#ended !== null && this.#ended !== 0 ? [`its program ended with ${this.#ended}`] : []),
    ]
    return { points: this.#points, faults, facts: this.#facts }
  }

  #fault(text: string): void {
    this.#faults.push(text)
  }

  #hearPlan(points: number): void {
    if (this.#planned === null) this.#planned = points
    else this.#fault(`it told a second plan: 1..${points}`)
  }

  #hearPoint(line: string): void {
    const [, no, number, name = '', skip] = /^(not )?ok ([1-9]\d{0,6}) - (.*?)(?: # SKIP (.+))?$/.exec(line) ?? []
    if (number === undefined) return this.#fault(`it told a point without its number or name: ${line}`)
    this.#told += 1
    if (Number(number) !== this.#told) this.#fault(`its point ${this.#told} has the number ${number}`)
    if (this.#layer === null) return void this.#homeless.push(name)
    this.#last = { layer: this.#layer, name, ok: no === undefined, skip: skip ?? null, details: '' }
    this.#points.push(this.#last)
  }

  #hearDetails(line: string, details: string[]): void {
    const last = this.#last
    if (line !== '  ...' && (line === '' || line.startsWith('  '))) return void details.push(line.slice(2))
    if (line !== '  ...') this.#fault(`it did not finish the details of a point: ${line}`)
    if (last !== null) this.#points[this.#points.length - 1] = { ...last, details: details.join('\n') }
    this.#details = null
    this.#last = null
    if (line !== '  ...') this.hear(line)
  }

  #hearComment(comment: string): void {
    const [, name, value] = /^# fact (\S+) (.*)$/.exec(comment) ?? []
    if (name !== undefined && value !== undefined) this.#facts.set(name, value)
    const [, layer] = /^# layer (.*)$/.exec(comment) ?? []
    if (layer !== undefined) this.#enter(layer)
    const [, status] = /^# guest ended with (\d+)$/.exec(comment) ?? []
    if (status !== undefined) this.#ended = Number(status)
  }

  #enter(name: string): void {
    this.#layer = layerNamed(name)
    if (this.#layer === null) this.#fault(`it names a layer that there is not: ${name}`)
  }
}

/** How kernels of all generations and architectures say that something is wrong with themselves. */
const kernelFault =
  /Kernel panic|\bBUG\b|\bOops\b|\[#\d+\]|WARNING: CPU|general protection fault|Internal error:|Unable to handle kernel|self-detected stall|detected stalls|blocked for more than/

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
    compare('landlock', facts.get('landlock') === `${abi} ${errata}`, `ABI and errata ${abi} ${errata}`),
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
