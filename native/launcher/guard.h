// A child that outlives a supervisor which is killed, and then takes away what would stay on the host.
#pragma once

#include <cerrno>
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
// what `work` does not need; `work` gets that end, which closes when the supervisor has ended, or has done its part.
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
    // A supervisor that has ended by now hears nothing, and may have left something all the same.
    static_cast<void>(sys::send_message(supervisor, {&word, 1}, {}).failed());
    if (!ready) sys::exit_now(kFailed);
    sys::exit_now(work(supervisor).failed() ? kFailed : 0);
  }
  guard.pid = pid.value();
  pair.value().second.reset();  // or its end would never be seen to close
  guard.socket = std::move(pair.value().first);
  std::uint8_t word = 0;
  const Result<sys::Message> answer = sys::receive_message(guard.socket, {&word, 1});
  if (answer.failed()) return answer.error();
  return word == 1 ? Status() : Status(SysError{"guard ended", ECONNABORTED});
}

// Leaves to the guard what it is there for, and waits for it: nobody is in its place if this process is killed now.
inline Status finish_guard(Guard& guard) {
  if (guard.pid == sys::Pid(0)) return {};
  guard.socket.reset();
  const Result<sys::WaitResult> waited = sys::wait_for(guard.pid, 0);
  guard.pid = sys::Pid(0);
  if (waited.failed()) return waited.error();
  return waited.value().status == 0 ? Status() : Status(SysError{"guard", ECANCELED});
}

inline void end_guard(Guard& guard) {
  sys::end_process(guard.pid);
  guard.pid = sys::Pid(0);
}

}  // namespace palisade
