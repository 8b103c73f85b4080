/** Plans in the usual place: believed by their seal alone, whoever can write there. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { launcherPath } from '../src/launch/addon.js'
import { fileOf } from '../src/launch/kept-file.js'
import { decodePlan, encodePlan } from '../src/plan/codec.js'
import {
  asUser,
  buildHelper,
  callers,
  compiled,
  keptFile,
  keptHome,
  makeHome,
  makeRoot,
  ownedBy,
  planIn,
  show,
  start,
  startWithoutNode,
  wordsOf,
  type Home,
} from './kept/starts.js'
import { must, run, searchPath, type Outcome } from './world/process.js'

const checkout = join(import.meta.dirname, '../..')
const root = makeRoot(t)
const uid0 = process.getuid?.() === 0
/** Not root, whom nothing is hidden from, where there is one beside root. */
const user = callers.at(-1) ?? 0
const keys = await buildHelper(root, 'keys')
const refuseKeys = await buildHelper(root, 'refuse-keys')

const kept = { code: 0, stdout: 'one\ndata\n', stderr: '' }

/** `(runtime, cache, home)` by what they are; the place that is used then, and what must not be made. */
const places: readonly {
  readonly what: string
  readonly prepare?: (home: string) => unknown
  readonly env: (home: string) => Readonly<Record<string, string>>
  readonly place: string | null
}[] = [
  { what: 'the runtime directory', env: (home) => ({ XDG_RUNTIME_DIR: `${home}/runtime` }), place: 'runtime/palisade' },
  {
    what: 'no runtime directory: the cache, made',
    env: (home) => ({ XDG_CACHE_HOME: `${home}/xdg` }),
    place: 'xdg/palisade',
  },
  { what: 'neither: ~/.cache, made', env: () => ({}), place: '.cache/palisade' },
  {
    what: 'neither: ~/.cache, as it is',
    prepare: (home) => mkdirSync(`${home}/.cache`, { mode: 0o755 }),
    env: () => ({}),
    place: '.cache/palisade',
  },
  {
    what: 'a runtime directory that is not there',
    env: (home) => ({ XDG_RUNTIME_DIR: `${home}/none` }),
    place: '.cache/palisade',
  },
  { what: 'an empty one', env: () => ({ XDG_RUNTIME_DIR: '', XDG_CACHE_HOME: '' }), place: '.cache/palisade' },
  { what: 'a relative one', env: () => ({ XDG_RUNTIME_DIR: 'runtime' }), place: '.cache/palisade' },
  {
    what: 'one in another spelling',
    env: (home) => ({ XDG_RUNTIME_DIR: `${home}/runtime/` }),
    place: '.cache/palisade',
  },
  {
    what: 'one through a symlink',
    prepare: (home) => symlinkSync('runtime', `${home}/link`),
    env: (home) => ({ XDG_RUNTIME_DIR: `${home}/link` }),
    place: '.cache/palisade',
  },
  {
    what: 'a place in it that others may read',
    prepare: (home) => (mkdirSync(`${home}/runtime/palisade`), chmodSync(`${home}/runtime/palisade`, 0o755)),
    env: (home) => ({ XDG_RUNTIME_DIR: `${home}/runtime` }),
    place: '.cache/palisade',
  },
  {
    what: 'a cache below what is not there',
    env: (home) => ({ XDG_CACHE_HOME: `${home}/none/cache` }),
    place: '.cache/palisade',
  },
  { what: 'no place at all', prepare: (home) => writeFileSync(`${home}/.cache`, ''), env: () => ({}), place: null },
]

for (const { what, prepare, env, place } of places) {
  t.test(`plans are kept where the caller keeps such things: ${what}`, async (t) => {
    const made = makeHome(root, 'as usual')
    prepare?.(made.home)
    const at: Home = { ...made, env: { HOME: made.home, PATH: searchPath, WORD: 'one', ...env(made.home) } }
    t.match(await start(at), kept)
    t.match(await startWithoutNode(at), place === null ? compiled : kept)
    const found = ['runtime/palisade', 'none', 'xdg/palisade', '.cache/palisade'].filter((one) => {
      const directory = join(at.home, one)
      return existsSync(directory) && readdirSync(directory).length > 0
    })
    t.strictSame(found, place === null ? [] : [place], 'and nowhere else')
    if (place !== null) t.equal(lstatSync(join(at.home, place)).mode & 0o7777, 0o700)
  })
}

