/** What a server's program in the internet has in common: HTTPS under a certificate of the world's CA. */
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { World } from '../../world/world.js'

/** Listens on port 443 of the address that the program's arguments begin with; returns the arguments after that. */
export function listen(handle: RequestListener): readonly string[] {
  const [address = '', certificate = '', key = '', ...rest] = process.argv.slice(2)
  createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, handle).listen(443, address)
  return rest
}

/** The arguments that `listen` begins with. */
export function listenArguments({ certificates }: World, address: string): readonly string[] {
  return [address, certificates.certificate, certificates.key]
}
