import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackDebianPackages } from './debian-package.js'
import type { Candidate, Place } from './candidates.js'
import { NotRun } from './not-run.js'

/** Only Debian sid has it, so it runs with sid's libc, which is unpacked beside it. */
export async function minijail({ cache, directory }: Place): Promise<Candidate> {
  const root = join(cache, 'minijail')
  if (!existsSync(join(root, 'usr/bin/minijail0'))) await fetch(cache)
  const library = join(root, 'usr/lib/x86_64-linux-gnu')
  const program = [join(library, 'ld-linux-x86-64.so.2'), '--library-path', library, join(root, 'usr/bin/minijail0')]
  const view = await makeRoot(directory)
  const ids = ['-m65534 65534 1', '-M65534 65534 1', '-u', '65534', '-g', '65534']
  const namespaces = ['-U', '-v', '-p', '-l', '-e', '-N', '--uts=sandbox']
  const devices = ['null', 'zero'].flatMap((name) => ['-b', `/dev/${name},/dev/${name},1`])
  // Flags of mount(2): nosuid 2, nodev 4, noexec 8.
  const mounts = ['-k', 'none,/proc,proc,0xe', '-k', 'none,/tmp,tmpfs,0x6,size=16m', ...devices]
  return {
    name: 'minijail',
    who: 'peer',
    gives: "minijail0 of Debian sid, with sid's libc: all namespaces, the same view as bubblewrap",
    every: 1,
    command: (own) => {
      const shown = ['-P', view, '-b', '/usr,/usr', '-b', `${own},/program`]
      return Promise.resolve([...program, '-T', 'static', ...ids, ...namespaces, '-n', ...shown, ...mounts, '/program'])
    },
  }
}

async function fetch(cache: string): Promise<void> {
  try {
    await unpackDebianPackages('sid', ['minijail', 'libcap2', 'libc6'], cache)
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n').slice(-2)
    throw new NotRun(`not installable: Debian 12 has no package of it, and that of sid cannot be had: ${first}`)
  }
}

/** Where its mounts go. */
async function makeRoot(directory: string): Promise<string> {
  const root = join(directory, 'minijail-root')
  for (const name of ['usr', 'dev', 'proc', 'tmp']) await mkdir(join(root, name), { recursive: true })
  for (const name of ['program', 'dev/null', 'dev/zero']) await writeFile(join(root, name), '')
  return root
}
