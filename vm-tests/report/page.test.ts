/** The page in a real browser: what it shows at two widths, in light and dark. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import { chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import * as z from 'zod'
import { layers } from '../layers.js'
import { results, wanted } from './made-up.js'
import { reportPage } from './page.js'
import { summarize } from './summary.js'

/** What axe-core says of one of its rules. */
const rule = z.object({
  id: z.string(),
  nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
})
const judged = z.object({ violations: z.array(rule), incomplete: z.array(rule), passes: z.array(rule) })

/** As axe-core has it, but for marks, which are of Unicode's symbols, and for large letters, which get no discount. */
const contrast = {
  ignoreUnicode: false,
  ignoreLength: false,
  ignorePseudo: false,
  boldValue: 700,
  boldTextPt: 14,
  largeTextPt: 18,
  contrastRatio: { normal: { expected: 4.5 }, large: { expected: 4.5 } },
  pseudoSizeThreshold: 0.25,
  shadowOutlineEmMax: 0.2,
  textStrokeEmMin: 0.03,
}

const summary = summarize(wanted, results)
const folder = mkdtempSync(join(tmpdir(), 'palisade-page-'))
const file = join(folder, 'report.html')
const address = pathToFileURL(file).href
writeFileSync(file, reportPage(summary, { made: new Date('2026-11-27T12:34:56Z'), notAsked: ['native/x86_64-7'] }))

const profiles = profilesNow()
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  // Chromium's own sandbox does not start as root.
  chromiumSandbox: process.getuid?.() !== 0,
})
t.teardown(async () => {
  await browser.close()
  rmSync(folder, { recursive: true })
})

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [400, 1400].map((width) => ({ colorScheme, viewport: { width, height: 900 } })),
)

for (const look of looks) {
  const { colorScheme, viewport } = look
  await t.test(`${colorScheme}, ${viewport.width} px`, async (t) => {
    const context = await browser.newContext(look)
    t.teardown(() => context.close())
    const page = await context.newPage()
    const requests: string[] = []
    const complaints: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => {
      complaints.push(dialog.message())
      void dialog.dismiss()
    })
    await page.goto(address)
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true')
    await hasACellForAll(t, page)
    await fits(t, page)
    await failsVisibly(t, page)
    await hasNoElementsOfGuests(t, page)
    await isAccessible(t, page)
    t.same(requests, [address], 'it asks for nothing')
    t.same(complaints, [], 'nothing is said on the console')
  })
}

await t.test('no width makes it scroll sideways', async (t) => {
  const page = await browser.newPage()
  t.teardown(() => page.close())
  await page.goto(address)
  for (let width = 320; width <= 1920; width += 32) {
    await page.setViewportSize({ width, height: 900 })
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
  }
})

await t.test('each number leads to its list, open', async (t) => {
  const page = await browser.newPage()
  t.teardown(() => page.close())
  await page.goto(address)
  const links = await page.locator('a').all()
  t.ok(links.length > 10)
  for (const link of links) {
    await link.click()
    const target = page.locator(':target')
    t.equal(await target.count(), 1, (await link.getAttribute('href')) ?? '')
    t.ok(await target.isVisible())
  }
})

await t.test('no profile of the browser stays', async (t) => {
  t.not(profilesNow().join(), profiles.join(), 'control: there is one while it runs')
  await browser.close()
  t.same(profilesNow(), profiles)
})

async function hasACellForAll(t: Test, page: Page): Promise<void> {
  const told = await page.evaluate<readonly (readonly string[])[]>(
    `[...document.querySelectorAll('.matrix tbody tr')].map((row) =>
       [...row.children].map((cell) => (cell.querySelector('.label') ?? cell.firstChild).textContent.trim()))`,
  )
  const columns = [...layers, 'processor', 'result']
  t.same(
    told,
    ['aarch64-6.1', 'aarch64-6.12', 'i386-6.1', 'x86_64-6.1'].map((guest) => [guest, ...columns]),
  )
  t.same(await page.locator('.matrix thead th').allTextContents(), ['guest', ...columns])
  const texts = await page.locator('.matrix tbody tr td').allTextContents()
  t.same(
    texts.filter((text) => text.trim() === ''),
    [],
    'no cell is empty',
  )
}

async function fits(t: Test, page: Page): Promise<void> {
  const wide = `[...document.querySelectorAll('body, body *')].filter((one) =>
    one.getBoundingClientRect().right > innerWidth || (one.scrollWidth > one.clientWidth && getComputedStyle(one).display !== 'inline' && !one.matches('.unseen')))
    .map((one) => one.outerHTML.slice(0, 100))`
  t.same(await page.evaluate(wide), [], 'nothing is wider than the page')
  t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'it does not scroll sideways')
}

async function failsVisibly(t: Test, page: Page): Promise<void> {
  const states = ['passed', 'failed', 'skipped', 'nothing', 'unknown']
  const looks = await page.evaluate<readonly (readonly string[])[]>(
    `${JSON.stringify(states)}.map((state) => {
       const cell = document.querySelector('.matrix td:has(.unseen).' + state)
       const style = getComputedStyle(cell)
       return [style.color + ' on ' + style.backgroundColor, cell.querySelector('.mark').innerText, cell.querySelector('.unseen').textContent]
     })`,
  )
  const [passed = [], failed = []] = looks
  t.not(failed[0], passed[0], 'a failed cell has another colour')
  for (const [index, what] of [
    [1, 'marks'],
    [2, 'words'],
  ] as const)
    t.equal(new Set(looks.map((look) => look[index])).size, states.length, `no two states share ${what}`)
  const title = await page.locator('h1').innerText()
  t.match(title, /failed on 2 of 4 guests/)
  const failures = page.locator('#failed-i386-6\\.1')
  t.ok(await failures.getByText('expected: errno 13').isVisible(), 'with details')
  t.match(await page.locator('#failed-aarch64-6\\.12').innerText(), 'command/aarch64-6.12: it did not happen')
  t.match(await page.locator('#skips').innerText(), /no such call/)
}

async function hasNoElementsOfGuests(t: Test, page: Page): Promise<void> {
  t.equal(await page.locator('img, script, [onerror]').count(), 0)
  t.ok((await page.getByText('<img src="x" onerror="alert(1)">').count()) > 0, 'control: they are told as text')
  t.equal(await page.locator('style').count(), 1)
}

/** By axe-core's rules: contrast of 4.5 (WCAG 2 AA), headings, names of links, tables' heads. */
async function isAccessible(t: Test, page: Page): Promise<void> {
  await page.evaluate(axe.source)
  await page.evaluate(`axe.configure({ checks: [{ id: 'color-contrast', options: ${JSON.stringify(contrast)} }] })`)
  const { violations, incomplete, passes } = judged.parse(await page.evaluate('axe.run()'))
  t.same(violations.flatMap(told), [])
  t.same(incomplete.flatMap(told), [], 'nothing that it could not judge')
  t.ok(
    passes.flatMap(told).filter((text) => text.startsWith('color-contrast')).length > 50,
    'control: contrast was judged',
  )
}

function told({ id, nodes }: z.infer<typeof rule>): readonly string[] {
  return nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`)
}

function profilesNow(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('playwright_chromiumdev_profile'))
}
