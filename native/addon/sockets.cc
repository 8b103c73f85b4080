#include "addon/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "addon/sys_error.h"

namespace palisade {
namespace {

const char* family_word(int family) {
  switch (family) {
    case AF_INET:
      return "ipv4";
    case AF_INET6:
      return "ipv6";
    case AF_UNIX:
      return "unix";
    default:
      return "other";
  }
}

const char* type_word(int type) {
  switch (type) {
    case SOCK_STREAM:
      return "stream";
    case SOCK_DGRAM:
      return "datagram";
    case SOCK_SEQPACKET:
      return "seqpacket";
    default:
      return "other";
  }
}

[[nodiscard]] int option(Napi::Env env, int socket, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(socket, SOL_SOCKET, name, &value, &size) != 0) throw sys_error(env, "getsockopt", errno);
  return value;
}

void set_address(Napi::Env env, Napi::Object& result, const sockaddr_storage& name) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  in_port_t port = 0;
  if (name.ss_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &name, sizeof ipv4);
    inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
    port = ipv4.sin_port;
  } else if (name.ss_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &name, sizeof ipv6);
    inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
    port = ipv6.sin6_port;
  }
  result.Set("address", Napi::String::New(env, text.data()));
  result.Set("port", Napi::Number::New(env, ntohs(port)));
}

}  // namespace

Napi::Value describe_socket(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int socket = info[0].ToNumber().Int32Value();
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size) != 0) {
    // EBADF: opened with O_PATH.
    if (errno == ENOTSOCK || errno == EBADF) return env.Null();
    throw sys_error(env, "getsockname", errno);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("family", Napi::String::New(env, family_word(option(env, socket, SO_DOMAIN))));
  const int type = option(env, socket, SO_TYPE);
  const int protocol = option(env, socket, SO_PROTOCOL);
  // Streams of other protocols, such as SCTP, are no TCP.
  const bool strange = type == SOCK_STREAM && protocol != 0 && protocol != IPPROTO_TCP;
  result.Set("type", Napi::String::New(env, strange ? "other" : type_word(type)));
  result.Set("listens", Napi::Boolean::New(env, option(env, socket, SO_ACCEPTCONN) != 0));
  set_address(env, result, name);
  return result;
}

}  // namespace palisade
