/* Ways to make an ordinary socket lead elsewhere: what a connection says, and everything that sends without connect. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "internet.h"
#include "probe.h"

enum { patience_ms = 3000, most_bytes = 2048, fastopen_connect = 30, dns_header = 12, option_bytes = 16 };

static int open_for(char** arguments, int type, struct sockaddr_storage* to, socklen_t* length) {
  return socket(resolve(arguments, to, length), type | SOCK_CLOEXEC, 0);
}

static int begin(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_STREAM | SOCK_NONBLOCK, &to, &length);
  return fd < 0 || finish(fd, connect(fd, (struct sockaddr*)&to, length), patience_ms) != 0 ? -1 : fd;
}

/* One answer; silence is ETIMEDOUT, an end without an answer ENODATA. */
static ssize_t hear(int fd, void* bytes, size_t size, int wait_ms) {
  struct pollfd wait = {fd, POLLIN, 0};
  const int ready = poll(&wait, 1, wait_ms);
  if (ready == 0) errno = ETIMEDOUT;
  if (ready <= 0) return -1;
  const ssize_t count = recv(fd, bytes, size, MSG_DONTWAIT);
  if (count == 0) errno = ENODATA;
  return count > 0 ? count : -1;
}

static int ask(int fd, const void* question, size_t size, int wait_ms) {
  char answer[most_bytes];
  if (fd < 0 || send(fd, question, size, MSG_NOSIGNAL) < 0) return -1;
  return hear(fd, answer, sizeof answer, wait_ms) < 0 ? -1 : 0;
}

/* fetch ADDRESS PORT: a server at the other end answers, not a relay on the way. */
static int fetch(char** arguments) {
  static const char request[] = "GET / HTTP/1.0\r\n\r\n";
  return ask(begin(arguments), request, sizeof request - 1, patience_ms);
}

/* say ADDRESS PORT HEX: the same with bytes of one's own. */
static int say(char** arguments) {
  const char* const hex = text(arguments, 2);
  char bytes[most_bytes];
  size_t size = 0;
  for (unsigned byte = 0; size < sizeof bytes && sscanf(hex + 2 * size, "%2x", &byte) == 1; size++)
    bytes[size] = (char)byte;
  return ask(begin(arguments), bytes, size, patience_ms);
}

/* reconnect ADDRESS PORT ADDRESS PORT: connects, disconnects by AF_UNSPEC (connect(2)) and connects elsewhere. */
static int reconnect(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = begin(arguments);
  const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
  if (fd < 0 || connect(fd, &nowhere, sizeof nowhere) != 0) return -1;
  resolve(arguments + 2, &to, &length);
  return finish(fd, connect(fd, (struct sockaddr*)&to, length), patience_ms);
}

/* A link-local address means something on one device only. */
static int scoped(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_STREAM | SOCK_NONBLOCK, &to, &length);
  ((struct sockaddr_in6*)&to)->sin6_scope_id = (unsigned)number(arguments, 2);
  return fd < 0 ? -1 : finish(fd, connect(fd, (struct sockaddr*)&to, length), patience_ms);
}

static int fastopen_message(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_STREAM | SOCK_NONBLOCK, &to, &length);
  struct iovec part = {(char*)"x", 1};
  const struct msghdr message = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1};
  return fd < 0 ? -1 : finish(fd, (int)sendmsg(fd, &message, fastopen_flag), patience_ms);
}

/* connect(2) only notes the address; the first write connects. */
static int fastopen_later(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_STREAM | SOCK_NONBLOCK, &to, &length);
  const int on = 1;
  if (fd < 0 || setsockopt(fd, IPPROTO_TCP, fastopen_connect, &on, sizeof on) != 0) return -1;
  if (finish(fd, connect(fd, (struct sockaddr*)&to, length), patience_ms) != 0) return -1;
  if (finish(fd, (int)write(fd, "x", 1), patience_ms) != 0) return -1;
  struct pollfd wait = {fd, POLLOUT, 0};
  int error = 0;
  socklen_t size = sizeof error;
  if (poll(&wait, 1, patience_ms) < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return -1;
  errno = error;
  return error == 0 ? 0 : -1;
}

