import { chmod, chown, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addresses, services } from '../../world/addresses.js'
import type { World } from '../../world/world.js'
import { serverOf, type Server } from './server.js'

export const password = 'in the environment'

/** PostgreSQL with TLS on db.example.test:5432 and other.example.test:5432; the user `app` logs in by password. */
export async function startPostgres(world: World): Promise<Server> {
  // It refuses to be root.
  const uid = world.uids.at(-1) ?? 65534
  const root = join(world.directory, 'postgres')
  const data = join(root, 'data')
  const passwordFile = join(world.directory, 'password')
  await mkdir(root)
  await writeFile(passwordFile, password)
  // It takes a key only from its own user, for nobody else to read.
  const key = join(root, 'key.pem')
  await copyFile(world.certificates.key, key)
  await chmod(key, 0o600)
  if (process.getuid?.() === 0) for (const path of [root, key]) await chown(path, uid, uid)
  const login = ['--username=app', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
  const initdb = [join(binaries, 'initdb'), '--pgdata', data, ...login, '--no-sync', '--locale=C.UTF-8']
  const { code, stdout, stderr } = await world.serve(initdb, { uid }).outcome
  if (code !== 0) throw new Error(`initdb: ${stdout}${stderr}`)
  await writeFile(join(data, 'pg_hba.conf'), 'hostssl all all all scram-sha-256\n')
  const listen = `listen_addresses=${services['db.example.test']},${addresses.other}`
  const tls = ['ssl=on', `ssl_cert_file=${world.certificates.certificate}`, `ssl_key_file=${key}`]
  const options = [listen, ...tls, 'unix_socket_directories=', 'fsync=off'].flatMap((option) => ['-c', option])
  const server = world.serve([join(binaries, 'postgres'), '-D', data, ...options], { uid })
  return serverOf(server, () => world.run([join(binaries, 'pg_isready'), '--quiet', '--host=db.example.test']))
}

/** Debian keeps them out of PATH. */
const binaries = '/usr/lib/postgresql/15/bin'
