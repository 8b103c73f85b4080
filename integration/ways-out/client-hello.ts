import { Duplex } from 'node:stream'
import { connect, type SecureVersion } from 'node:tls'

/** The first bytes that OpenSSL would send to a server of this name; null: without a name. */
export function clientHello(name: string | null, version?: SecureVersion): Promise<Buffer> {
  // OpenSSL has TLS 1.1 at its lowest security level only.
  const old = version === undefined ? {} : { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' }
  return new Promise((resolve, reject) => {
    const socket = new Duplex({
      read() {},
      write(bytes: Buffer) {
        resolve(bytes)
        // The first write comes before connect() returns.
        setImmediate(() => client.destroy())
      },
    })
    const client = connect({ socket, ...(name === null ? {} : { servername: name }), ...old })
    client.on('error', reject)
  })
}
