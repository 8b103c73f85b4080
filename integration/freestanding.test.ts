/** What the launcher has in place of libc: its start, its functions, and how its process is protected. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { launcherPath } from '../src/launch/addon.js'
import { allProtections, lacking } from './hardening.js'
import { must, run, searchPath } from './world/process.js'

const checkout = join(import.meta.dirname, '../..')
const built = join(checkout, 'build')
const own = await mkdtemp(join(tmpdir(), 'palisade-freestanding-'))
t.teardown(() => rm(own, { recursive: true }))

/** A program that is linked as the launcher is, in a build of its own. */
async function buildProbe(name: string, settings: readonly string[]): Promise<string> {
  const tree = join(own, name)
  await must(['cmake', '-S', checkout, '-B', tree, ...settings], { timeoutMs: 120_000 })
  const target = 'palisade-freestanding-probe'
  await must(['cmake', '--build', tree, '--target', target], { env: { PATH: searchPath }, timeoutMs: 280_000 })
  return join(tree, 'Probe', target)
}

const packing = '-DCMAKE_EXE_LINKER_FLAGS=-Wl,-z,pack-relative-relocs'
const clang = ['-DCMAKE_C_COMPILER=clang-19', '-DCMAKE_CXX_COMPILER=clang++-19']
const probes = [
  { name: 'as the package builds it', probe: await buildProbe('plain', []), packed: false },
  { name: 'with packed relocations (DT_RELR)', probe: await buildProbe('packed', [packing]), packed: true },
  { name: 'by clang', probe: await buildProbe('clang', clang), packed: false },
]

for (const { name, probe, packed } of probes) {
  const ask = (...words: readonly string[]) => run([probe, ...words], { env: { NAME: 'value' } })

  t.test(`${name}: a program has its words, its environment and its name`, async (t) => {
    t.match(await ask('words', '', 'more'), {
      code: 0,
      stdout: [probe, 'words', '', 'more', 'NAME=value', probe, ''].join('\n'),
    })
  })

  t.test(`${name}: addresses in its data, errno, vfork, the clock and division are right`, async (t) => {
    t.match(await ask('check'), { code: 0, stdout: 'in a child\nok\n' })
    t.equal(/\(RELR\)/.test(await must(['readelf', '--dynamic', probe])), packed, 'control: how addresses are told')
  })

  t.test(`${name}: the canary is another each time, and ends a string`, async (t) => {
    const canaries = await Promise.all([1, 2, 3].map(async () => BigInt((await ask('canary')).stdout)))
    t.equal(new Set(canaries).size, 3)
    for (const canary of canaries) t.ok(canary > 0xffff_ffn && (canary & 0xffn) === 0n, String(canary))
  })

  t.test(`${name}: what finds itself broken ends by a trap, without a word`, async (t) => {
    t.match(await ask('overflow'), { signal: 'SIGILL', stdout: '', stderr: '' }, 'an array of a frame')
    t.match(await ask('overrun', 'long'), { signal: 'SIGILL', stdout: '' }, 'a copy beyond a buffer')
    t.match(await ask('overrun', 'abc'), { code: 0, stdout: 'abc\n' }, 'control: one that fits')
    t.match(await ask('constant'), { signal: 'SIGSEGV', stdout: '' }, 'a constant with an address in it')
  })
}

t.test('functions in place of those of libc do what they do', async (t) => {
  const target = 'palisade-freestanding-fuzz'
  await must(['cmake', '--build', built, '--target', target], { env: { PATH: searchPath }, timeoutMs: 280_000 })
  const fuzz = [join(built, 'Sanitized', target), '40000', String(Date.now())]
  t.match(await run(fuzz, { timeoutMs: 200_000 }), { code: 0, stdout: 'alike\n', stderr: '' }, fuzz.join(' '))
})

t.test('the launcher is protected as a file can say', async (t) => {
  t.same(await lacking(launcherPath()), [])
  const source = join(own, 'plain.c')
  await writeFile(source, '__asm__(".section .both, \\"awx\\"\\n.byte 0\\n.text"); int main(void) { return 0; }\n')
  const build = async (name: string, ...flags: readonly string[]): Promise<string> => {
    await must(['cc', ...flags, '-o', join(own, name), source])
    return join(own, name)
  }
  const careless = await lacking(await build('careless', '-static', '-no-pie', '-Wl,-z,norelro,-z,execstack'))
  const dynamic = await lacking(await build('dynamic', '-Wl,-z,lazy'))
  t.same(
    allProtections.filter((one) => !careless.includes(one) && !dynamic.includes(one)),
    [],
    'control: each is seen to be missing somewhere',
  )
})

t.test('functions of the launcher with an array in their frame have a canary', async (t) => {
  const objects = join(built, 'CMakeFiles/palisade-launcher.dir')
  const names = (await readdir(objects, { recursive: true })).filter((name) => name.endsWith('.o'))
  const wanting = await must(['nm', '--undefined-only', ...names.map((name) => join(objects, name))])
  const count = wanting.match(/U __stack_chk_fail$/gm)?.length ?? 0
  t.ok(count > names.length / 2, `${count} of ${names.length} objects`)
})