t.test("root leaves nothing in a user's home", { skip: !uid0 && 'needs root' }, async (t) => {
  const at = makeHome(root, 'as usual')
  chownSync(at.home, 1000, 1000)
  const env = { HOME: at.home, PATH: searchPath, WORD: 'one' }
  t.match(await start(at, { env }), kept)
  t.notOk(existsSync(join(at.home, '.cache')))
  chownSync(join(at.home, 'runtime'), 1000, 1000)
  t.match(await start(at), kept)
  t.strictSame(readdirSync(join(at.home, 'runtime')), [], "nor in a user's runtime directory")
  chownSync(at.home, 0, 0)
  t.match(await start(at, { env }), kept)
  t.ok(existsSync(join(at.home, '.cache/palisade')), 'control: in its own')
})

t.test('nothing is made where a symlink leads', async (t) => {
  const at = makeHome(root, 'as usual')
  mkdirSync(`${at.home}/elsewhere`)
  symlinkSync('elsewhere', `${at.home}/.cache`)
  const env = { HOME: at.home, PATH: searchPath, WORD: 'one' }
  t.match(await start(at, { env }), kept)
  t.strictSame(readdirSync(`${at.home}/elsewhere`), [])
  rmSync(`${at.home}/.cache`)
  mkdirSync(`${at.home}/.cache`)
  t.match(await start(at, { env }), kept)
  t.strictSame(readdirSync(`${at.home}/.cache`), ['palisade'], 'control: a directory')
})

t.test('a place that nobody could look at is hidden once it can be', async (t) => {
  const at = ownedBy(user, makeHome(root, 'as usual'))
  const cache = join(at.home, '.cache')
  const inCache = { HOME: at.home, PATH: searchPath, WORD: 'one' }
  t.match(await start(at, { env: inCache }), kept)
  const [entry = ''] = readdirSync(join(cache, 'palisade'))
  writeFileSync(
    at.policy,
    `version: 1\nname: kept\nfilesystem: { exec: [/usr], read: ["${at.home}"] }\nsyscalls: { promises: [stdio, rpath, exec] }\n`,
  )
  const look = { argv: ['cat', join(cache, 'palisade', entry)] }
  chmodSync(cache, 0)
  t.match(await start(at, look), { code: 1, stdout: '', stderr: /Permission denied/ })
  chmodSync(cache, 0o700)
  t.match(await start(at, look), { code: 1, stdout: '', stderr: /Permission denied|No such file/ })
  t.match(await start(at, { argv: ['cat', join(at.home, 'data/file')] }), { code: 0, stdout: 'data\n' }, 'control')
})

t.test('a command with the set-user-id bit starts nothing', { skip: !uid0 && 'needs root' }, async (t) => {
  const copy = join(root, 'sandbox-exec')
  copyFileSync(launcherPath(), copy)
  const command = [...asUser(user), copy, '--plan-descriptor', '3']
  t.match(await run(command), { code: 125, stderr: /^sandbox-exec: cannot read the plan: read: EBADF/ }, 'control')
  chmodSync(copy, 0o4755)
  t.match(await run(command), { code: 125, stderr: /^sandbox-exec: it was started with the rights of another/ })
})

t.test('--no-plans looks for no plan and keeps none', async (t) => {
  const none = makeHome(root, 'as usual')
  t.match(await start(none, { words: ['--no-plans'] }), kept)
  t.notOk(existsSync(none.plans))
  const at = await keptHome(t, root, 'as usual')
  t.match(await startWithoutNode(at, { words: ['--no-plans'] }), compiled)
  const both = ['--no-plans', '--plans', at.plans]
  t.match(await start(at, { words: both }), { code: 125, stderr: /--plans and --no-plans: one of the two/ })
})

t.test("a start by Node's main.cjs, and one that logs, keep nothing", async (t) => {
  const at = makeHome(root, 'as usual')
  const [, ...words] = wordsOf(at)
  const main = [process.execPath, join(checkout, 'dist/cli/main.cjs')]
  t.match(
    await run([...main, ...words, '--', ...show, `${at.home}/data/file`], { env: at.env, directory: at.home }),
    kept,
  )
  t.notOk(existsSync(at.plans))
  t.match(await start(at, { words: ['--log', 'error'] }), kept)
  t.match(await startWithoutNode(at, { words: ['--log', 'error'] }), compiled)
})

/** The plan of `at` with another value of a variable: a program that is shown `evil` was started by it. */
function evilPlan(at: Home): Uint8Array {
  const { auditArch, steps } = decodePlan(planIn(at))
  const changed = steps.map((step) => (step.op === 'process.execute' ? { ...step, environment: ['WORD=evil'] } : step))
  return encodePlan({ auditArch, steps: changed })
}

/** A sealed file with that plan, made by the process that `become` starts. */
async function sealedBy(become: readonly string[], plan: Uint8Array): Promise<Uint8Array> {
  const file = join(root, 'to-seal')
  writeFileSync(file, plan)
  chmodSync(file, 0o644)
  const addon = join(checkout, 'build/Release/palisade.node')
  const script = `const plan = require('fs').readFileSync('${file}')
    process.stdout.write(Buffer.concat([Buffer.from('PALISEAL'), require('${addon}').sealPlan(plan)]).toString('hex'))`
  return Buffer.concat([Buffer.from(await must([...become, process.execPath, '-e', script]), 'hex'), plan])
}

