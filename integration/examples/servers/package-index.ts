import { createHash } from 'node:crypto'
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { services } from '../../world/addresses.js'
import { must, searchPath } from '../../world/process.js'
import type { World } from '../../world/world.js'
import { listenArguments } from './listen.js'
import { serverOf, type Server } from './server.js'

/**
 * https://pypi.example.test/simple/: a wheel of `greeting`, source of `greeter`, which needs it and tries `attempts`
 * while it is built, and what pip builds source with.
 */
export async function startPackageIndex(world: World, attempts: string): Promise<Server> {
  const root = join(world.directory, 'pypi')
  const files = join(root, 'files')
  await mkdir(files, { recursive: true })
  await cp(sources, join(root, 'source'), { recursive: true })
  await writeFile(join(root, 'source/greeter/attempts.json'), attempts)
  const python = (folder: string, ...argv: string[]) =>
    must(['/usr/bin/python3', ...argv], {
      directory: join(root, 'source', folder),
      env: { PATH: searchPath, HOME: root },
    })
  await python('greeting', '-m', 'pip', 'wheel', '--no-deps', '--no-index', '--no-build-isolation', '-w', files, '.')
  await python('greeter', 'setup.py', '--quiet', 'sdist', '--dist-dir', files)
  for (const wheel of await readdir(debianWheels)) await copyFile(join(debianWheels, wheel), join(files, wheel))
  await writePages(root, files)
  const program = join(import.meta.dirname, 'package-index-http.js')
  const shared = listenArguments(world, services['pypi.example.test'])
  const server = world.serve([process.execPath, program, ...shared, root])
  return serverOf(server, () => world.run(['curl', '--silent', 'https://pypi.example.test/']))
}

/** PEP 503: a page for each project, with a link to each of its files, and the file's hash in the link. */
async function writePages(root: string, files: string): Promise<void> {
  for (const file of await readdir(files)) {
    const hash = createHash('sha256')
      .update(await readFile(join(files, file)))
      .digest('hex')
    const page = join(root, 'simple', file.slice(0, file.indexOf('-')))
    await mkdir(page, { recursive: true })
    const link = `<!DOCTYPE html><a href="../../files/${file}#sha256=${hash}">${file}</a>\n`
    await writeFile(join(page, 'index.html'), link)
  }
}

// From build-test/integration/examples/servers.
const sources = join(import.meta.dirname, '../../../../integration/examples/packages/pip')
/** setuptools and wheel, from packages of Debian. */
const debianWheels = '/usr/share/python-wheels'
