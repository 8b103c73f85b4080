import { spawnSync } from 'node:child_process'
import t from 'tap'
import * as z from 'zod'
import { html } from './html.js'
import { junitXml } from './junit.js'
import { acting, hostile, noXml, passing, results, wanted } from './made-up.js'
import { reportPage } from './page.js'
import { summarize } from './summary.js'
import { textTable, totalsLine } from './text.js'
import { counted, duration, landlockText } from './words.js'

const made = new Date('2026-11-27T12:34:56Z')
const summary = summarize(wanted, results)

t.test('the table for a terminal', (t) => {
  const { runs, ...rest } = summary
  t.equal(runs.length, 4)
  const table = textTable({ ...rest, runs })
  t.equal(
    table,
    `guest         namespaces  filesystem      network     landlock  resources  process        seccomp  command  service  matrix   processor         wall  result
aarch64-6.1            -           -            -    1 skipped          -        -  1 + 1 skipped        -        -       -  3 min 20 s  61 min 40 s  ok
aarch64-6.12           ?           ?            ?            ?          ?        ?              ?        ?        ?       ?         0 s          0 s  FAIL, 1 fault
i386-6.1               ?           1  FAIL 1 of 2  FAIL 1 of 1          ?        ?              ?        ?        ?       ?         3 s          4 s  FAIL, 2 faults
x86_64-6.1             -           -            2            -          -        -              1        -        -       -        58 s   1 min 31 s  ok
`,
  )
  t.equal(totalsLine(summary), '6 passed, 5 failed, 2 skipped', 'faults and runs that did not happen are failures')
  t.end()
})

t.test('a run that was wanted and has no result is a failure by itself', (t) => {
  const { state, runs, faults } = summarize([...wanted.slice(0, 1), ...wanted.slice(-1)], [passing])
  t.same([state, faults, runs.map((run) => run.state)], ['failed', 1, ['passed', 'missing']])
  t.end()
})

t.test('nothing that passed is no pass', (t) => {
  t.equal(summarize([passing.run], [passing]).state, 'passed', 'control')
  t.equal(summarize([passing.run], [{ ...passing, points: [] }]).state, 'failed')
  t.equal(summarize([], []).state, 'failed')
  t.end()
})

t.test('an expected skip that did not come is told', (t) => {
  const some = results.map((result) => ({ ...result, points: result.points.filter(({ skip }) => skip === null) }))
  const { runs } = summarize(wanted, some)
  t.same(runs[2]?.skips, [{ reason: 'no such call', found: 0, expected: 2 }])
  t.end()
})

t.test('text of guests is bounded and has no characters that act', (t) => {
  const points = summary.runs.flatMap((run) => run.points)
  const faults = summary.runs.flatMap((run) => run.faults)
  const names = [...points.map(({ name }) => name), ...faults, ...summary.runs.map(({ release }) => release)]
  t.ok(Math.max(...names.map(({ length }) => length)) <= 503)
  t.ok(Math.max(...points.map(({ details }) => details.length)) < 10_000)
  const texts = [...names, ...points.map(({ details }) => details)].join('')
  t.match(texts, '<img', 'control: the rest of it is there')
  t.same(
    acting.filter((character) => texts.includes(character)),
    [],
  )
  t.end()
})

