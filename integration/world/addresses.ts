/** The internet of the test world, from the blocks that RFC 5737 and RFC 3849 keep for documentation. */
export const addresses = {
  /** `api.example.test` and `api.example.com`. */
  allowed: '203.0.113.10',
  /** `denied.example.test`. */
  denied: '203.0.113.20',
  /** `other.example.test`, on another network. */
  other: '198.51.100.7',
  /** `api.example.test` as well, and `v6.example.test`. */
  allowed6: '2001:db8:10::10',
  /** `denied6.example.test`. */
  denied6: '2001:db8:20::20',
} as const

export const link = { client: '100.64.7.2', internet: '100.64.7.1', prefix: 24 } as const
export const link6 = { client: 'fd64:7::2', internet: 'fd64:7::1', prefix: 64 } as const

export const ports = { http: 80, https: 443, extra: 8443, udp: 443 } as const

/** Hosts of the examples' servers. The world itself serves only `ports.extra` there; see `World.serve`. */
export const services = {
  'registry.example.test': '203.0.113.30',
  'pypi.example.test': '203.0.113.31',
  'git.example.test': '203.0.113.32',
  'db.example.test': '203.0.113.33',
} as const

export const names: Readonly<Record<string, string | readonly string[]>> = {
  ...services,
  'api.example.test': [addresses.allowed, addresses.allowed6],
  'api.example.com': addresses.allowed,
  'denied.example.test': addresses.denied,
  'other.example.test': addresses.other,
  'v6.example.test': addresses.allowed6,
  'denied6.example.test': addresses.denied6,
}
