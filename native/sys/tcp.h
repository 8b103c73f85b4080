// The relay's calls on streams: every one of them is in its filter (`relaySyscalls` in src/layers/network/).
#pragma once

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "core/result.h"
#include "sys/address.h"

namespace palisade::sys {

// In place of a count: the call would have had to wait.
inline constexpr long kWouldWait = -1;

// The next waiting connection; a closed socket if none waits any more.
Result<SocketFd> accept_connection(const SocketFd& listener);

struct Dialled {
  SocketFd socket;
  bool connected = false;  // at once; otherwise the socket becomes writable, and `connection_error` tells how it went
};
Result<Dialled> dial(const Endpoint& to);
// Short messages leave at once, also while the peer has not acknowledged others (tcp(7), TCP_NODELAY).
Status send_promptly(const SocketFd& socket);
// The kernel asks a silent peer whether it is still there, from `idle_seconds` on, and gives up some 20 s later.
Status keep_alive(const SocketFd& socket, int idle_seconds);
// For how long the peer has not answered what was sent to it and sent again; 0 if it owes nothing, or has answered only
// that it has no room (which a slow reader may for as long as it likes).
std::uint32_t unanswered_ms(const SocketFd& socket);
// 0, or the errno with which the connection failed.
int connection_error(const SocketFd& socket);

// Of an accepted connection: what `accept_connection` of a socket of open_server (sockets.h) has already.
Status prepare_accepted(const SocketFd& socket);

// Bytes read or written, 0 at the end of the stream, or kWouldWait.
Result<long> receive(const SocketFd& socket, std::span<std::uint8_t> bytes);
Result<long> send(const SocketFd& socket, std::span<const std::uint8_t> bytes);
// As receive, and leaves the bytes where they are.
Result<long> peek(const SocketFd& socket, std::span<std::uint8_t> bytes);

Status end_writing(const SocketFd& socket);
// Closing it will reset the connection: the peer must not take a cut-off stream for a whole one. So does a socket that
// `accept_connection` made (open_server in sockets.h), however this process ends.
Status reset_on_close(const SocketFd& socket);
// Closing it ends the stream in order.
Status end_on_close(const SocketFd& socket);

}  // namespace palisade::sys
