#include "launcher/last_bytes.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>

#include "sys/tcp.h"

namespace palisade {
namespace {

// For a lookup, a connection and full buffers on a slow link. A program can make its own end last that long.
constexpr std::uint64_t kLastBytesMs = 5000;

bool passes_on(const Run& run) {
  return run.outcome.exited && run.launch->shared->failed() == nullptr;
}

bool wants_end(int signal) {
  return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT;
}

}  // namespace

void tell_relays_of_end(const Run& run) {
  if (!passes_on(run)) return;
  // It fails for one that has ended itself, whose end the wait sees.
  for (const SocketFd* const relay : {&run.relays.relay, &run.relays.publisher})
    if (relay->is_open()) static_cast<void>(sys::end_writing(*relay).failed());
}

void await_last_bytes(Run& run) {
  // What the program has told its manager is passed on at once, if there is room, however it ended.
  bool tells = take_last_notices(run.notices);
  if (!passes_on(run)) return;
  const std::uint64_t until = std::min({sys::monotonic_milliseconds() + kLastBytesMs, run.terminate_at, run.kill_at});
  while (tells || run.relays.relay.is_open() || run.relays.publisher.is_open()) {
    // POLLHUP alone of the relays and of the command's pipe.
    pollfd wait[] = {{run.relays.relay.number(), 0, 0},
                     {run.relays.publisher.number(), 0, 0},
                     {run.signals.number(), POLLIN, 0},
                     {run.caller.number(), POLLIN, 0},
                     {run.launch->command, 0, 0},
                     {run.notices.waits_for_room ? run.notices.manager.number() : -1, POLLOUT, 0},
                     {run.notices.waits_for_closer ? run.notices.closer.socket.number() : -1, POLLOUT, 0}};
    const std::uint64_t now = sys::monotonic_milliseconds();
    if (now >= until) return;
    if (::poll(wait, std::size(wait), static_cast<int>(until - now)) < 0 && errno != EINTR) return;
    if (wait[0].revents != 0) run.relays.relay.reset();
    if (wait[1].revents != 0) run.relays.publisher.reset();
    if (wait[2].revents != 0) {
      const Result<int> signal = sys::read_signal(run.signals);
      if (signal.failed() || wants_end(signal.value())) return;
    }
    if (wait[3].revents != 0 || wait[4].revents != 0) return;
    tells = take_last_notices(run.notices);
  }
}

}  // namespace palisade
