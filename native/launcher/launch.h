// What all our processes share: the decoded plan, the shared page, and memory made before the first fork.
#pragma once

#include <sched.h>

#include "core/fd.h"
#include "launcher/doubt.h"
#include "launcher/shared.h"
#include "launcher/timings.h"
#include "plan/plan.h"
#include "relay/ledger.h"
#include "sys/processes.h"

namespace palisade {

struct CommandWords;

// What is known first: when this process began, in microseconds, and who had started it.
struct Begun {
  std::uint64_t at = 0;
  sys::Pid caller{};
};

struct Launch {
  plan::Plan plan;
  Shared* shared = nullptr;
  bool privileged = false;             // started by the host's root
  MountFd* sources = nullptr;          // by step index
  relay::Ledger* relayed = nullptr;    // of network.relay, if there is one
  relay::Ledger* published = nullptr;  // of network.publish, likewise
  // Of the program, as execve(2) takes them.
  const char* const* arguments = nullptr;
  const char* const* environment = nullptr;
  int report = -1;  // the descriptor of report.write
  // Where the command will be told, and the pages for it; -1 and null: the plan's own command runs at once. Whoever
  // tells keeps its end open: when that closes, everything inside ends.
  int command = -1;
  CommandWords* told = nullptr;
  Doubt* doubt = nullptr;         // null: the plan is for now
  const char* changed = nullptr;  // what the doubt was about; nothing has run then, and nothing was told
  Begun begun;
  Timings* timings = nullptr;  // null: nobody asks
};

// Whether the program may only start once processes of ours outside have confined themselves.
[[nodiscard]] inline bool has_relays(const Launch& launch) {
  return launch.plan.find<plan::NetworkRelay>() != nullptr || launch.plan.find<plan::NetworkPublish>() != nullptr;
}

// Whether init waits for a word of the supervisor before it lets the program start.
[[nodiscard]] inline bool waits_for_start(const Launch& launch) {
  return has_relays(launch) || launch.doubt != nullptr;
}

// Whether the sandboxee makes the sandbox's net namespace, beside init. The link of `via: route` is made before it is
// there, into init's.
[[nodiscard]] inline bool makes_network(const Launch& launch) {
  const auto* const clone = launch.plan.find<plan::NamespacesClone>();
  return clone != nullptr && (clone->flags & CLONE_NEWNET) != 0 &&
         launch.plan.find<plan::NetworkOpenRoute>() == nullptr;
}

// Whether init holds the program's one execve, which then waits for nothing else.
[[nodiscard]] inline bool holds_exec(const Launch& launch) {
  return launch.plan.find<plan::SeccompAllowOneExec>() != nullptr;
}

// Exit status of ours: the program never ran, or a part of ours died.
inline constexpr int kFailed = 125;

// Performs the steps of `role` in order. A failure is written to the shared page, and false returned.
template <class Context>
bool perform(const Launch& launch, plan::Role role, Context&& run_step) {
  for (std::uint32_t index = 0; index < launch.plan.steps.size(); ++index) {
    const plan::Step& step = launch.plan.steps[index];
    if (step.role() != role) continue;
    const Status done = run_step(index, step);
    if (done.failed()) {
      launch.shared->fail(index, done.error());
      return false;
    }
    note_step(launch, index);
  }
  return true;
}

[[noreturn]] void run_init(const Launch& launch, SocketFd supervisor);
// The process that becomes the program: `init` is its end of the socket pair with pid 1, `link` the number of the link
// of `via: route`.
[[noreturn]] void run_sandboxee(const Launch& launch, const SocketFd& init, std::uint32_t link);
// Runs the plan, unless there is a doubt and it was right: `launch.changed`. The exit status of the command.
[[nodiscard]] int supervise(Launch& launch, Doubt* doubt);

}  // namespace palisade
