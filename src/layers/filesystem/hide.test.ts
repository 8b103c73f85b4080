import t from 'tap'
import { PolicyError } from '../../core/errors.js'
import { compileMadeUp } from '../../host/fixtures/compile-made-up.js'
import { mergedUsr, type Entry, type MadeUpHost } from '../../host/fixtures/made-up-host.js'
import type { HiddenPath } from './hide.js'

const home = '/home/user'
const place = `${home}/.cache/palisade`
const own: Entry = ['directory', '1000:1000', 0o700]

function hostWith(entry: Entry | null, links: MadeUpHost['links'] = {}): MadeUpHost {
  const above = { [home]: own, [`${home}/.cache`]: own }
  const tree = { ...mergedUsr.tree, ...above, ...(entry === null ? {} : { [place]: entry }) }
  return { ...mergedUsr, tree, links: { ...mergedUsr.links, ...links } }
}

/** What is mounted over the place in a view with these grants. */
function coversOf(filesystem: object, trust: HiddenPath['trust'], host: MadeUpHost, path = place): readonly string[] {
  const policy = { filesystem, syscalls: { promises: ['exec'] } }
  const { steps } = compileMadeUp(policy, { host, options: { hiddenPaths: [{ path, trust }] } })
  const covers = new Set(steps.flatMap((step) => (step.op === 'filesystem.mount-tmpfs' ? [step.target] : [])))
  return [...covers]
}

t.test('a place for plans is covered where a grant shows it', (t) => {
  for (const trust of ['sealed', 'named'] as const) {
    t.strictSame(coversOf({ read: [home] }, trust, hostWith(own)), [place], trust)
    t.strictSame(coversOf({ read: ['/usr'] }, trust, hostWith(own)), [], `${trust}: not where none does`)
  }
  t.end()
})

t.test('one that no start would look into is as any other directory', (t) => {
  const others: readonly (readonly [what: string, host: MadeUpHost])[] = [
    ['nothing there', hostWith(null)],
    ["another user's", hostWith(['directory', '0:0', 0o700])],
    ['one that others may read', hostWith(['directory', '1000:1000', 0o755])],
    ['a file', hostWith(['file', '1000:1000', 0o700])],
  ]
  for (const [what, host] of others) t.strictSame(coversOf({ read: [home] }, 'sealed', host), [], what)
  const link = hostWith(own, { '/srv/link': `${home}/.cache` })
  t.strictSame(coversOf({ read: [home] }, 'sealed', link, '/srv/link/palisade'), [], 'one through a symlink')
  t.strictSame(coversOf({ read: [home] }, 'sealed', link), [place], 'control: by its own name')
  t.end()
})

t.test('a sealed one may be written around, and is covered; a named one may not', (t) => {
  t.strictSame(coversOf({ write: [home] }, 'sealed', hostWith(own)), [place])
  t.match(refusalOf({ write: [home] }, 'named'), {
    key: 'filesystem.write[0]',
    message: `${home} holds ${place}, where plans are kept for the next start`,
  })
  t.end()
})

t.test('nothing in it can be granted', (t) => {
  for (const trust of ['sealed', 'named'] as const) {
    for (const list of ['read', 'write', 'exec']) {
      t.match(refusalOf({ [list]: [place] }, trust), {
        key: `filesystem.${list}[0]`,
        message: `${place} belongs to ${place}, where plans are kept for the next start: it is never seen inside`,
      })
    }
  }
  t.end()
})

function refusalOf(filesystem: object, trust: HiddenPath['trust']): unknown {
  try {
    return coversOf(filesystem, trust, hostWith(own))
  } catch (error) {
    return error instanceof PolicyError ? error.problems.find(({ message }) => message.includes('plans are')) : error
  }
}
