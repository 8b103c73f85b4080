/* The guest's own network and what answers in it, for jobs.c. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "jobs.h"

enum { loopback = 1, host_bits_v6 = 128 };

static pid_t first;
static unsigned added;

pid_t first_server(void) {
  return first;
}

static void bring_up(void) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {.ifr_name = "lo"};
  if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) != 0) give_up("loopback");
  request.ifr_flags |= IFF_UP;
  if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) give_up("loopback");
  close(fd);
}

void add_address(const char* address) {
  if (added++ == 0) bring_up();
  struct in6_ifreq v6 = {.ifr6_prefixlen = host_bits_v6, .ifr6_ifindex = loopback};
  struct ifreq v4;
  memset(&v4, 0, sizeof v4);
  struct sockaddr_in* const at = (struct sockaddr_in*)&v4.ifr_addr;
  const int is_v4 = inet_pton(AF_INET, address, &at->sin_addr) == 1;
  const int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  at->sin_family = AF_INET;
  /* netdevice(7): an interface has further addresses by names like lo:1. */
  snprintf(v4.ifr_name, sizeof v4.ifr_name, "lo:%u", added);
  if (!is_v4 && inet_pton(AF_INET6, address, &v6.ifr6_addr) != 1) give_up(address);
  if (fd < 0 || ioctl(fd, SIOCSIFADDR, is_v4 ? (void*)&v4 : (void*)&v6) != 0) give_up(address);
  close(fd);
}

static int bound(const char* kind, const char* address, const char* port) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
  } at;
  memset(&at, 0, sizeof at);
  socklen_t length = sizeof at.v4;
  if (strcmp(kind, "unix") == 0) {
    /* A path, or an abstract name. */
    const size_t start = address[0] == '/' ? 0 : 1;
    at.local.sun_family = AF_UNIX;
    snprintf(at.local.sun_path + start, sizeof at.local.sun_path - start, "%s", address);
    length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + start + strlen(address));
  } else if (inet_pton(AF_INET, address, &at.v4.sin_addr) == 1) {
    at.v4.sin_family = AF_INET;
    at.v4.sin_port = htons((unsigned short)atoi(port));
  } else {
    length = sizeof at.v6;
    at.v6.sin6_family = AF_INET6;
    at.v6.sin6_port = htons((unsigned short)atoi(port));
    if (inet_pton(AF_INET6, address, &at.v6.sin6_addr) != 1) give_up(address);
  }
  const int datagrams = strcmp(kind, "udp") == 0;
  const int fd = socket(at.any.sa_family, (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, &at.any, length) != 0 || (!datagrams && listen(fd, 128) != 0)) give_up(address);
  if (address[0] == '/' && chmod(address, 0666) != 0) give_up(address);
  return fd;
}

/* Each connection, or datagram, gets one answer to what it sends first. */
_Noreturn static void answer(int fd, int datagrams) {
  char bytes[2048];
  for (;;) {
    if (datagrams) {
      struct sockaddr_storage from;
      socklen_t length = sizeof from;
      const ssize_t count = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr*)&from, &length);
      if (count >= 0) sendto(fd, "answer", 6, 0, (struct sockaddr*)&from, length);
      continue;
    }
    const int one = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    struct pollfd wait = {one, POLLIN, 0};
    /* One that says nothing holds up nobody for long. */
    if (one >= 0 && poll(&wait, 1, 1000) == 1 && recv(one, bytes, sizeof bytes, 0) > 0)
      send(one, "answer", 6, MSG_NOSIGNAL);
    close(one);
  }
}

void start_server(const char* kind, const char* address, const char* port) {
  const int fd = bound(kind, address, port);
  fflush(stdout);
  const pid_t child = fork();
  if (child < 0) give_up("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    answer(fd, strcmp(kind, "udp") == 0);
  }
  if (first == 0) first = child;
  close(fd);
}
