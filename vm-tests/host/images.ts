/** Root file systems from Debian's packages: unpacked only, no script of a package runs, so any architecture will do. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GuestArch } from '../matrix.js'
import { cached, daily, digestOf } from './cache.js'
import { must } from './commands.js'
import { debianArch } from './kernels.js'
import { closure, openSuite, unpack } from './packages.js'

/** The one with Node 20. */
const suite = 'trixie'

/** A read-only image with `packages` and all that they depend on; whoever boots it lays an overlay above. */
export function fetchImage(arch: GuestArch, name: string, packages: readonly string[]): string {
  // What is made by other code, or from other packages, is another image.
  const maker = digestOf([readFileSync(import.meta.filename), ...packages])
  const folder = daily(`image-${name}-${arch}-${maker}`, () => {
    const apt = openSuite({ suite, architecture: debianArch[arch] })
    // What only scripts of packages need is left out.
    const all = closure(apt, ['base-files', ...packages], (one) => !scriptTools.includes(one))
    const key = all.map((one) => `${one.name} ${one.version}`).toSorted()
    return cached(`images/${name}-${arch}-${digestOf([maker, ...key])}`, (making) => {
      const tree = join(making, 'tree')
      mkdirSync(tree)
      unpack(apt, all, tree)
      complete(tree)
      must('mkfs.erofs', ['-T0', '--all-root', join(making, 'root.erofs'), tree])
      rmSync(tree, { recursive: true })
    })
  })
  return join(folder, 'root.erofs')
}

const scriptTools: readonly string[] = ['debconf', 'cdebconf', 'perl', 'adduser', 'dpkg', 'init-system-helpers', 'awk']

/** What scripts of packages would have made, and takes out what no guest reads. */
function complete(tree: string): void {
  for (const unread of ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/nodejs/@types']) {
    rmSync(join(tree, unread), { recursive: true, force: true })
  }
  for (const place of ['etc/ssl/certs', 'payload', 'tmp', 'var/log']) mkdirSync(join(tree, place), { recursive: true })
  const texts = {
    'etc/passwd':
      'root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
    'etc/group': 'root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n',
    'etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
    'etc/resolv.conf': '',
    'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
    'etc/ssl/certs/ca-certificates.crt': '',
  }
  for (const [path, text] of Object.entries(texts)) writeFileSync(join(tree, path), text)
}