static int udp_connected(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_DGRAM, &to, &length);
  if (fd < 0 || connect(fd, (struct sockaddr*)&to, length) != 0) return -1;
  return ask(fd, "hi", 2, patience(arguments, 2));
}

/* udp-again ADDRESS PORT ADDRESS PORT: a second connect of a UDP socket replaces the first. */
static int udp_again(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_DGRAM, &to, &length);
  if (fd < 0 || connect(fd, (struct sockaddr*)&to, length) != 0) return -1;
  resolve(arguments + 2, &to, &length);
  return connect(fd, (struct sockaddr*)&to, length) != 0 ? -1 : ask(fd, "hi", 2, patience_ms);
}

static int send_to(int fd, struct sockaddr_storage* to, socklen_t length, int wait_ms) {
  char answer[most_bytes];
  if (fd < 0 || sendto(fd, "hi", 2, 0, (struct sockaddr*)to, length) < 0) return -1;
  return hear(fd, answer, sizeof answer, wait_ms) < 0 ? -1 : 0;
}

static int udp_sent(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_DGRAM, &to, &length);
  return send_to(fd, &to, length, patience(arguments, 2));
}

/* udp_sendmsg() takes AF_UNSPEC for AF_INET. */
static int udp_unspecified(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_DGRAM, &to, &length);
  to.ss_family = AF_UNSPEC;
  return send_to(fd, &to, length, patience_ms);
}

/* An AF_INET6 socket sends to an AF_INET address. */
static int udp_crossed(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  resolve(arguments, &to, &length);
  return send_to(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), &to, length, patience_ms);
}

static int udp_messages(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  char answer[most_bytes];
  const int fd = open_for(arguments, SOCK_DGRAM, &to, &length);
  struct iovec part = {(char*)"hi", 2};
  struct mmsghdr message = {
      .msg_hdr = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1},
  };
  if (fd < 0 || sendmmsg(fd, &message, 1, 0) < 0) return -1;
  return hear(fd, answer, sizeof answer, patience_ms) < 0 ? -1 : 0;
}

static int broadcast(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int on = 1;
  const int fd = open_for(arguments, SOCK_DGRAM, &to, &length);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0) return -1;
  return send_to(fd, &to, length, patience(arguments, 2));
}

/* multicast GROUP PORT DEVICE PATIENCE: by the device's index, which needs no route. */
static int multicast(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_DGRAM, &to, &length);
  const int device = (int)number(arguments, 2);
  const struct ip_mreqn by = {.imr_ifindex = device};
  if (fd < 0) return -1;
  const int set = to.ss_family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by)
                                          : setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &device, sizeof device);
  return set != 0 ? -1 : send_to(fd, &to, length, patience(arguments, 3));
}

/* join GROUP PORT DEVICE: to hear what others send. */
static int join(char** arguments) {
  struct sockaddr_storage group;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_DGRAM, &group, &length);
  struct group_req request = {.gr_interface = (unsigned)number(arguments, 2), .gr_group = group};
  const int level = group.ss_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
  return fd < 0 ? -1 : setsockopt(fd, level, MCAST_JOIN_GROUP, &request, sizeof request);
}

static int ping(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  char answer[most_bytes];
  const int family = resolve(arguments, &to, &length);
  const int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
  const char echo[8] = {family == AF_INET ? 8 : (char)128};
  if (fd < 0 || sendto(fd, echo, sizeof echo, 0, (struct sockaddr*)&to, length) < 0) return -1;
  return hear(fd, answer, sizeof answer, patience(arguments, 2)) < 0 ? -1 : 0;
}

