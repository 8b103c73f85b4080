/* Ways around the routing table: options, sources and devices of one's own choice, and changes of the table itself. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#if __has_include(<linux/rtnetlink.h>)
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#endif
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internet.h"
#include "probe.h"

enum { patience_ms = 3000, segment_routing = 4, i386_socket = 359, i386_connect = 362, i386_socketcall = 102 };

/* option FAMILY TYPE LEVEL NAME VALUE */
static int option(char** arguments) {
  const int fd = socket((int)number(arguments, 0), (int)number(arguments, 1) | SOCK_CLOEXEC, 0);
  const int value = (int)number(arguments, 4);
  return fd < 0 ? -1 : setsockopt(fd, (int)number(arguments, 2), (int)number(arguments, 3), &value, sizeof value);
}

/* device ADDRESS PORT NAME: from a bound device an IPv4 packet needs no route; the address is taken to be on the link.
 */
static int by_device(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = socket(resolve(arguments, &to, &length), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const char* const name = text(arguments, 2);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)) != 0) return -1;
  return finish(fd, connect(fd, (struct sockaddr*)&to, length), patience_ms);
}

/* The same by a control message (ip(7), IP_PKTINFO; RFC 3542). */
static void write_device(struct msghdr* message, int family, unsigned device) {
  struct cmsghdr* const head = CMSG_FIRSTHDR(message);
  const struct in_pktinfo v4 = {.ipi_ifindex = (int)device};
  const struct in6_pktinfo v6 = {.ipi6_ifindex = device};
  const size_t size = family == AF_INET ? sizeof v4 : sizeof v6;
  head->cmsg_level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
  head->cmsg_type = family == AF_INET ? IP_PKTINFO : IPV6_PKTINFO;
  head->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(head), family == AF_INET ? (const void*)&v4 : (const void*)&v6, size);
  message->msg_controllen = CMSG_SPACE(size);
}

/* udp-device ADDRESS PORT DEVICE PATIENCE */
static int udp_by_device(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = {0};
  char answer[64];
  const int family = resolve(arguments, &to, &length);
  const int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct iovec part = {(char*)"hi", 2};
  struct msghdr message = {.msg_name = &to,
                           .msg_namelen = length,
                           .msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  write_device(&message, family, (unsigned)number(arguments, 2));
  if (fd < 0 || sendmsg(fd, &message, 0) < 0) return -1;
  struct pollfd wait = {fd, POLLIN, 0};
  if (poll(&wait, 1, patience(arguments, 3)) == 0) {
    errno = ETIMEDOUT;
    return -1;
  }
  return recv(fd, answer, sizeof answer, MSG_DONTWAIT) < 0 ? -1 : 0;
}

/* from SOURCE ADDRESS PORT PATIENCE: IP_FREEBIND allows a source address that is nobody's here. */
static int from_source(char** arguments) {
  struct sockaddr_storage from;
  struct sockaddr_storage to;
  socklen_t length = 0;
  char* source[] = {arguments[0], (char*)"0"};
  const int on = 1;
  resolve(source, &from, &length);
  const int fd = socket(resolve(arguments + 1, &to, &length), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on) != 0) return -1;
  if (bind(fd, (struct sockaddr*)&from, length) != 0) return -1;
  return finish(fd, connect(fd, (struct sockaddr*)&to, length), patience(arguments, 3));
}

/* source-route ADDRESS PORT VIA PATIENCE: the kernel looks for a route to VIA, which stands first (RFC 791, LSRR). */
static int source_route(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  unsigned char loose[8] = {131, 7, 4};
  const int fd = socket(resolve(arguments, &to, &length), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (inet_pton(AF_INET, text(arguments, 2), loose + 3) != 1) exit(2);
  if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_OPTIONS, loose, sizeof loose) != 0) return -1;
  return finish(fd, connect(fd, (struct sockaddr*)&to, length), patience(arguments, 3));
}

/* routing-header ADDRESS PORT VIA PATIENCE: likewise in IPv6, by a segment routing header (RFC 8754). */
static int routing_header(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  struct {
    unsigned char head[8];
    struct in6_addr segments[2];
  } header = {.head = {0, 4, segment_routing, 1, 1}};
  const int fd = socket(resolve(arguments, &to, &length), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  /* The last segment stands first; the kernel fills it in. */
  if (inet_pton(AF_INET6, text(arguments, 2), &header.segments[1]) != 1) exit(2);
  if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_RTHDR, &header, sizeof header) != 0) return -1;
  return finish(fd, connect(fd, (struct sockaddr*)&to, length), patience(arguments, 3));
}

