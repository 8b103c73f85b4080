// Landlock and seccomp.
#pragma once

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "core/result.h"
#include "sys/processes.h"

namespace palisade::sys {

struct LandlockScope {
  std::uint64_t filesystem = 0;
  std::uint64_t network = 0;
  std::uint64_t scoped = 0;
};

Result<RulesetFd> create_ruleset(const LandlockScope& handled);
Status add_path_rule(const RulesetFd& ruleset, const PathFd& path, std::uint64_t access);
Status add_port_rule(const RulesetFd& ruleset, std::uint16_t port, std::uint64_t access);
Status restrict_self(const RulesetFd& ruleset, std::uint32_t flags);

// `filter` is struct sock_filter[]: 8 bytes an instruction.
Status load_filter(std::span<const std::uint8_t> filter);
// As load_filter; the listener that answers the filter's notifications.
Result<NotifyFd> load_notifying_filter(std::span<const std::uint8_t> filter);
// Waits for a notification of `pid` for execve(2) and lets it continue. EPERM if the first notification is another's.
Status continue_exec_of(const NotifyFd& listener, Pid pid);

}  // namespace palisade::sys