t.test('only markup is markup', (t) => {
  const inner = html`<b>${'<i>'}</b>`
  t.equal(
    html`<p title="${`"'&`}">${inner}${[inner, inner]}${1}${''}</p>`.markup,
    ['<p title="&#34;&#39;&#38;">', '<b>&#60;i&#62;</b>'.repeat(3), '1</p>'].join(''),
  )
  t.end()
})

t.test('the page holds no tag of a guest, and does not grow with what guests say', (t) => {
  const page = reportPage(summary, { made, notAsked: [] })
  t.match(page, '&#60;img src=&#34;x&#34; onerror', 'control: it is told')
  t.notMatch(page, /<img|<script/)
  const more = Array.from({ length: 5000 }, (_, index) => ({
    ...passing,
    points: passing.points.map((point) => ({ ...point, name: `${index}` })),
  }))
  const points = more.flatMap((result) => result.points)
  const long = reportPage(summarize([passing.run], [{ ...passing, points }]), { made, notAsked: [] })
  t.match(long, 'and 9000 more')
  t.ok(long.length < 200_000, `${long.length}`)
  t.end()
})

t.test('the page says which runs nobody asked for', (t) => {
  t.match(reportPage(summary, { made, notAsked: ['native/x'] }), 'not asked for: native/x.')
  t.notMatch(reportPage(summary, { made, notAsked: [] }), 'not asked for')
  t.end()
})

t.test('numbers in words', (t) => {
  t.same(
    [0, 1, 2].map((number) => counted(number, 'fault')),
    ['0 faults', '1 fault', '2 faults'],
  )
  t.same([0, 59.4, 59.6, 3600].map(duration), ['0 s', '59 s', '1 min 0 s', '60 min 0 s'])
  t.same(['', '2 0', '6 15'].map(landlockText), ['', 'ABI 2', 'ABI 6, errata 15'])
  t.end()
})

interface Element {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  readonly text: string
  readonly children: readonly Element[]
}

const element: z.ZodType<Element> = z.strictObject({
  tag: z.string(),
  attributes: z.record(z.string(), z.string()),
  text: z.string(),
  get children() {
    return z.array(element)
  },
})

/** By another parser, which is one of expat's. */
function parsed(xml: string): Element {
  const program = `import json, sys, xml.etree.ElementTree as tree
def told(e): return {'tag': e.tag, 'attributes': e.attrib, 'text': e.text or '', 'children': [told(c) for c in e]}
print(json.dumps(told(tree.fromstring(sys.stdin.buffer.read()))))`
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program], { input: xml, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return element.parse(JSON.parse(stdout))
}

/** What the consumers' schemas have in common: children and attributes by element; `?` is one that may be missing. */
const shape: Readonly<Record<string, readonly [children: string, attributes: string]>> = {
  testsuites: ['testsuite', 'errors failures name skipped tests time'],
  testsuite: ['properties testcase', 'errors failures name skipped tests time timestamp'],
  properties: ['property', ''],
  property: ['', 'name value'],
  testcase: ['error failure skipped', 'classname name time'],
  failure: ['', 'message type'],
  error: ['', 'message type'],
  skipped: ['', 'message'],
}

function all(top: Element): readonly Element[] {
  return [top, ...top.children.flatMap(all)]
}

t.test('JUnit XML: well-formed, with the elements and attributes of its consumers', (t) => {
  const top = parsed(junitXml(summary, made))
  t.equal(top.tag, 'testsuites')
  for (const { tag, attributes, children } of all(top)) {
    const [allowed = '', wantedAttributes = ''] = shape[tag] ?? []
    t.same(Object.keys(attributes).toSorted().join(' '), wantedAttributes, tag)
    t.same(
      children.filter((child) => !allowed.split(' ').includes(child.tag)),
      [],
      tag,
    )
  }
  t.end()
})

t.test('JUnit XML: the numbers of a suite are those of its cases, and of the whole those of its suites', (t) => {
  const top = parsed(junitXml(summary, made))
  t.same(
    top.children.map(({ attributes }) => attributes['name']),
    wanted.map(({ name }) => name),
  )
  const kinds = [
    ['failures', 'failure'],
    ['errors', 'error'],
    ['skipped', 'skipped'],
  ] as const
  for (const one of [top, ...top.children]) {
    const inside = all(one)
    t.equal(one.attributes['tests'], String(inside.filter(({ tag }) => tag === 'testcase').length))
    for (const [sum, tag] of kinds)
      t.equal(one.attributes[sum], String(inside.filter((each) => each.tag === tag).length), sum)
  }
  t.same(
    ['tests', 'failures', 'errors', 'skipped'].map((name) => top.attributes[name]),
    ['14', '2', '2', '2'],
  )
  t.end()
})

t.test('JUnit XML: a suite has its release, time, failures with details, and skips with reasons', (t) => {
  const [first, second, third, fourth] = parsed(junitXml(summary, made)).children
  t.same(
    first?.children[0]?.children.map(({ attributes }) => `${attributes['name']}=${attributes['value']}`),
    [
      'tier=native',
      'guest=x86_64-6.1',
      'arch=x86_64',
      'release=6.1.0-50-cloud-amd64',
      'landlock=ABI 2',
      'processor seconds=58.250',
    ],
  )
  t.match(first?.attributes, { time: '91.000', timestamp: '2026-11-27T12:34:56' })
  const failed = second?.children.find(({ children }) => children[0]?.tag === 'failure')
  t.equal(failed?.attributes['classname'], 'native/i386-6.1.network')
  t.equal(
    failed?.attributes['name'],
    noXml.reduce((text, one) => text.replaceAll(one, '\ufffd'), hostile),
    'escaped, not lost',
  )
  t.match(failed?.children[0]?.text, /^expected: errno 13\nfound: <img/)
  const skipped = third?.children.flatMap(({ children }) => children).filter(({ tag }) => tag === 'skipped')
  t.same(
    skipped?.map(({ attributes }) => attributes['message']),
    ['no such call', 'no such call'],
  )
  t.equal(fourth?.children[1]?.children[0]?.text, 'it did not happen')
  t.end()
})