/* musl-gcc sees no headers of the kernel. */
#if __has_include(<linux/rtnetlink.h>)
/* One request with one attribute, and its acknowledgement. */
static int request(unsigned short type, const void* body, size_t size, unsigned short attribute, unsigned value) {
  struct {
    struct nlmsghdr head;
    unsigned char body[64];
  } message = {.head = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE}};
  struct {
    struct nlmsghdr head;
    struct nlmsgerr error;
    char rest[256];
  } answer;
  const struct rtattr head = {.rta_len = RTA_LENGTH(sizeof value), .rta_type = attribute};
  memcpy(message.body, body, size);
  memcpy(message.body + NLMSG_ALIGN(size), &head, sizeof head);
  memcpy(message.body + NLMSG_ALIGN(size) + sizeof head, &value, sizeof value);
  message.head.nlmsg_len = (unsigned)(sizeof message.head + NLMSG_ALIGN(size) + sizeof head + sizeof value);
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0 || send(fd, &message, message.head.nlmsg_len, 0) < 0) return -1;
  if (recv(fd, &answer, sizeof answer, 0) < 0) return -1;
  errno = -answer.error.error;
  return answer.error.error == 0 ? 0 : -1;
}

/* netlink route|address|link: gives the loopback device what an escape would need. */
static int change_by_netlink(char** arguments) {
  static const struct rtmsg route = {.rtm_family = AF_INET,
                                     .rtm_table = RT_TABLE_MAIN,
                                     .rtm_protocol = RTPROT_STATIC,
                                     .rtm_scope = RT_SCOPE_LINK,
                                     .rtm_type = RTN_UNICAST};
  static const struct ifaddrmsg address = {.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = 1};
  static const struct ifinfomsg link = {.ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  switch (text(arguments, 0)[0]) {
    case 'r':
      return request(RTM_NEWROUTE, &route, sizeof route, RTA_OIF, 1);
    case 'a':
      return request(RTM_NEWADDR, &address, sizeof address, IFA_LOCAL, htonl(0xcb007114));
    default:
      return request(RTM_NEWLINK, &link, sizeof link, IFLA_MTU, 65536);
  }
}
#endif

/* ioctl-network route|address|link: the old door to the same. */
static int change_by_ioctl(char** arguments) {
  const char* const what = text(arguments, 0);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  struct sockaddr_in address = {.sin_family = AF_INET};
  struct ifreq device = {.ifr_name = "lo"};
  if (strcmp(what, "route") == 0) {
    struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = device.ifr_name};
    memcpy(&route.rt_dst, &address, sizeof address);
    memcpy(&route.rt_genmask, &address, sizeof address);
    return ioctl(fd, SIOCADDRT, &route);
  }
  if (strcmp(what, "address") == 0) {
    address.sin_addr.s_addr = htonl(0xcb007114);
    memcpy(&device.ifr_addr, &address, sizeof address);
    return ioctl(fd, SIOCSIFADDR, &device);
  }
  device.ifr_flags = IFF_UP;
  return ioctl(fd, SIOCSIFFLAGS, &device);
}

#if defined(__x86_64__) || defined(__i386__)
static int enter_i386(int call, long first, long second, long third) {
  int answer = call;
  __asm__ volatile("int $0x80"
                   : "+a"(answer)
                   : "b"(first), "c"(second), "d"(third)
#ifdef __x86_64__
                   : "memory", "r8", "r9", "r10", "r11");
#else
                   : "memory");
#endif
  if (answer >= 0) return answer;
  errno = -answer;
  return -1;
}

/* i386-tcp ADDRESS PORT: socket and connect of the i386 table, whatever this program is. */
static int i386_tcp(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int family = resolve(arguments, &to, &length);
  void* const low = mmap(NULL, sizeof to, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (low == MAP_FAILED) return -1;
  memcpy(low, &to, sizeof to);
  const int fd = enter_i386(i386_socket, family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  return fd < 0 ? -1 : finish(fd, enter_i386(i386_connect, fd, (long)low, length), patience_ms);
}

/* i386-socketcall NUMBER ARGUMENT ARGUMENT ARGUMENT: what it asks for lies in memory. */
static int i386_multiplexed(char** arguments) {
  unsigned* const low = mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (low == MAP_FAILED) return -1;
  for (int i = 0; i < 3; i++) low[i] = (unsigned)number(arguments, i + 1);
  return enter_i386(i386_socketcall, number(arguments, 0), (long)low, 0) < 0 ? -1 : 0;
}
#endif

const struct act routes_acts[] = {
    {"option", option},
    {"device", by_device},
    {"udp-device", udp_by_device},
    {"from", from_source},
    {"source-route", source_route},
    {"routing-header", routing_header},
#if __has_include(<linux/rtnetlink.h>)
    {"netlink", change_by_netlink},
#endif
    {"ioctl-network", change_by_ioctl},
#if defined(__x86_64__) || defined(__i386__)
    {"i386-tcp", i386_tcp},
    {"i386-socketcall", i386_multiplexed},
#endif
    {NULL, NULL},
};
