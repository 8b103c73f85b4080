import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { services } from '../../world/addresses.js'
import type { World } from '../../world/world.js'
import { serverOf, type Server } from './server.js'

/**
 * https://registry.example.test/, a Verdaccio: holds `greeting`, and `greeter`, which needs it and tries `attempts` when
 * it is installed. npm has published both.
 */
export async function startRegistry(world: World, attempts: string): Promise<Server> {
  const root = join(world.directory, 'registry')
  await mkdir(root)
  await cp(join(sources, 'packages/npm'), join(root, 'source'), { recursive: true })
  await writeFile(join(root, 'source/greeter/attempts.json'), attempts)
  const server = await startVerdaccio(world, root)
  for (const name of ['greeting', 'greeter']) await publish(world, join(root, 'source', name))
  return server
}

async function startVerdaccio(world: World, root: string): Promise<Server> {
  const verdaccio = join(sources, 'registry/node_modules/.bin/verdaccio')
  if (!existsSync(verdaccio)) throw new Error('no Verdaccio: npm ci --prefix integration/examples/registry')
  const config = join(root, 'config.yaml')
  const { certificate: cert, key } = world.certificates
  const listen = `https://${services['registry.example.test']}:443`
  await writeFile(
    config,
    JSON.stringify({ ...configuration, storage: join(root, 'storage'), listen, https: { cert, key } }),
  )
  const server = world.serve([process.execPath, verdaccio, '--config', config], { env: { HOME: root } })
  return serverOf(server, () => world.run(['curl', '--silent', 'https://registry.example.test/-/ping']))
}

/** npm publishes nothing without a token; this registry asks nobody who he is. */
async function publish(world: World, directory: string): Promise<void> {
  const token = '--//registry.example.test/:_authToken=none'
  const argv = ['npm', 'publish', '--registry', 'https://registry.example.test/', token]
  const { code, stdout, stderr } = await world.run(argv, { directory, env: { HOME: world.directory } })
  if (code !== 0) throw new Error(`npm publish: ${stdout}${stderr}`)
}

/** It knows no other registry, so it never asks one. */
const configuration = {
  packages: { '**': { access: '$all', publish: '$all' } },
  auth: {},
  web: { enable: false },
  log: { type: 'stdout', format: 'json', level: 'warn' },
}

// From build-test/integration/examples/servers.
const sources = join(import.meta.dirname, '../../../../integration/examples')
