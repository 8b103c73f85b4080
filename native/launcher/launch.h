// What all our processes share: the decoded plan, the shared page, and memory made before the first fork.
#pragma once

#include "core/fd.h"
#include "launcher/shared.h"
#include "launcher/timings.h"
#include "plan/plan.h"
#include "relay/ledger.h"

namespace palisade {

struct CommandWords;

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
  std::uint64_t begun = 0;     // when this process began, in microseconds
  Timings* timings = nullptr;  // null: nobody asks
};

// Whether the program may only start once processes of ours outside have confined themselves.
[[nodiscard]] inline bool has_relays(const Launch& launch) {
  return launch.plan.find<plan::NetworkRelay>() != nullptr || launch.plan.find<plan::NetworkPublish>() != nullptr;
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
// Runs the plan; the exit status of the command.
[[nodiscard]] int supervise(Launch& launch);

}  // namespace palisade
