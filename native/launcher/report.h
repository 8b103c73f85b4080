// The Report: what was known before the launch, and what happened.
#pragma once

#include "launcher/cgroup.h"
#include "launcher/launch.h"
#include "launcher/notices.h"
#include "sys/processes.h"

namespace palisade {

struct Outcome {
  bool exited = false;
  bool timed_out = false;
  int wait_status = 0;
  int status = 0;  // of the command
  std::uint64_t started_at = 0;
  std::uint64_t ended_at = 0;
  NoticeCounts notices;
  Usage usage;
  sys::ChildrenUsage processes;
};

// True if the plan asks for no Report, or it was written whole; otherwise says what failed.
[[nodiscard]] bool write_report(const Launch& launch, const Outcome& outcome);

}  // namespace palisade
