/**
 * The table of ways out, reviewed as specification. Every way is tried in a sandbox whose policy grants one endpoint,
 * and on the client host. TCP and UDP servers stand at every address of the world on 53, 80, 443 and 8443 (80 only
 * TCP), and on the client host at 8443: what a sandbox lets through arrives somewhere.
 */
import { groups, v4, v6 } from './families.js'
import type { PolicyName } from './policies.js'
import { stub } from './stub.js'
import { both, in4, in6, netns, noRoute, way, type Control, type Way } from './way.js'

const scratch: Control = { place: 'scratch' }
/** The filter answers first, and would not have to. */
const unprivileged = { control: scratch, also: 'capabilities' } as const
/** Where the kernel of a host lacks it, it says so, and not what the sandbox says. */
const anyKernel: Control = { answer: 'not refused' }

const tcp: readonly Way[] = [
  ...both('another host', (f) => `tcp ${f.denied} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('another network', (f) => `tcp ${f.other} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('the address below', (f) => `tcp ${f.below} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('the address above', (f) => `tcp ${f.above} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('a private network', (f) => `tcp ${f.private} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('the metadata address', (f) => `tcp ${f.metadata} 80`, 'ENETUNREACH', netns, noRoute),
  ...both("the host's router", (f) => `tcp ${f.router} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both("the host's own address", (f) => `tcp ${f.host} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both("the host's loopback", (f) => `tcp ${f.loopback} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('the unspecified address', (f) => `tcp ${f.unspecified} 8443`, 'ENETUNREACH', netns, noRoute),
  // Its loopback device is down, and drops what a program sends to itself.
  ...both(
    "the sandbox's own address",
    (f) => `tcp ${f.sandbox} 8443 PATIENCE`,
    'ETIMEDOUT',
    netns,
    (f) => ({
      control: { act: `tcp ${f.host} 8443` },
    }),
  ),
  ...both(
    'a resolver that is not there',
    (f) => `tcp ${f.stub} 53`,
    'EACCES',
    'landlock',
    (f) => ({
      control: { act: `tcp ${f.resolver} 53` },
    }),
  ),
  ...both('another port', (f) => `tcp ${f.endpoint} 443`, 'EACCES', 'landlock'),
  ...both('another port of another host', (f) => `tcp ${f.denied} 443`, 'EACCES', 'landlock'),
  ...both('DNS by TCP, public resolver', (f) => `dns-tcp ${f.resolver} 53 secret.example.com`, 'EACCES', 'landlock'),
  ...both('DNS by TCP, router', (f) => `dns-tcp ${f.router} 53 secret.example.com`, 'EACCES', 'landlock'),
  ...both('DNS by TCP, endpoint', (f) => `dns-tcp ${f.endpoint} 53 secret.example.com`, 'EACCES', 'landlock'),
  ...both(
    'DNS by UDP, public resolver',
    (f) => `dns-udp ${f.resolver} 53 secret.example.com`,
    'ENETUNREACH',
    netns,
    noRoute,
  ),
  ...both(
    'connected, then elsewhere',
    (f) => `reconnect ${f.endpoint} 80 ${f.denied} 8443`,
    'ENETUNREACH',
    netns,
    noRoute,
  ),
  ...both('connected, then another port', (f) => `reconnect ${f.endpoint} 80 ${f.endpoint} 443`, 'EACCES', 'landlock'),
  ...both('Fast Open, sendto', (f) => `fastopen ${f.denied} 8443`, 'EPERM', 'seccomp'),
  ...both('Fast Open, sendmsg', (f) => `fastopen-message ${f.denied} 8443`, 'EPERM', 'seccomp'),
  ...both('Fast Open, another port', (f) => `fastopen-message ${f.endpoint} 443`, 'EPERM', 'seccomp'),
  ...both('Fast Open, first write', (f) => `fastopen-later ${f.denied} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('Fast Open, first write, port', (f) => `fastopen-later ${f.endpoint} 443`, 'EACCES', 'landlock'),
  ...both('MPTCP', (f) => `mptcp ${f.denied} 8443`, 'EPERM', 'seccomp'),
  // An IPv6 endpoint brings datagram sockets with it; see only4.
  ...both('UDP to the endpoint', (f) => `udp-connected ${f.endpoint} 8443`, 'ECONNREFUSED', 'gateway', noRoute),
  ...both('SCTP', (f) => `socket ${f.number} 1 132`, 'EPERM', 'seccomp', { control: anyKernel }),
  ...both('DCCP', (f) => `socket ${f.number} 6 33`, 'EPERM', 'seccomp', { control: anyKernel }),
  ...both('UDP-Lite', (f) => `socket ${f.number} 2 136`, 'EPERM', 'seccomp', { control: anyKernel, only: 'seccomp' }),
  ...both('a raw socket', (f) => `socket ${f.number} 3 1`, 'EPERM', 'seccomp', unprivileged),
  ...both('a bound device', (f) => `device ${f.denied} 8443 eth0`, 'EPERM', 'seccomp'),
  ...both('a port to be reached at', (f) => `listen ${f.unspecified} 8081`, 'EACCES', 'landlock', { only: 'landlock' }),
  in4('a source that is not ours', `from ${v4.denied} ${v4.endpoint} 8443 PATIENCE`, 'EACCES', 'landlock', {
    control: { act: `from ${v4.host} ${v4.endpoint} 8443` },
  }),
  in4(
    'a source route through the endpoint',
    `source-route ${v4.denied} 8443 ${v4.endpoint} PATIENCE`,
    'EPERM',
    'capabilities',
    {
      control: { place: 'root' },
    },
  ),
  in4(
    'a source route through another',
    `source-route ${v4.denied} 8443 ${v4.other} PATIENCE`,
    'EPERM',
    'capabilities',
    {
      control: { place: 'root' },
    },
  ),
  in6(
    'a routing header through the endpoint',
    `routing-header ${v6.denied} 8443 ${v6.endpoint} PATIENCE`,
    'ETIMEDOUT',
    'gateway',
    {
      control: { place: 'root' },
      ...noRoute,
    },
  ),
  in6('an IPv4 address in IPv6 form', `tcp ::ffff:${v4.denied} 8443`, 'ENETUNREACH', netns, noRoute),
  in6("the host's, in IPv6 form", `tcp ::ffff:${v4.host} 8443`, 'ENETUNREACH', netns, noRoute),
  in6("the host's loopback, in IPv6 form", 'tcp ::ffff:127.0.0.1 8443', 'ENETUNREACH', netns, noRoute),
  in6('the endpoint in IPv6 form, another port', `tcp ::ffff:${v4.endpoint} 443`, 'EACCES', 'landlock'),
  in6('an IPv4 address by 6to4', 'tcp 2002:cb00:7114::1 8443', 'ENETUNREACH', netns, {
    control: { act: `tcp ${v6.denied} 8443` },
  }),
  in6('an IPv4 address by NAT64', `tcp 64:ff9b::${v4.denied} 8443`, 'ENETUNREACH', netns, {
    control: { act: `tcp ${v6.denied} 8443` },
  }),
  in6('a link-local address', 'scoped LINKLOCAL 8443 DEVICE', 'ENETUNREACH', netns, noRoute),
  in4('the i386 table, another host', `i386-tcp ${v4.denied} 8443`, 'ENETUNREACH', netns, {
    needs: 'i386',
    ...noRoute,
  }),
  in6('the i386 table, another host', `i386-tcp ${v6.denied} 8443`, 'ENETUNREACH', netns, {
    needs: 'i386',
    ...noRoute,
  }),
  in4('the i386 table, another port', `i386-tcp ${v4.endpoint} 443`, 'EACCES', 'landlock', { needs: 'i386' }),
  in4('i386 socketcall: socket', 'i386-socketcall 1 2 1 0', 'ENOSYS', 'seccomp', { needs: 'i386', only: 'seccomp' }),
  way('i386 socketcall: netlink', 'i386-socketcall 1 16 3 0', 'ENOSYS', 'seccomp', { needs: 'i386', only: 'seccomp' }),
  in4('the x32 table: socket', 'syscall 0x40000029 2 1 0', 'ENOSYS', 'kernel', {
    control: { act: 'syscall 41 2 1 0' },
  }),
  way('io_uring', 'syscall 425 1 buffer', 'ENOSYS', 'seccomp', { only: 'seccomp' }),
  way('netlink', 'socket 16 3 0', 'EPERM', 'seccomp', { only: 'seccomp' }),
  way('a packet socket', 'socket 17 3 768', 'EPERM', 'seccomp', unprivileged),
  way('VSOCK, to the hypervisor', 'socket 40 1 0', 'EPERM', 'seccomp', { control: anyKernel, only: 'seccomp' }),
  way('AF_XDP', 'socket 44 3 0', 'EPERM', 'seccomp', {
    control: { ...anyKernel, place: 'scratch' },
    also: 'capabilities',
  }),
  way('AF_ALG', 'socket 38 5 0', 'EPERM', 'seccomp', { control: anyKernel }),
  way('AF_KEY', 'socket 15 3 2', 'EPERM', 'seccomp', { control: { ...anyKernel, place: 'scratch' } }),
  way('Bluetooth', 'socket 31 3 1', 'EPERM', 'seccomp', { control: anyKernel }),
  way('CAN', 'socket 29 3 1', 'EPERM', 'seccomp', { control: anyKernel }),
  way('SMC', 'socket 43 1 0', 'EPERM', 'seccomp', { control: anyKernel }),
  way('TIPC', 'socket 30 1 0', 'EPERM', 'seccomp', { control: anyKernel }),
  way('RDS', 'socket 21 5 0', 'EPERM', 'seccomp', { control: anyKernel }),
  way('SO_MARK', 'option 2 1 1 36 1', 'EPERM', 'seccomp', unprivileged),
  way('TCP_REPAIR', 'option 2 1 6 19 1', 'EPERM', 'seccomp', unprivileged),
  in4('IP_TRANSPARENT', 'option 2 1 0 19 1', 'EPERM', 'seccomp', unprivileged),
  in6('IPV6_TRANSPARENT', 'option 10 1 41 75 1', 'EPERM', 'seccomp', unprivileged),
  way('a route, by ioctl', 'ioctl-network route', 'EPERM', 'seccomp', unprivileged),
  way('an address, by ioctl', 'ioctl-network address', 'EPERM', 'seccomp', unprivileged),
  way('a device brought up, by ioctl', 'ioctl-network link', 'EPERM', 'seccomp', unprivileged),
  way('a net namespace of its own', 'unshare 0x40000000', 'EPERM', 'seccomp', unprivileged),
  way('one with a user namespace', 'unshare 0x50000000', 'EPERM', 'seccomp', { only: 'seccomp' }),
  way("the host's net namespace", 'setns /proc/HOLDER/ns/net', 'ENOENT', 'pid namespace', {
    control: { place: 'root' },
  }),
  way("a socket of the host's processes", 'steal-descriptor HOLDER 0', 'ESRCH', 'pid namespace', {
    control: { place: 'root' },
  }),
  way("an abstract UNIX socket of the host's", 'unix-stream @palisade-ways', 'ECONNREFUSED', netns),
  way("a UNIX socket of the host's", 'unix-stream SOCKETS/socket', 'ENOENT', 'mount view'),
]

/** Where every endpoint is TCP by IPv4, no datagram socket is made at all. */
const only4: readonly Way[] = [
  in6('the other family', `tcp ${v6.denied} 80`, 'EADDRNOTAVAIL', netns, noRoute),
  in6('the endpoint in the other family', `tcp ${v6.endpoint} 80`, 'EADDRNOTAVAIL', netns, noRoute),
  in6('a link-local address', 'scoped LINKLOCAL 8443 DEVICE', 'EACCES', 'landlock'),
  ...both('UDP to the endpoint', (f) => `udp-sent ${f.endpoint} 443`, 'EACCES', 'seccomp'),
  ...both('UDP to another host', (f) => `udp-connected ${f.denied} 443`, 'EACCES', 'seccomp'),
  ...both('UDP by sendmmsg', (f) => `udp-messages ${f.denied} 443`, 'EACCES', 'seccomp'),
  ...both('DNS by UDP', (f) => `dns-udp ${f.resolver} 53 secret.example.com`, 'EACCES', 'seccomp'),
  ...both('multicast', (f) => `multicast ${f.wideGroup} 8443 DEVICE PATIENCE`, 'EACCES', 'seccomp'),
  ...both('a group joined', (f) => `join ${f.wideGroup} 8443 DEVICE`, 'EACCES', 'seccomp', { only: 'seccomp' }),
  ...both('ping', (f) => `ping ${f.endpoint} 0 PATIENCE`, 'EACCES', 'seccomp', {
    control: { place: 'root' },
    also: netns,
  }),
  ...both('Fast Open, sendto', (f) => `fastopen ${f.denied} 80`, 'EACCES', 'seccomp'),
  ...both('Fast Open, sendmsg', (f) => `fastopen-message ${f.denied} 80`, 'EPERM', 'seccomp'),
  ...both('a port to be reached at', (f) => `listen ${f.unspecified} 8081`, 'EPERM', 'seccomp'),
  in4('broadcast', 'broadcast 255.255.255.255 8443 PATIENCE', 'EACCES', 'seccomp'),
]

const wide: readonly Way[] = [
  ...both('UDP to another host', (f) => `udp-sent ${f.denied} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('UDP to another network', (f) => `udp-sent ${f.other} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('UDP to the address below', (f) => `udp-sent ${f.below} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('UDP to the metadata address', (f) => `udp-sent ${f.metadata} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both("UDP to the host's router", (f) => `udp-sent ${f.router} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both("UDP to the host's own address", (f) => `udp-sent ${f.host} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both("UDP to the host's loopback", (f) => `udp-sent ${f.loopback} 8443`, 'ENETUNREACH', netns, noRoute),
  in4('UDP to the unspecified address', 'udp-sent 0.0.0.0 8443 PATIENCE', 'ETIMEDOUT', netns, noRoute),
  in6('UDP to the unspecified address', 'udp-sent :: 8443', 'ENETUNREACH', netns, noRoute),
  ...both('UDP, connected', (f) => `udp-connected ${f.denied} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both(
    'UDP, connected twice',
    (f) => `udp-again ${f.endpoint} 8443 ${f.denied} 8443`,
    'ENETUNREACH',
    netns,
    noRoute,
  ),
  ...both('UDP by sendmmsg', (f) => `udp-messages ${f.denied} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both(
    'UDP, another port of the endpoint',
    (f) => `udp-connected ${f.endpoint} 443`,
    'ECONNREFUSED',
    'gateway',
    noRoute,
  ),
  ...both(
    "UDP to the endpoint's TCP port",
    (f) => `udp-connected ${f.endpoint} 80`,
    'ECONNREFUSED',
    'gateway',
    (f) => ({
      control: { act: `udp-connected ${f.endpoint} 443` },
    }),
  ),
  ...both("TCP to the endpoint's UDP port", (f) => `tcp ${f.endpoint} 8443`, 'EACCES', 'landlock'),
  ...both(
    'DNS by UDP, public resolver',
    (f) => `dns-udp ${f.resolver} 53 secret.example.com`,
    'ENETUNREACH',
    netns,
    noRoute,
  ),
  ...both('DNS by UDP, router', (f) => `dns-udp ${f.router} 53 secret.example.com`, 'ENETUNREACH', netns, noRoute),
  ...both('DNS by UDP, endpoint', (f) => `udp-connected ${f.endpoint} 53`, 'ECONNREFUSED', 'gateway', noRoute),
  ...both(
    'UDP, a resolver that is not there',
    (f) => `udp-sent ${f.stub} 53 PATIENCE`,
    'ENETUNREACH',
    netns,
    (f) => ({
      control: { act: `udp-sent ${f.resolver} 53` },
    }),
  ),
  ...both(
    'multicast on the link',
    (f) => `multicast ${f.localGroup} 8443 DEVICE PATIENCE`,
    'ETIMEDOUT',
    'gateway',
    noRoute,
  ),
  ...both(
    'multicast beyond it',
    (f) => `multicast ${f.wideGroup} 8443 DEVICE PATIENCE`,
    'ETIMEDOUT',
    'gateway',
    noRoute,
  ),
  // Where a device is named, IPv4 takes every address to be on its link: the gateway does not answer for it (ARP).
  in4('a device by control message', `udp-device ${v4.denied} 8443 DEVICE PATIENCE`, 'ETIMEDOUT', 'gateway', noRoute),
  in6('a device by control message', `udp-device ${v6.denied} 8443 DEVICE PATIENCE`, 'ENETUNREACH', netns, noRoute),
  ...both('ping to the endpoint', (f) => `ping ${f.endpoint} 0 PATIENCE`, 'EACCES', netns, {
    control: { place: 'root' },
    ...noRoute,
  }),
  ...both('ping to another host', (f) => `ping ${f.denied} 0 PATIENCE`, 'EACCES', netns, {
    control: { place: 'root' },
    ...noRoute,
  }),
  ...both('a raw socket, promised', (f) => `socket ${f.number} 3 1`, 'EPERM', 'capabilities', { control: scratch }),
  in4('a raw socket with headers, promised', 'socket 2 3 255', 'EPERM', 'capabilities', { control: scratch }),
  way('a packet socket, promised', 'socket 17 3 768', 'EPERM', 'capabilities', { control: scratch }),
  way('a route, by netlink', 'netlink route', 'EPERM', 'capabilities', { control: scratch }),
  way('an address, by netlink', 'netlink address', 'EPERM', 'capabilities', { control: scratch }),
  way('a device brought up, by netlink', 'netlink link', 'EPERM', 'capabilities', { control: scratch }),
  in4('multicast without a device', `udp-sent ${groups.wide} 8443`, 'ENETUNREACH', netns, noRoute),
  in4('broadcast', 'broadcast 255.255.255.255 8443 PATIENCE', 'ENETUNREACH', netns, noRoute),
  in4("broadcast on the link's network", 'broadcast 198.18.255.255 8443 PATIENCE', 'ENETUNREACH', netns, {
    control: { act: 'broadcast 100.64.7.255 8443' },
  }),
  in4('UDP to AF_UNSPEC', `udp-unspecified ${v4.denied} 8443`, 'ENETUNREACH', netns, noRoute),
  in6('UDP to IPv4 by IPv6', `udp-crossed ${v4.denied} 8443`, 'ENETUNREACH', netns, noRoute),
  in6('UDP to IPv4 in IPv6 form', `udp-sent ::ffff:${v4.denied} 8443`, 'ENETUNREACH', netns, noRoute),
]

const listen: readonly Way[] = [
  ...both("the host's loopback, with one's own up", (f) => `tcp ${f.loopback} 8443`, 'ECONNREFUSED', netns, noRoute),
  ...both(
    "the unspecified address, with one's own loopback",
    (f) => `tcp ${f.unspecified} 8443`,
    'ECONNREFUSED',
    netns,
    noRoute,
  ),
  ...both(
    "the sandbox's own address",
    (f) => `tcp ${f.sandbox} 8443`,
    'ECONNREFUSED',
    netns,
    (f) => ({
      control: { act: `tcp ${f.host} 8443` },
    }),
  ),
  ...both("the host's own address", (f) => `tcp ${f.host} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('another host', (f) => `tcp ${f.denied} 8443`, 'ENETUNREACH', netns, noRoute),
  ...both('a port that is not published', (f) => `listen ${f.unspecified} 8081`, 'EACCES', 'landlock', {
    only: 'landlock',
  }),
  ...both(
    "the port on the host's side",
    (f) => `tcp ${f.loopback} 18080`,
    'EACCES',
    'landlock',
    (f) => ({
      control: { act: `tcp ${f.loopback} 8443` },
    }),
  ),
]

export const ways: Readonly<Record<PolicyName, readonly Way[]>> = { tcp, only4, wide, stub, listen }
