// The supervisor's part in limits of everything inside together: a cgroup (version 2) below its own, or one that is
// named.
#pragma once

#include "core/fd.h"
#include "launcher/guard.h"
#include "launcher/launch.h"

namespace palisade {

struct Cgroup {
  PathFd above;    // the caller's, or the one that is named
  PathFd inside;   // the sandbox's
  PathFd outside;  // ours, because one that hands on controllers holds no process; the root may, and needs none
  char inside_name[48] = {};
  char outside_name[64] = {};
  Guard guard;
};

// What its files told at the end.
struct Usage {
  bool known = false;
  std::uint64_t cpu_us = 0;
  std::uint64_t throttled_us = 0;
  std::uint64_t memory_peak = 0;
  std::uint64_t pids_refused = 0;
  std::uint64_t over_memory = 0;  // how often its own limit was reached, not that of a cgroup around it, or the host's
  std::uint64_t oom_kills = 0;    // by whatever limit
  [[nodiscard]] bool out_of_memory() const { return over_memory > 0 && oom_kills > 0; }
};

// Without a step for it, or when all is well: true. When something has failed, which is told then: false.
bool open_cgroup(const Launch& launch, Cgroup& cgroup);
// For a child: what it must not hold.
void forget_cgroup(Cgroup& cgroup);
[[nodiscard]] Usage usage_of(const Cgroup& cgroup);
// After everything else has ended; leaves the caller's cgroup as it was. The root, and one that is named, go on to hand
// on their controllers: others may have come to need them.
void close_cgroup(const Launch& launch, Cgroup& cgroup);

}  // namespace palisade
