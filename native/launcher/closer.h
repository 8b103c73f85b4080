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
  bool owes_word = false;  // that what was handed over is closed here
};

Status start_closer(Closer& closer);
// Hands over the first `count` of them, if there are any, and closes them here: that is never the last time, because
// the closer waits with it for a word. `count` is 0 then. EAGAIN: it has too much to do; once more, when there is room.
Status hand_over(Closer& closer, const int* descriptors, std::size_t& count);
// Whatever still waits in it.
void end_closer(Closer& closer);

}  // namespace palisade