const evil = { code: 0, stdout: 'evil\ndata\n' }

for (const uid of callers) {
  t.test(`uid ${uid}: only what the caller has sealed outside of sandboxes is believed`, async (t) => {
    const at = await keptHome(t, root, 'as usual', uid)
    const file = keptFile(at)
    const plan = evilPlan(at)
    const put = (bytes: Uint8Array): void => writeFileSync(file, bytes)
    const owner = asUser(uid)
    put(await sealedBy(owner, plan))
    t.match(await startWithoutNode(at), evil, 'control: with the key, this would run')
    put(await sealedBy([...owner, '/usr/bin/unshare', '--user', '--map-current-user'], plan))
    t.match(await startWithoutNode(at), compiled, 'by the same user in another user namespace, as a sandbox is one')
    put(fileOf(plan))
    t.match(await startWithoutNode(at), compiled, 'not sealed, as --plans has it')
    put(Buffer.concat([Buffer.from('PALISEAL'), Buffer.alloc(16), plan]))
    t.match(await startWithoutNode(at), compiled, 'a seal of zeros')
    put(plan)
    t.match(await startWithoutNode(at), compiled, 'the plan alone')
    for (const other of callers.filter((one) => one !== uid)) {
      put(await sealedBy(asUser(other), plan))
      t.match(await startWithoutNode(at), compiled, `sealed by uid ${other}`)
    }
    t.match(await start(at), kept, 'it is compiled')
    t.match(await startWithoutNode(at), kept, 'and kept again')
  })

  t.test(`uid ${uid}: an entry counts for its own words only, and an old one for nothing`, async (t) => {
    const at = await keptHome(t, root, 'as usual', uid)
    const [first = ''] = readdirSync(at.plans)
    const old = readFileSync(join(at.plans, first))
    const argv = ['sh', '-c', 'echo other']
    t.match(await start(at, { words: ['--report', '2'], argv }), { code: 0, stdout: 'other\n' })
    const second = readdirSync(at.plans).find((name) => name !== first) ?? ''
    const other = readFileSync(join(at.plans, second))
    writeFileSync(join(at.plans, first), other)
    t.match(await startWithoutNode(at), compiled, 'that of other words under this name')
    writeFileSync(join(at.plans, first), old)
    t.match(await startWithoutNode(at), kept, 'control')
    writeFileSync(at.policy, `${readFileSync(at.policy, 'utf8')}limits: { files: 100 }\n`)
    t.match(await start(at), kept)
    writeFileSync(join(at.plans, first), old)
    t.match(await startWithoutNode(at), compiled, 'sealed by the caller, of the policy as it was')
  })

  t.test(`uid ${uid}: a program sees none of it, also where it may write around it`, async (t) => {
    const at = ownedBy(uid, makeHome(root, 'as usual'))
    const work = join(at.home, 'runtime')
    chmodSync(work, 0o755)
    // Root's program is nobody, who may write neither.
    const acts = [
      `ls ${at.plans}`,
      `cat ${at.plans}/*`,
      `touch ${at.plans}/x`,
      `mv ${at.plans} ${work}/y`,
      `rmdir ${at.plans}`,
    ]
    const argv = ['sh', '-c', [...acts.map((act) => `${act} 2>/dev/null && echo DONE`), `ls ${work}`].join('; ')]
    const startWith = (grants: string): Promise<Outcome> => {
      const promises = 'syscalls: { promises: [stdio, rpath, wpath, cpath, fattr, exec, proc] }'
      writeFileSync(at.policy, `version: 1\nname: kept\nfilesystem: { exec: [/usr], ${grants} }\n${promises}\n`)
      return start(at, { argv })
    }
    for (const grants of [`read: ["${work}"]`, ...(uid === 0 ? [] : [`write: ["${work}"]`])]) {
      for (const which of ['compiled', 'kept']) {
        const { code, stdout, stderr } = await startWith(grants)
        t.equal(code, 0, `${grants}, ${which}: ${stderr}`)
        t.equal(stdout, 'palisade\n', 'control: what is around it is shown')
      }
    }
    t.ok(readdirSync(at.plans).length > 0)
    for (const inside of [at.plans, keptFile(at)]) {
      t.match(await startWith(`read: ["${inside}"]`), { code: 125, stderr: /where plans are kept.*never seen inside/ })
    }
  })

  t.test(`uid ${uid}: without keys nothing is kept or believed, and doctor says so`, async (t) => {
    const at = await keptHome(t, root, 'as usual', uid)
    const doctor = (become: readonly string[]): Promise<Outcome> =>
      run([...become, launcherPath(), 'doctor'], { env: at.env, directory: at.home })
    t.match(await doctor(at.become), { stdout: /^kept plans +OK +.*palisade/m }, 'control')
    for (const [what, errno] of [
      ['keys', 'ENOSYS'],
      ['persistent', 'EOPNOTSUPP'],
    ] as const) {
      const without: Home = { ...at, become: [...at.become, refuseKeys, what] }
      t.match(await start(at), kept)
      t.match(await startWithoutNode(without), compiled, `${errno}: one that is there`)
      rmSync(at.plans, { recursive: true })
      t.match(await start(without), kept)
      t.notOk(existsSync(at.plans))
      t.match(await start(without, { words: ['--log', 'info'] }), { code: 0, stderr: /no place to keep plans/ })
      const note = new RegExp(`^kept plans +note +keyctl: ${errno}.*\\n +fix: .*--plans DIRECTORY`, 'm')
      t.match(await doctor(without.become), { code: 0, stdout: note })
    }
  })
}

