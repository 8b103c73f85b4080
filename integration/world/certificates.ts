import { join } from 'node:path'
import { appendFile, copyFile, readFile } from 'node:fs/promises'
import { addresses, names } from './addresses.js'
import { must } from './process.js'

/** What curl, python and Go read on Debian. */
export const hostBundle = '/etc/ssl/certs/ca-certificates.crt'

export interface Certificates {
  /** The CA alone. */
  readonly ca: string
  /** The host's CAs and ours. */
  readonly bundle: string
  readonly certificate: string
  readonly key: string
}

/**
 * A CA of the world's own and one certificate for every name and address in it, so that a refused certificate is never
 * what stops a connection.
 */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const at = (name: string) => join(directory, name)
  const files = {
    ca: at('ca.pem'),
    bundle: at('bundle.pem'),
    certificate: at('server.pem'),
    key: at('server.key'),
  }
  const caKey = at('ca.key')
  const alternatives = [
    ...Object.keys(names).map((name) => `DNS:${name}`),
    ...Object.values(addresses).map((address) => `IP:${address}`),
  ]
  const make = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc']
  await must([...make, '-days', '2', '-subj', '/CN=Palisade test CA', '-keyout', caKey, '-out', files.ca])
  const sign = ['-CA', files.ca, '-CAkey', caKey, '-addext', `subjectAltName=${alternatives.join(',')}`]
  const leaf = ['-addext', 'basicConstraints=critical,CA:FALSE', '-keyout', files.key, '-out', files.certificate]
  await must([...make, '-days', '2', '-subj', '/CN=api.example.test', ...sign, ...leaf])
  await copyFile(hostBundle, files.bundle)
  await appendFile(files.bundle, await readFile(files.ca))
  return files
}
