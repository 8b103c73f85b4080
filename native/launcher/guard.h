// A child that outlives a supervisor which is killed, and then takes away what would stay on the host.
#pragma once

#include <span>

#include "core/fd.h"
#include "launcher/launch.h"
#include "sys/files.h"
#include "sys/processes.h"
#include "sys/security.h"
#include "sys/sockets.h"

namespace palisade {

struct Guard {
  // Its end that closes says that the guard has ended.
  SocketFd socket;
  sys::Pid pid{};
};

// Starts one with the descriptors `kept`, of which the last place is for its end of the socket. `confine` gives up
// what `work` does not need; `work` gets that end, which closes when the supervisor has ended.
template <class Confine, class Work>
Status start_guard(Guard& guard, std::span<int> kept, Confine&& confine, Work&& work) {
  Result<sys::SocketPair> pair = sys::make_socket_pair();
  if (pair.failed()) return pair.error();
  const Result<sys::Pid> pid = sys::fork_process();
  if (pid.failed()) return pid.error();
  if (pid.value() == sys::Pid(0)) {
    const SocketFd& supervisor = pair.value().second;
    kept.back() = supervisor.number();
    const bool ready = !sys::new_session().failed() && !sys::close_all_but(kept).failed() &&
                       !sys::forbid_dumps().failed() && !sys::no_new_privileges().failed() && !confine().failed();
    const std::uint8_t word = ready ? 1 : 0;
    if (sys::send_message(supervisor, {&word, 1}, {}).failed() || !ready) sys::exit_now(kFailed);
    work(supervisor);
    sys::exit_now(0);
  }
  guard.pid = pid.value();
  pair.value().second.reset();  // or its end would never be seen to close
  guard.socket = std::move(pair.value().first);
  std::uint8_t word = 0;
  const Result<sys::Message> answer = sys::receive_message(guard.socket, {&word, 1});
  if (answer.failed()) return answer.error();
  return word == 1 ? Status() : Status(SysError{"guard ended", ECONNABORTED});
}

inline void end_guard(Guard& guard) {
  sys::end_process(guard.pid);
  guard.pid = sys::Pid(0);
}

}  // namespace palisade
