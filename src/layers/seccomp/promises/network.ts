import type { Definitions } from './grant.js'
import { directMmap, libraryCode, noFastOpen, transfer, transferUnix } from './shared.js'

const internetSocket = [
  'family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK in [SOCK_STREAM, SOCK_DGRAM] and ' +
    // No IPPROTO_MPTCP: Landlock's TCP rights do not cover it.
    'protocol in [0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6]',
]
// Refused options run code in the kernel, leave the route or forge packets. The same number means something else on
// each level (26 is SO_ATTACH_FILTER and IPV6_V6ONLY), so each level has its own list.
const plainSocketOption =
  'level == SOL_SOCKET and optname not in [SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF, ' +
  'SO_ATTACH_REUSEPORT_EBPF, SO_MARK, SO_BINDTODEVICE, SO_BINDTOIFINDEX]'
const internetOptions = [
  plainSocketOption,
  'level == IPPROTO_TCP and optname not in [TCP_REPAIR, TCP_ULP]',
  'level == IPPROTO_IP and optname not in [IP_TRANSPARENT, IP_XFRM_POLICY, IP_IPSEC_POLICY]',
  'level == IPPROTO_IPV6 and optname not in [IPV6_TRANSPARENT, IPV6_XFRM_POLICY, IPV6_IPSEC_POLICY]',
]
const sends = 'sendto sendmsg sendmmsg'

/** Sockets. */
export const networkPromises = {
  inet: {
    means: 'IPv4 and IPv6 client and server',
    grants: [
      { calls: 'socket', when: internetSocket },
      { calls: `connect bind listen accept accept4 ${transfer}` },
      { calls: sends, when: noFastOpen },
      { calls: 'setsockopt', when: internetOptions },
      {
        calls: 'ioctl',
        when: [
          'cmd in [SIOCATMARK, SIOCINQ, SIOCOUTQ, SIOCGIFCONF, SIOCGIFINDEX, SIOCGIFNAME, SIOCGIFFLAGS, SIOCGIFADDR]',
        ],
      },
    ],
  },
  inet_client: {
    means: 'IPv4 and IPv6 client: as inet, without a port of its own',
    grants: [
      { calls: 'socket', when: internetSocket },
      { calls: `connect ${transfer}` },
      { calls: sends, when: noFastOpen },
      { calls: 'setsockopt', when: internetOptions },
    ],
  },
  inet_server: {
    means: 'IPv4 and IPv6 server: as inet, without connect',
    grants: [
      { calls: 'socket', when: internetSocket },
      { calls: `bind listen accept accept4 ${transferUnix}` },
      { calls: 'sendto sendmsg', when: noFastOpen },
      { calls: 'setsockopt', when: internetOptions },
    ],
  },
  unix: {
    means: 'AF_UNIX sockets',
    grants: [
      {
        calls: 'socket',
        when: [
          'family == AF_UNIX and type & SOCK_TYPE_MASK in [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET] and protocol == 0',
        ],
      },
      { calls: 'socketpair', when: ['family == AF_UNIX'] },
      { calls: `connect bind listen accept accept4 ${transferUnix}` },
      { calls: 'sendto sendmsg', when: noFastOpen },
      { calls: 'setsockopt', when: [plainSocketOption] },
    ],
  },
  dns: {
    means: 'name resolution as a libc does it',
    opens: { needs: ['read'], how: 'alone' },
    grants: [
      {
        calls: 'socket',
        when: [
          'family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK in [SOCK_DGRAM, SOCK_STREAM] and ' +
            'protocol in [0, IPPROTO_TCP, IPPROTO_UDP]',
          // glibc's getaddrinfo asks the kernel for its addresses, and nscd or resolved for names.
          'family == AF_NETLINK and type & SOCK_TYPE_MASK == SOCK_RAW and protocol == NETLINK_ROUTE',
          'family == AF_UNIX and type & SOCK_TYPE_MASK == SOCK_STREAM and protocol == 0',
        ],
      },
      { calls: 'connect bind recvfrom recvmsg getsockname poll ppoll ppoll_time64 uname' },
      { calls: sends, when: noFastOpen },
      { calls: 'stat stat64 fstat fstat64 newfstatat fstatat64 statx read lseek _llseek close' },
      {
        calls: 'setsockopt',
        when: [
          plainSocketOption,
          'level == IPPROTO_IP and optname == IP_RECVERR',
          // musl asks servers of both families by one socket.
          'level == IPPROTO_IPV6 and optname in [IPV6_RECVERR, IPV6_V6ONLY]',
        ],
      },
      { calls: 'mmap', when: libraryCode, arches: directMmap },
      { calls: 'mmap2', when: libraryCode },
      { calls: 'ioctl', when: ['cmd == FIONREAD'] },
    ],
  },
  netlink: {
    means: 'routing and interface information',
    grants: [
      { calls: 'socket', when: ['family == AF_NETLINK and protocol == NETLINK_ROUTE'] },
      { calls: 'bind connect getsockname recvfrom recvmsg getsockopt' },
      { calls: 'sendto sendmsg', when: noFastOpen },
      { calls: 'setsockopt', when: [plainSocketOption, 'level == SOL_NETLINK'] },
    ],
  },
  rawnet: {
    means: 'raw and packet sockets',
    grants: [
      {
        calls: 'socket',
        when: ['family in [AF_INET, AF_INET6] and type & SOCK_TYPE_MASK == SOCK_RAW', 'family == AF_PACKET'],
      },
      { calls: 'bind connect sendto sendmsg recvfrom recvmsg setsockopt getsockopt' },
    ],
  },
  sendfd: {
    means: 'send descriptors to other processes (what a message carries lies in memory: this switches sendmsg only)',
    grants: [{ calls: 'sendmsg sendmmsg', when: noFastOpen }],
  },
  recvfd: {
    means: 'receive descriptors from other processes',
    grants: [{ calls: 'recvmsg recvmmsg recvmmsg_time64' }],
  },
} as const satisfies Definitions
