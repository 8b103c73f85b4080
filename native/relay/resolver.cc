#include "relay/resolver.h"

#include <netdb.h>

#include <cerrno>
#include <cstring>

#include "core/decimal.h"
#include "relay/confine.h"
#include "relay/host_name.h"
#include "relay/relay.h"
#include "sys/files.h"
#include "sys/processes.h"
#include "sys/sockets.h"

namespace palisade {
namespace {

// Lookups at a time. A wildcard lets the program choose names: each is a process, for as long as a resolver is silent.
constexpr int kLookupsMax = 8;

[[noreturn]] void give_up(const Launch& launch, std::uint32_t step, SysError error) {
  launch.shared->fail(step, error);
  sys::exit_now(kFailed);
}

// Reading is what resolver libraries do; nothing of the host can be changed through one.
Status restrict_writing(const plan::NetworkRelay& step) {
  if (step.resolver_handled_fs == 0) return {};
  Result<RulesetFd> ruleset = sys::create_ruleset({step.resolver_handled_fs, 0, 0});
  if (ruleset.failed()) return ruleset.error();
  return sys::restrict_self(ruleset.value(), 0);
}

// The relay is believed nothing: it may ask for the policy's names and for what their wildcards mean.
bool is_granted(const plan::NetworkRelay& step, const relay::Question& question) {
  if (question.endpoint >= step.endpoints.size()) return false;
  const std::size_t size = strnlen(question.name, sizeof question.name);
  if (size == sizeof question.name) return false;
  return relay::name_matches({question.name, size}, step.endpoints[question.endpoint].host.data);
}

[[noreturn]] void look_up(const FileFd& program, const SocketFd& relay, const relay::Question& question) {
  const Decimal socket(static_cast<std::uint32_t>(relay.number()));
  const Decimal index(question.index);
  const char* const arguments[] = {"palisade-resolve", socket.text(), index.text(), question.name, nullptr};
  const char* const environment[] = {nullptr};
  const bool ready =
      !sys::reset_signals().failed() && !sys::die_with_parent().failed() && !sys::keep_on_exec(relay.number()).failed();
  if (ready) static_cast<void>(sys::execute_file(program, arguments, environment).failed());
  sys::exit_now(1);
}

// The host has no process for it, for now.
Status refuse(const SocketFd& relay, const relay::Question& question) {
  relay::Answer answer;
  answer.index = question.index;
  answer.error = EAI_AGAIN;
  return sys::send_message(relay, {reinterpret_cast<const std::uint8_t*>(&answer), sizeof answer}, {});
}

// Collects lookups that have ended; waits for one if there are as many as there may be.
Status collect(int& running) {
  for (;;) {
    const int flags = running < kLookupsMax ? WNOHANG : 0;
    if (running == 0) return {};
    const Result<sys::WaitResult> ended = sys::wait_for(sys::Pid(-1), flags);
    if (ended.failed() && ended.error().error != EINTR) return ended.error();
    if (!ended.failed() && ended.value().pid == sys::Pid(0)) return {};
    if (!ended.failed()) --running;
  }
}

}  // namespace

void run_resolver(const Launch& launch, const plan::NetworkRelay& step, std::uint32_t index, const FileFd& program,
                  const SocketFd& relay) {
  const auto demand = [&](const Status& status) {
    if (status.failed()) give_up(launch, index, status.error());
  };
  int kept[] = {program.number(), relay.number()};
  demand(relay::drop_rights(launch, step.uid, step.gid, kept));
  demand(restrict_writing(step));
  const std::uint8_t ready = 1;
  demand(sys::send_message(relay, {&ready, 1}, {}));  // to the supervisor, which still holds that end
  int running = 0;
  for (;;) {
    relay::Question question;
    const Result<sys::Message> message =
        sys::receive_message(relay, {reinterpret_cast<std::uint8_t*>(&question), sizeof question});
    demand(message.status());
    if (message.value().size == 0) sys::exit_now(0);  // the relay has gone
    if (message.value().size != sizeof question || !is_granted(step, question))
      give_up(launch, index, {"question", EPROTO});
    demand(collect(running));
    const Result<sys::Pid> child = sys::fork_process();
    if (child.failed()) {
      demand(refuse(relay, question));
      continue;
    }
    if (child.value() == sys::Pid(0)) look_up(program, relay, question);
    ++running;
  }
}

}  // namespace palisade
