// The process that becomes the program. init makes it first: it makes the sandbox's network and gives up what it can
// while init builds the view, and confines itself in the view while init lets go of the host.
#include "launcher/demand.h"
#include "layers/network.h"
#include "layers/sandboxee.h"
#include "sys/processes.h"
#include "sys/security.h"
#include "sys/sockets.h"
#include "sys/trace.h"

namespace palisade {
namespace {

// Everything that its steps work on.
struct Self {
  Sandboxee sandboxee;
  network::Link link;
};

template <class T>
Status run(Self& /*self*/, const T& /*step*/) {
  return SysError{"step of another process", EINVAL};
}
template <class T>
  requires requires(network::Link& link, const T& step) { network::run(link, step); }
Status run(Self& self, const T& step) {
  return network::run(self.link, step);
}
namespace confine {
using landlock::run;
using process::run;
using resources::run;
using seccomp::run;
using service::run;
}  // namespace confine
template <class T>
  requires requires(Sandboxee& sandboxee, const T& step) { confine::run(sandboxee, step); }
Status run(Self& self, const T& step) {
  return confine::run(self.sandboxee, step);
}

template <class... Steps>
bool is_one_of(const plan::Step& step) {
  return (std::holds_alternative<Steps>(step.body) || ...);
}

bool needs_view(const plan::Step& step) {
  return is_one_of<plan::ProcessChangeDirectory, plan::LandlockRestrictSelf, plan::ServiceTakeNotices,
                   plan::SeccompLoadFilter, plan::ProcessExecute>(step);
}

Status wait_for_init(const SocketFd& init) {
  std::uint8_t byte = 0;
  const Result<sys::Message> message = sys::receive_message(init, {&byte, 1});
  if (message.failed()) return message.status();
  if (message.value().size == 0) sys::exit_now(kFailed);  // it has ended
  return {};
}

Status tell_init(const SocketFd& init) {
  const std::uint8_t byte = 0;
  return sys::send_message(init, {&byte, 1}, {});
}

Status be_traced(const SocketFd& init) {
  const Status open = sys::allow_dumps();
  if (open.failed()) return open;
  const Status told = tell_init(init);
  if (told.failed()) return told;
  const Status released = wait_for_init(init);
  return released.failed() ? released : sys::forbid_dumps();
}

// Where init holds the execve the sandboxee waits there: for init to have built everything and given up its power, and
// for the command. Else it waits here, because afterwards the filter may refuse the calls that this takes.
void wait_for_release(const Launch& launch, const SocketFd& init) {
  const bool watched = launch.plan.find<plan::ReportWatchKills>() != nullptr;
  if (watched) demand<plan::ReportWatchKills>(launch, be_traced(init));
  if (holds_exec(launch)) return;
  if (!watched) demand<plan::ProcessExecute>(launch, wait_for_init(init));
  if (launch.command < 0) return;
  demand<plan::ProcessExecute>(launch, tell_init(init));
  demand<plan::ProcessExecute>(launch, wait_for_init(init));
}

}  // namespace

void run_sandboxee(const Launch& launch, const SocketFd& init, std::uint32_t link) {
  Self self{{&init, launch.arguments, launch.environment}, {&init, link, {}, {}}};
  if (makes_network(launch)) demand<plan::NamespacesClone>(launch, network::make_namespace(self.link));
  bool in_view = false;
  bool released = false;
  perform(launch, plan::Role::sandboxee, [&](std::uint32_t index, const plan::Step& step) {
    if (!in_view && needs_view(step)) {
      in_view = true;
      demand<plan::ProcessExecute>(launch, wait_for_init(init));
    }
    if (!released && is_one_of<plan::SeccompLoadFilter, plan::ProcessExecute>(step)) {
      released = true;
      wait_for_release(launch, init);
    }
    if (is_one_of<plan::ProcessExecute>(step)) {
      launch.shared->ready.store(true);
      note_step(launch, index);  // it does not come back
    }
    return std::visit([&](const auto& body) { return run(self, body); }, step.body);
  });
  sys::exit_now(kFailed);
}

}  // namespace palisade
