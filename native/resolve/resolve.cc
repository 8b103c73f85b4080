// palisade-resolve SOCKET INDEX NAME: asks the host's resolver for one name and sends the answer into SOCKET. The one
// program of ours that is linked dynamically: getaddrinfo(3) loads what nsswitch.conf(5) names.
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstring>

#include "relay/resolver.h"

namespace {

// A resolver that does not answer at all; the relay has stopped waiting by then.
constexpr unsigned kSecondsMax = 15;

palisade::Ip ip_of(const addrinfo& found) {
  palisade::Ip ip;
  if (found.ai_family == AF_INET) {
    ip.family = 4;
    std::memcpy(ip.bytes, &reinterpret_cast<const sockaddr_in*>(found.ai_addr)->sin_addr, 4);
    return ip;
  }
  const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(found.ai_addr)->sin6_addr;
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&address);
  ip.family = mapped ? 4 : 6;
  std::memcpy(ip.bytes, address.s6_addr + (mapped ? 12 : 0), ip.size());
  return ip;
}

// A name with a dot is whole: a resolver's search list would make another name of it (resolv.conf(5)).
bool forbid_search(const char* name) {
  if (std::strchr(name, '.') == nullptr) return true;
  if (res_init() != 0) return false;
  _res.options &= ~static_cast<unsigned long>(RES_DNSRCH | RES_DEFNAMES);
  return true;
}

int answer_socket = -1;
palisade::relay::Answer no_answer;

// A lookup that takes too long says so: the relay would wait for it for ever.
void give_up(int) {
  static_cast<void>(send(answer_socket, &no_answer, sizeof no_answer, MSG_NOSIGNAL));
  _exit(1);
}

bool parse(const char* text, std::uint32_t& number) {
  const char* const end = text + std::strlen(text);
  const auto parsed = std::from_chars(text, end, number);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint32_t socket = 0;
  palisade::relay::Answer answer;
  if (argc != 4 || !parse(argv[1], socket) || !parse(argv[2], answer.index)) return 2;
  answer_socket = static_cast<int>(socket);
  no_answer.index = answer.index;
  no_answer.error = EAI_AGAIN;
  signal(SIGALRM, give_up);
  alarm(kSecondsMax);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  answer.error = forbid_search(argv[3]) ? getaddrinfo(argv[3], nullptr, &hints, &found) : EAI_FAIL;
  for (const addrinfo* one = found; one != nullptr && answer.count < palisade::relay::kAnswerAddressesMax;
       one = one->ai_next) {
    if (one->ai_family == AF_INET || one->ai_family == AF_INET6) answer.addresses[answer.count++] = ip_of(*one);
  }
  return send(static_cast<int>(socket), &answer, sizeof answer, MSG_NOSIGNAL) == sizeof answer ? 0 : 1;
}
