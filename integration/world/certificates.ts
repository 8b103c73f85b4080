import { basename, join } from 'node:path'
import { appendFile, copyFile, readFile } from 'node:fs/promises'
import { addresses, names, services } from './addresses.js'
import { must } from './process.js'

/** Where programs of Debian find CAs: curl and Go in the bundle, python by the hash of a CA's name. */
export const hostCertificates = '/etc/ssl/certs'
export const hostBundle = `${hostCertificates}/ca-certificates.crt`

export interface Certificates {
  /** The CA alone. */
  readonly ca: string
  /** A copy of the host's CAs, and ours. */
  readonly directory: string
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
    directory: at('certificates'),
    certificate: at('server.pem'),
    key: at('server.key'),
  }
  const caKey = at('ca.key')
  const alternatives = [
    ...Object.keys(names).map((name) => `DNS:${name}`),
    ...[...Object.values(addresses), ...Object.values(services)].map((address) => `IP:${address}`),
  ]
  const make = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc']
  await must([...make, '-days', '2', '-subj', '/CN=Palisade test CA', '-keyout', caKey, '-out', files.ca])
  const sign = ['-CA', files.ca, '-CAkey', caKey, '-addext', `subjectAltName=${alternatives.join(',')}`]
  const leaf = ['-addext', 'basicConstraints=critical,CA:FALSE', '-keyout', files.key, '-out', files.certificate]
  await must([...make, '-days', '2', '-subj', '/CN=api.example.test', ...sign, ...leaf])
  await must(['cp', '--archive', hostCertificates, files.directory])
  const hash = await must(['openssl', 'x509', '-hash', '-noout', '-in', files.ca])
  await copyFile(files.ca, join(files.directory, `${hash.trim()}.0`))
  await appendFile(join(files.directory, basename(hostBundle)), await readFile(files.ca))
  return files
}
