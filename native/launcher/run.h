// What the supervisor holds while the sandbox runs, and how it waits for what happens.
#pragma once

#include <cstdint>

#include "core/fd.h"
#include "launcher/cgroup.h"
#include "launcher/control.h"
#include "launcher/launch.h"
#include "launcher/notices.h"
#include "launcher/relays.h"
#include "launcher/report.h"
#include "launcher/route.h"

namespace palisade {

struct Run {
  Launch* launch = nullptr;
  const plan::NamespacesClone* clone = nullptr;
  SignalFd signals;
  ProcessFd caller;
  SocketFd init;
  sys::Pid init_pid{};
  Cgroup cgroup;
  Relays relays;
  Route route;
  Notices notices;
  std::uint64_t terminate_at = UINT64_MAX;  // monotonic milliseconds
  std::uint64_t kill_at = UINT64_MAX;
  std::uint32_t grace_ms = 0;
  bool passed_signal_on = false;
  bool stands = false;    // and waits for its command
  bool told = false;      // and has it
  bool given_up = false;  // by the caller, who has closed its end of the command's pipe
  Outcome outcome;
};

Status tell(const SocketFd& socket, control::Kind kind, std::int32_t value);

// What the supervisor does beside the steps belongs to the step `T` that needs it.
template <class T>
void fail_at(const Launch& launch, SysError error) {
  launch.shared->fail(launch.plan.index_of<T>(), error);
}

// Passes on what init, signals, the clock and the command's pipe say, until everything inside is to end.
void wait_for_end(Run& run);

}  // namespace palisade
