// The relay's calls: every one of them is in its filter (`relaySyscalls` in src/layers/network/), and nothing else is.
#pragma once

#include <cstdint>

#include "core/fd.h"
#include "core/result.h"

namespace palisade::sys {

struct Pipe {
  PipeFd read_end;
  PipeFd write_end;
};

// The next waiting connection; a closed socket if none waits any more.
Result<SocketFd> accept_connection(const SocketFd& listener);
// A connection on its way to `address` (network order); whether it arrived tells `connection_error`.
Result<SocketFd> dial(std::uint32_t address, std::uint16_t port);
// 0, or the errno with which the connection failed.
int connection_error(const SocketFd& socket);
Result<Pipe> make_pipe();
// Moves up to `size` bytes without copying; 0 at the end of the stream, -EAGAIN when it would have to wait.
Result<long> move_bytes(int from, int to, std::size_t size);
Status end_writing(const SocketFd& socket);
// Closing it will reset the connection: the peer must not take a cut-off stream for a whole one.
Status reset_on_close(const SocketFd& socket);

}  // namespace palisade::sys
