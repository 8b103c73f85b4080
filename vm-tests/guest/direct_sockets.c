/*
 * The socket functions by the kernel's own calls, in place of the C library's: on i386 Debian's glibc knows
 * socketcall(2) only, whose arguments no filter sees, while other libraries (musl) make these calls.
 */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int socket(int family, int type, int protocol) {
  return (int)syscall(SYS_socket, family, type, protocol);
}
int connect(int fd, const struct sockaddr* to, socklen_t size) {
  return (int)syscall(SYS_connect, fd, to, size);
}
int bind(int fd, const struct sockaddr* at, socklen_t size) {
  return (int)syscall(SYS_bind, fd, at, size);
}
int listen(int fd, int backlog) {
  return (int)syscall(SYS_listen, fd, backlog);
}
int setsockopt(int fd, int level, int option, const void* value, socklen_t size) {
  return (int)syscall(SYS_setsockopt, fd, level, option, value, size);
}
int getsockopt(int fd, int level, int option, void* value, socklen_t* size) {
  return (int)syscall(SYS_getsockopt, fd, level, option, value, size);
}
ssize_t sendto(int fd, const void* bytes, size_t size, int flags, const struct sockaddr* to, socklen_t room) {
  return syscall(SYS_sendto, fd, bytes, size, flags, to, room);
}
ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  return sendto(fd, bytes, size, flags, NULL, 0);
}
ssize_t recvfrom(int fd, void* bytes, size_t size, int flags, struct sockaddr* from, socklen_t* room) {
  return syscall(SYS_recvfrom, fd, bytes, size, flags, from, room);
}
ssize_t recv(int fd, void* bytes, size_t size, int flags) {
  return recvfrom(fd, bytes, size, flags, NULL, NULL);
}
ssize_t sendmsg(int fd, const struct msghdr* message, int flags) {
  return syscall(SYS_sendmsg, fd, message, flags);
}
ssize_t recvmsg(int fd, struct msghdr* message, int flags) {
  return syscall(SYS_recvmsg, fd, message, flags);
}
