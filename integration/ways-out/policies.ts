/** The policies under which ways out are tried, and what each lets through. */
import { v4, v6 } from './families.js'

/** Policies as text, without `name`. `tcp` grants all socket calls; `wide` what most programs never get as well. */
export const policies = {
  tcp: `
network:
  egress:
    - { host: ${v4.endpoint}, port: 80 }
    - { host: ${v4.endpoint}, port: 8443 }
    - { host: '${v6.endpoint}', port: 80 }
    - { host: '${v6.endpoint}', port: 8443 }
syscalls: { promises: [stdio, rpath, proc, inet, unix, threads] }
`,
  only4: `
network: { egress: [{ host: ${v4.endpoint}, port: 80 }] }
syscalls: { promises: [stdio, rpath, proc, inet_client] }
`,
  wide: `
network:
  egress:
    - { host: ${v4.endpoint}, port: 80 }
    - { host: ${v4.endpoint}, port: 8443, protocol: udp }
    - { host: '${v6.endpoint}', port: 80 }
    - { host: '${v6.endpoint}', port: 8443, protocol: udp }
syscalls: { promises: [stdio, rpath, proc, inet, unix, threads, netlink, rawnet, dns] }
`,
  stub: `
network:
  dns: stub
  egress: [{ host: api.example.test, port: 80 }]
syscalls: { promises: [stdio, rpath, proc, inet, dns] }
`,
  listen: `
network:
  listen: [{ port: 8080, publish: 18080 }]
  egress:
    - { host: ${v4.endpoint}, port: 80 }
    - { host: ${v4.endpoint}, port: 8443 }
    - { host: '${v6.endpoint}', port: 80 }
    - { host: '${v6.endpoint}', port: 8443 }
syscalls: { promises: [stdio, rpath, proc, inet] }
`,
} as const
export type PolicyName = keyof typeof policies

/** Tried between the ways and after them: the endpoint answers throughout. */
export const reached: Readonly<Record<PolicyName, readonly string[]>> = {
  tcp: [`fetch ${v4.endpoint} 80`, `fetch ${v6.endpoint} 80`, `tcp ${v4.endpoint} 8443`],
  only4: [`fetch ${v4.endpoint} 80`],
  wide: [`fetch ${v4.endpoint} 80`, `udp-sent ${v4.endpoint} 8443`, `udp-sent ${v6.endpoint} 8443`],
  stub: [`dns-udp ${v4.stub} 53 api.example.test`, 'fetch 198.18.0.1 80', 'fetch fd50:616c:6973::1 80'],
  listen: [`fetch ${v4.endpoint} 80`, `fetch ${v6.endpoint} 80`],
}
