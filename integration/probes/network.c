/* Ways to reach something outside by a socket. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "internet.h"
#include "probe.h"

enum { mptcp = 262, patience_ms = 3000 };

int resolve(char** arguments, struct sockaddr_storage* out, socklen_t* length) {
  struct sockaddr_in* const v4 = (struct sockaddr_in*)out;
  struct sockaddr_in6* const v6 = (struct sockaddr_in6*)out;
  memset(out, 0, sizeof *out);
  const unsigned short port = htons((unsigned short)number(arguments, 1));
  if (inet_pton(AF_INET, text(arguments, 0), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = port;
    *length = sizeof *v4;
    return AF_INET;
  }
  if (inet_pton(AF_INET6, text(arguments, 0), &v6->sin6_addr) != 1) exit(2);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = port;
  *length = sizeof *v6;
  return AF_INET6;
}

int patience(char** arguments, int index) {
  for (int i = 0; i <= index; i++)
    if (!arguments[i]) return patience_ms;
  return (int)number(arguments, index);
}

int finish(int fd, int begun, int wait_ms) {
  if (begun >= 0) return 0;
  if (errno != EINPROGRESS) return -1;
  struct pollfd wait = {fd, POLLOUT, 0};
  const int ready = poll(&wait, 1, wait_ms);
  if (ready < 0) return -1;
  if (ready == 0) {
    errno = ETIMEDOUT;
    return -1;
  }
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return -1;
  errno = error;
  return error == 0 ? 0 : -1;
}

static int connect_stream(char** arguments, int protocol) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = socket(resolve(arguments, &to, &length), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  return fd < 0 ? -1 : finish(fd, connect(fd, (struct sockaddr*)&to, length), patience(arguments, 2));
}

static int tcp(char** arguments) {
  return connect_stream(arguments, 0);
}
static int multipath(char** arguments) {
  return connect_stream(arguments, mptcp);
}

/* TCP Fast Open connects inside sendto: no connect(2) is seen. */
static int fastopen(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = socket(resolve(arguments, &to, &length), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd < 0 ? -1 : finish(fd, (int)sendto(fd, "x", 1, fastopen_flag, (struct sockaddr*)&to, length), patience_ms);
}

static int udp(char** arguments) {
  struct sockaddr_storage to;
  socklen_t length = 0;
  const int fd = socket(resolve(arguments, &to, &length), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const struct timeval second = {1, 0};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second) != 0) return -1;
  char echo[8];
  if (sendto(fd, "hi", 2, 0, (struct sockaddr*)&to, length) < 0) return -1;
  return recv(fd, echo, sizeof echo, 0) < 0 ? -1 : 0;
}

static int make_socket(char** arguments) {
  const int fd = socket((int)number(arguments, 0), (int)number(arguments, 1), (int)number(arguments, 2));
  return fd < 0 ? -1 : 0;
}

static int listen_at(char** arguments) {
  struct sockaddr_storage at;
  socklen_t length = 0;
  const int fd = socket(resolve(arguments, &at, &length), SOCK_STREAM | SOCK_CLOEXEC, 0);
  return fd < 0 || bind(fd, (struct sockaddr*)&at, length) != 0 ? -1 : listen(fd, 1);
}

/* `@name` is an abstract address. */
static socklen_t unix_address(const char* name, struct sockaddr_un* out) {
  const size_t length = strlen(name);
  memset(out, 0, sizeof *out);
  out->sun_family = AF_UNIX;
  if (length >= sizeof out->sun_path) exit(2);
  memcpy(out->sun_path, name, length);
  if (name[0] == '@') out->sun_path[0] = 0;
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int unix_stream(char** arguments) {
  struct sockaddr_un to;
  const socklen_t length = unix_address(text(arguments, 0), &to);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return fd < 0 ? -1 : connect(fd, (struct sockaddr*)&to, length);
}

/* Sends without connecting: connect(2) is not the only way to a UNIX socket. */
static int unix_datagram(char** arguments) {
  struct sockaddr_un to;
  const socklen_t length = unix_address(text(arguments, 0), &to);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  struct iovec part = {(char*)"hi", 2};
  const struct msghdr message = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1};
  return sendmsg(fd, &message, 0) < 0 ? -1 : 0;
}

const struct act network_acts[] = {
    {"tcp", tcp},
    {"mptcp", multipath},
    {"fastopen", fastopen},
    {"udp", udp},
    {"socket", make_socket},
    {"listen", listen_at},
    {"unix-stream", unix_stream},
    {"unix-datagram", unix_datagram},
    {NULL, NULL},
};
