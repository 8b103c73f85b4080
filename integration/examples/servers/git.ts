import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addresses, services } from '../../world/addresses.js'
import { must, searchPath } from '../../world/process.js'
import type { World } from '../../world/world.js'
import { listenArguments } from './listen.js'
import { serverOf, type Server } from './server.js'

/** https://git.example.test/project.git, which holds `greeting`; `moved.git` there leads to another host. */
export async function startGit(world: World): Promise<Server> {
  const root = join(world.directory, 'git')
  const source = join(root, 'source')
  await mkdir(source, { recursive: true })
  await writeFile(join(source, 'greeting'), 'hello\n')
  const author = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.test' }
  const env = {
    PATH: searchPath,
    HOME: root,
    ...author,
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.test',
  }
  const git = (...argv: string[]) => must(['git', ...argv], { directory: source, env })
  await git('init', '--quiet')
  await git('add', '.')
  await git('commit', '--quiet', '--message', 'one')
  await git('clone', '--quiet', '--bare', '.', join(root, 'project.git'))
  const program = join(import.meta.dirname, 'git-http.js')
  const shared = listenArguments(world, services['git.example.test'])
  const server = world.serve([process.execPath, program, ...shared, root, `https://${addresses.denied}`])
  return serverOf(server, () => world.run(['curl', '--silent', 'https://git.example.test/']))
}
