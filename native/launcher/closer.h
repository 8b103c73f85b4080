// A process that closes what the program has sent. The last close(2) of a socket waits as long as the program has said
// (SO_LINGER), and whoever waits there hears nothing: it must not be the supervisor.
#pragma once

#include <span>

#include "core/fd.h"
#include "sys/processes.h"
#include "sys/sockets.h"

namespace palisade {

struct Closer {
  SocketFd socket;
  sys::Pid pid{};
};

Status start_closer(Closer& closer);
// Hands them over: the caller's own are closed then, and are not the last. EAGAIN: it has too many that wait.
Status hand_over(const Closer& closer, std::span<const int> descriptors);
// Whatever still waits in it.
void end_closer(Closer& closer);

}  // namespace palisade
