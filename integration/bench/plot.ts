/** Ratios as bars, in an SVG: each bar begins at 1, on a logarithmic scale, so that twice and half are equally long. */

export interface Bar {
  readonly label: string
  readonly who: 'palisade' | 'floor' | 'peer'
  /** null: it was not measured. */
  readonly ratio: number | null
  /** Where it is to be; null: nowhere. */
  readonly goal: number | null
}

export interface Panel {
  /** What is compared, and with what. */
  readonly title: string
  readonly better: 'less' | 'more'
  readonly bars: readonly Bar[]
}

const width = 900
const left = 210
const right = 90
const rowHeight = 20
const titleHeight = 44
const colours = { palisade: '#1f6f5c', floor: '#9aa5ad', peer: '#c98b3a' } as const
const marks = [1, 2, 5]

export function plot(title: string, panels: readonly Panel[]): string {
  const scale = scaleOf(panels.flatMap(({ bars }) => bars))
  let top = 56
  const drawn = panels.map((panel) => {
    const text = draw(panel, top, scale)
    top += heightOf(panel)
    return text
  })
  const style = 'text{font:12px sans-serif;fill:#222}.title{font-weight:bold}.small{font-size:10px;fill:#666}'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}">\n`,
    `<style>${style}</style>\n<rect width="${width}" height="${top}" fill="#fff"/>\n`,
    text(12, 20, title, 'title'),
    legend(),
    ...drawn,
    '</svg>\n',
  ].join('')
}

interface Scale {
  readonly ticks: readonly number[]
  /** Where a ratio is, from the left. */
  readonly at: (ratio: number) => number
}

/** From the mark below the smallest ratio to the one above the largest, the same for all panels. */
function scaleOf(bars: readonly Bar[]): Scale {
  const all = [1, ...bars.flatMap(({ ratio, goal }) => [ratio, goal]).filter((one) => one !== null && one > 0)]
  const [smallest, largest] = [Math.min(...all.map(Number)), Math.max(...all.map(Number))]
  const every = Array.from({ length: 13 }, (_, index) => marks.map((mark) => Number(`${mark}e${index - 6}`))).flat()
  const first = every.findLast((mark) => mark < smallest) ?? 1e-6
  const last = every.find((mark) => mark > largest) ?? 5e6
  const [from, to] = [Math.log(first), Math.log(last)]
  return {
    ticks: every.filter((mark) => mark >= first && mark <= last),
    at: (ratio) => left + ((Math.log(ratio) - from) / (to - from)) * (width - left - right),
  }
}

function heightOf({ bars }: Panel): number {
  return titleHeight + bars.length * rowHeight + 14
}

function draw({ title, better, bars }: Panel, top: number, scale: Scale): string {
  const [first, last] = [top + titleHeight, top + titleHeight + bars.length * rowHeight]
  const axis = scale.ticks.flatMap((tick) => [
    line(scale.at(tick), first, scale.at(tick), last, tick === 1 ? '#222' : '#e3e3e3'),
    text(scale.at(tick), first - 6, `${tick}`, 'small', 'middle'),
  ])
  const rows = bars.map((bar, index) => drawBar(bar, first + index * rowHeight, scale))
  return [text(12, top + 16, `${title} (${better} is better)`, 'title'), ...axis, ...rows].join('')
}

function drawBar({ label, who, ratio, goal }: Bar, top: number, scale: Scale): string {
  const middle = top + rowHeight / 2 + 4
  const name = text(left - 10, middle, label, '', 'end')
  if (ratio === null || ratio <= 0) return name + text(scale.at(1) + 6, middle, 'not measured', 'small')
  const [from, to] = [1, ratio].map(scale.at).toSorted((one, other) => one - other)
  if (from === undefined || to === undefined) return name
  const size = `x="${from.toFixed(1)}" y="${top + 3}" width="${(to - from).toFixed(1)}" height="${rowHeight - 6}"`
  const at = goal === null ? null : scale.at(goal)
  const mark = at === null ? '' : line(at, top + 1, at, top + rowHeight - 1, '#c0392b', 2)
  // Beside the goal's mark, not through it.
  const end = at !== null && at >= to && at < to + 50 ? at : to
  const value = text(end + 6, middle, `x ${ratio.toFixed(ratio < 0.1 ? 3 : 2)}`)
  return `${name}<rect ${size} fill="${colours[who]}"/>\n${mark}${value}`
}

function legend(): string {
  const kinds = Object.entries(colours).map(([who, colour], index) => {
    const x = 12 + index * 90
    return `<rect x="${x}" y="32" width="12" height="12" fill="${colour}"/>\n${text(x + 18, 42, who)}`
  })
  return `${kinds.join('')}${line(288, 31, 288, 45, '#c0392b', 2)}${text(296, 42, 'goal')}`
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, thickness = 1): string {
  const ends = `x1="${x1.toFixed(1)}" y1="${y1}" x2="${x2.toFixed(1)}" y2="${y2}"`
  return `<line ${ends} stroke="${colour}" stroke-width="${thickness}"/>\n`
}

function text(x: number, y: number, words: string, kind = '', anchor = 'start'): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<text x="${x.toFixed(1)}" y="${y}" class="${kind}" text-anchor="${anchor}">${escaped}</text>\n`
}
