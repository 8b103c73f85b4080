/** What the host must have to forward a sandbox's packets: nft(8), and devices that forward. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { familyOf } from '../policy/ip-address.js'
import type { HostFacts, Uplink } from './facts.js'

/** Where distributions have it; the caller's PATH has no say in what root runs. */
const nftPlaces = ['/usr/sbin/nft', '/sbin/nft', '/usr/bin/nft', '/bin/nft']

/** The nft(8) of this host, if root alone can have put it there. */
export function findNft(): string | null {
  for (const place of nftPlaces) {
    if (!existsSync(place)) continue
    const real = realpathSync(place)
    const { uid, mode } = statSync(real)
    if (uid === 0 && (mode & 0o022) === 0) return real
  }
  return null
}

/** Before Linux 6.17 no single device forwards IPv6. */
export function forwardsIpv6By(): HostFacts['forwardsIpv6By'] {
  return existsSync('/proc/sys/net/ipv6/conf/all/force_forwarding') ? 'force_forwarding' : 'all'
}

/** How the host would send to each of `addresses`. Nothing is sent. */
export async function findUplinks(addresses: ReadonlySet<string>): Promise<HostFacts['uplinks']> {
  const found = await Promise.all(
    Array.from(addresses, async (address): Promise<[string, Uplink]> => [address, await uplinkOf(address)]),
  )
  return new Map(found)
}

async function uplinkOf(address: string): Promise<Uplink> {
  if (deviceOf(address) !== null) return { kind: 'own' }
  const source = await sourceTowards(address)
  const device = source === null ? null : deviceOf(source)
  return device === null ? { kind: 'none' } : { kind: 'device', device, off: offSetting(device, familyOf(address)) }
}

/** connect(2) of a datagram socket asks the kernel for a route and takes its source address. */
async function sourceTowards(address: string): Promise<string | null> {
  const { createSocket } = await import('node:dgram')
  const socket = createSocket(familyOf(address) === 6 ? 'udp6' : 'udp4')
  try {
    return await new Promise((resolve) => {
      socket.once('error', () => resolve(null))
      socket.once('connect', () => resolve(socket.address().address))
      // RFC 863: the port does not matter, since nothing is sent.
      socket.connect(9, address)
    })
  } finally {
    socket.close()
  }
}

function deviceOf(address: string): string | null {
  const devices = Object.entries(networkInterfaces())
  return devices.find(([, own]) => own?.some((one) => one.address === address))?.[0] ?? null
}

function offSetting(device: string, family: ReturnType<typeof familyOf>): string | null {
  // sysctl(8) wants the dots of a device's name as slashes.
  const spelled = device.replaceAll('.', '/')
  if (family === 4) return isOn(`net/ipv4/conf/${device}/forwarding`) ? null : `net.ipv4.conf.${spelled}.forwarding`
  if (isOn('net/ipv6/conf/all/forwarding')) return null
  if (forwardsIpv6By() === 'all') return 'net.ipv6.conf.all.forwarding'
  const own = `net/ipv6/conf/${device}/force_forwarding`
  return isOn(own) ? null : `net.ipv6.conf.${spelled}.force_forwarding`
}

function isOn(setting: string): boolean {
  const file = `/proc/sys/${setting}`
  return existsSync(file) && readFileSync(file, 'utf8').trim() === '1'
}
