// What supervisor and init say to each other over their socket pair. An end that closes means the other has died.
#pragma once

#include <cstdint>

namespace palisade::control {

enum class Kind : std::uint8_t {
  id_maps_written,  // supervisor: go on; `value` is the number of the link of `via: route`
  begun,            // init: the sandboxee is under way; said where the supervisor has a doubt
  listeners,        // init: the gateway's sockets, attached
  sandbox_network,  // init: the sandbox's net namespace, attached
  notices,          // init: the socket by which the program tells, attached
  built,            // init: everything stands, the program may start
  start,            // supervisor: the relays are confined, start; where there are none init does not wait for it
  stands,           // init: the program is in front of its execve(2), which waits for the command
  execute,          // supervisor: the command has been told
  signal,           // supervisor: pass `value` on to the program's process group
  terminate,        // supervisor: SIGTERM to everything inside
  find_process,     // supervisor: which process is `value`, by its number inside?
  process,          // init: that one, attached (pidfd_open(2)); `value` 1: it is the program; neither: there is none
  exited,           // init: the program's wait status is `value`
};

struct Packet {
  Kind kind{};
  std::uint8_t zero[3]{};
  std::int32_t value = 0;
};
static_assert(sizeof(Packet) == 8);

}  // namespace palisade::control
