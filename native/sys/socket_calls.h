// The calls on sockets by numbers of their own, on every arch. On i386 libc makes socketcall(2) of them, whose
// arguments lie in memory: a relay's filter that allowed it would allow all that it can do. Included by native/sys
// only.
#pragma once

#include <sys/socket.h>

#include "sys/raw.h"

namespace palisade::sys::direct {

// -1 and errno, as libc's.
template <class... Args>
long call(long number, Args... args) {
  return ::syscall(number, whole_register(args)...);
}

inline int socket(int family, int type, int protocol) {
  return static_cast<int>(call(SYS_socket, family, type, protocol));
}
inline int socketpair(int family, int type, int protocol, int* pair) {
  return static_cast<int>(call(SYS_socketpair, family, type, protocol, pair));
}
inline int bind(int socket, const sockaddr* name, socklen_t size) {
  return static_cast<int>(call(SYS_bind, socket, name, size));
}
inline int listen(int socket, int backlog) {
  return static_cast<int>(call(SYS_listen, socket, backlog));
}
inline int accept4(int socket, int flags) {
  return static_cast<int>(call(SYS_accept4, socket, nullptr, nullptr, flags));
}
inline int connect(int socket, const sockaddr* name, socklen_t size) {
  return static_cast<int>(call(SYS_connect, socket, name, size));
}
inline int getpeername(int socket, sockaddr* name, socklen_t* room) {
  return static_cast<int>(call(SYS_getpeername, socket, name, room));
}
inline int shutdown(int socket, int how) {
  return static_cast<int>(call(SYS_shutdown, socket, how));
}
inline int setsockopt(int socket, int level, int option, const void* value, socklen_t size) {
  return static_cast<int>(call(SYS_setsockopt, socket, level, option, value, size));
}
inline int getsockopt(int socket, int level, int option, void* value, socklen_t* size) {
  return static_cast<int>(call(SYS_getsockopt, socket, level, option, value, size));
}
inline ssize_t sendto(int socket, const void* bytes, std::size_t size, int flags, const sockaddr* name,
                      socklen_t room) {
  return call(SYS_sendto, socket, bytes, size, flags, name, room);
}
inline ssize_t send(int socket, const void* bytes, std::size_t size, int flags) {
  return sendto(socket, bytes, size, flags, nullptr, 0);
}
inline ssize_t recvfrom(int socket, void* bytes, std::size_t size, int flags, sockaddr* name, socklen_t* room) {
  return call(SYS_recvfrom, socket, bytes, size, flags, name, room);
}
inline ssize_t recv(int socket, void* bytes, std::size_t size, int flags) {
  return recvfrom(socket, bytes, size, flags, nullptr, nullptr);
}
inline ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  return call(SYS_sendmsg, socket, message, flags);
}
inline ssize_t recvmsg(int socket, msghdr* message, int flags) {
  return call(SYS_recvmsg, socket, message, flags);
}

}  // namespace palisade::sys::direct
