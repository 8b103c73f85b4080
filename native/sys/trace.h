// ptrace(2), as little as it takes to learn which call a filter killed a process for.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "sys/processes.h"

namespace palisade::sys {

struct Call {
  bool known = false;
  std::uint32_t audit_arch = 0;
  std::uint32_t number = 0;
};

// Lets the parent trace this process: undumpable processes cannot be traced by their equals (ptrace(2)).
Status allow_dumps();
// Follows `pid` and all its descendants; they are killed when the tracer ends.
Status trace(Pid pid);
// Lets a stopped tracee go on, delivering what it stopped for. If it stopped because SIGSYS ends it, the call.
Call resume(Pid pid, int wait_status);

}  // namespace palisade::sys