t.test('a plan that was planted through a bind mount is compiled over', { skip: !uid0 && 'needs root' }, async (t) => {
  const at = await keptHome(t, root, 'as usual', 1000)
  const work = join(at.home, 'work')
  const planted = join(at.home, 'planted')
  mkdirSync(work)
  mkdirSync(planted)
  const inUserNamespace = [...asUser(1000), '/usr/bin/unshare', '--user', '--map-current-user']
  // As good as a program of the user's can make it.
  writeFileSync(join(planted, 'sealed'), await sealedBy(inUserNamespace, evilPlan(at)))
  writeFileSync(join(planted, 'unsealed'), fileOf(evilPlan(at)))
  execFileSync('/usr/bin/chown', ['-R', '1000:1000', at.home])
  const policy = join(at.home, 'planter.yaml')
  writeFileSync(
    policy,
    `version: 1\nname: planter\nfilesystem: { read: ["${planted}"], write: ["${work}"], exec: [/usr] }\n` +
      'syscalls: { promises: [stdio, rpath, wpath, cpath, fattr, exec, proc, keyring] }\n',
  )
  const file = keptFile(at)
  const name = file.slice(at.plans.length + 1)
  const good = readFileSync(file)
  for (const which of ['sealed', 'unsealed']) {
    const plant = ['sh', '-c', `cp ${planted}/${which} ${work}/${name} && echo planted`]
    const planter = [...at.become, launcherPath(), '--policy', policy, '--', ...plant]
    const mounted = ['sh', '-c', `mount --bind ${at.plans} ${work} && exec "$@"`, 'sh', ...planter]
    t.match(await run(['/usr/bin/unshare', '--mount', ...mounted], { env: at.env, directory: at.home }), {
      stdout: 'planted\n',
    })
    t.strictSame(readFileSync(file), readFileSync(join(planted, which)), 'control: it is there')
    t.match(await startWithoutNode(at), compiled, which)
    t.match(await start(at), kept)
    t.notSame(readFileSync(file), readFileSync(join(planted, which)), 'the compiler has put its own there')
  }
  writeFileSync(file, good)
  t.match(await startWithoutNode(at), kept, 'control: what was good still is')
})

t.test('there are no more than 512 plans, and nothing but plans makes room', async (t) => {
  const at = await keptHome(t, root, 'as usual')
  for (let index = 0; index < 600; index += 1) {
    const file = join(at.plans, index.toString(16).padStart(16, '0'))
    writeFileSync(file, '')
    utimesSync(file, index, index)
  }
  const others = ['notes.txt', 'ABCDEF0123456789', '0123456789abcdef0']
  for (const other of others) {
    writeFileSync(join(at.plans, other), '')
    utimesSync(join(at.plans, other), 0, 0)
  }
  t.match(await start(at, { words: ['--report', '2'] }), { code: 0 })
  const left = readdirSync(at.plans)
  t.strictSame(
    others.filter((other) => !left.includes(other)),
    [],
  )
  t.ok(left.length <= 512, `${left.length} entries`)
  t.notOk(left.includes('0'.repeat(16)), 'the oldest are gone')
  t.match(await startWithoutNode(at), kept, 'the newest are not')
})

t.test(
  'a key that is gone is made again, and what the old one sealed is compiled over',
  { skip: !uid0 && 'needs root' },
  async (t) => {
    // Of a user whose key no other test has.
    const uid = 54_321
    const at = await keptHome(t, root, 'as usual', uid)
    await must([...asUser(uid), keys, 'forget', 'plans'])
    t.match(await startWithoutNode(at), compiled)
    t.match(await start(at), kept)
    t.match(await startWithoutNode(at), kept)
  },
)
