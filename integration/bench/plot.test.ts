import t from 'tap'
import { plot, type Bar } from './plot.js'

const bar: Bar = { label: 'palisade', who: 'palisade', ratio: 2, goal: null }

function drawn(...bars: readonly Bar[]): string {
  return plot('title', [{ title: 'start', better: 'less', bars }])
}

/** Where the bars begin, and how long they are. */
function bars(svg: string): readonly (readonly [x: number, width: number])[] {
  return Array.from(svg.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)" height="14"/g), ([, x, width]) => [
    Number(x),
    Number(width),
  ])
}

t.test('plot: twice and half are equally long, on either side of 1', (t) => {
  const [double, half] = bars(drawn(bar, { ...bar, ratio: 0.5 }))
  t.ok(double !== undefined && half !== undefined && double[1] > 10)
  t.equal(half?.[1], double?.[1])
  t.ok(Math.abs((half?.[0] ?? 0) + (half?.[1] ?? 0) - (double?.[0] ?? 0)) < 0.2, 'both touch the line at 1')
  t.end()
})

t.test('plot: each bar has its label and its ratio, small ones with more digits', (t) => {
  const svg = drawn(bar, { ...bar, label: 'fork+exec', ratio: 0.0123 })
  for (const word of ['palisade', 'fork+exec', 'x 2.00', 'x 0.012', 'start (less is better)'])
    t.match(svg, `>${word}</text>`)
  t.end()
})

t.test('plot: every ratio and goal is within the axis', (t) => {
  const svg = drawn({ ...bar, ratio: 75, goal: 0.03 }, { ...bar, ratio: 0.02, goal: 300 })
  for (const [x, width] of bars(svg)) t.ok(x >= 210 && x + width <= 810, `${x} + ${width}`)
  const ticks = Array.from(svg.matchAll(/class="small" text-anchor="middle">([\d.]+)</g), ([, tick]) => Number(tick))
  t.ok(Math.min(...ticks) <= 0.02 && Math.max(...ticks) >= 300, ticks.join(' '))
  t.ok(ticks.includes(1))
  t.end()
})

t.test('plot: what was not measured says so, and has no bar', (t) => {
  const svg = drawn({ ...bar, ratio: null, goal: 1.1 })
  t.match(svg, '>not measured</text>')
  t.same(bars(svg), [])
  t.end()
})

t.test('plot: names are text, not markup', (t) => {
  t.match(drawn({ ...bar, label: 'a<b & c' }), '>a&lt;b &amp; c</text>')
  t.end()
})