/* A question for the A record of NAME; returns its length. */
static size_t write_question(const char* name, unsigned char* out) {
  static const unsigned char head[dns_header] = {0x12, 0x34, 1, 0, 0, 1};
  static const unsigned char tail[] = {0, 0, 1, 0, 1};
  memcpy(out, head, sizeof head);
  size_t at = sizeof head;
  while (*name) {
    const size_t label = strcspn(name, ".");
    if (label == 0 || label > 63 || at + label + 8 > 512) exit(2);
    out[at++] = (unsigned char)label;
    memcpy(out + at, name, label);
    at += label;
    name += label + (name[label] == '.');
  }
  memcpy(out + at, tail, sizeof tail);
  return at + sizeof tail;
}

/* Says what a resolver answered; a server that only echoes has been reached as well. */
static int tell_answer(const unsigned char* answer, ssize_t size) {
  static const char* const codes[] = {"ok", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
  if (size < 0) return -1;
  const unsigned code = size < dns_header || !(answer[2] & 0x80) ? 0 : answer[3] & 0xf;
  puts(code < sizeof codes / sizeof *codes ? codes[code] : "?");
  exit(0);
}

/* dns-udp ADDRESS PORT NAME */
static int dns_udp(char** arguments) {
  unsigned char bytes[most_bytes];
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = open_for(arguments, SOCK_DGRAM, &to, &length);
  const size_t size = write_question(text(arguments, 2), bytes);
  if (fd < 0 || sendto(fd, bytes, size, 0, (struct sockaddr*)&to, length) < 0) return -1;
  return tell_answer(bytes, hear(fd, bytes, sizeof bytes, patience(arguments, 3)));
}

static int dns_tcp(char** arguments) {
  unsigned char bytes[most_bytes];
  const int fd = begin(arguments);
  const size_t size = write_question(text(arguments, 2), bytes + 2);
  bytes[0] = (unsigned char)(size >> 8);
  bytes[1] = (unsigned char)size;
  return fd < 0 ? -1 : ask(fd, bytes, size + 2, patience_ms);
}

/* answer PORT PATIENCE: is reached by whoever can, and says so to him. */
static int answer_one(char** arguments) {
  const struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((unsigned short)number(arguments, 0))};
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (const struct sockaddr*)&at, sizeof at) != 0 || listen(fd, 8) != 0) return -1;
  puts("listening");
  fflush(stdout);
  struct pollfd wait = {fd, POLLIN, 0};
  if (poll(&wait, 1, patience(arguments, 1)) == 0) errno = ETIMEDOUT;
  if (!(wait.revents & POLLIN)) return -1;
  const int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
  /* What is not read when this ends is answered by a reset, which may be there before the answer. */
  char question[most_bytes];
  if (connection >= 0) hear(connection, question, sizeof question, patience_ms);
  if (connection < 0 || send(connection, "HTTP/1.0 200 OK\r\n\r\n", 19, MSG_NOSIGNAL) < 0) return -1;
  /* What a relay has not passed on ends with the program: whoever asked ends first. */
  hear(connection, question, sizeof question, patience_ms);
  return 0;
}

/* say-on DESCRIPTOR: by a socket that somebody else has connected. */
static int say_on(char** arguments) {
  return send((int)number(arguments, 0), "x", 1, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

const struct act ways_acts[] = {
    {"fetch", fetch},
    {"say", say},
    {"reconnect", reconnect},
    {"scoped", scoped},
    {"fastopen-message", fastopen_message},
    {"fastopen-later", fastopen_later},
    {"udp-connected", udp_connected},
    {"udp-again", udp_again},
    {"udp-sent", udp_sent},
    {"udp-unspecified", udp_unspecified},
    {"udp-crossed", udp_crossed},
    {"udp-messages", udp_messages},
    {"broadcast", broadcast},
    {"multicast", multicast},
    {"join", join},
    {"ping", ping},
    {"dns-udp", dns_udp},
    {"dns-tcp", dns_tcp},
    {"answer", answer_one},
    {"say-on", say_on},
    {NULL, NULL},
};
