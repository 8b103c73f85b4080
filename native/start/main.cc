// palisade-launcher --plan-descriptor N [--command-descriptor M]: runs the plan that a descriptor holds, and the
// command that another one tells. Started so by the compiler, with an empty environment. Any other words are those of
// sandbox-exec.
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "launcher/launch_plan.h"
#include "launcher/message.h"
#include "start/run.h"
#include "start/start.h"
#include "sys/files.h"
#include "sys/host.h"
#include "sys/processes.h"

namespace palisade {
namespace {

// Before the plan is decoded there is no step that could be named.
int cannot_start(SysError error) {
  return say("cannot start: mmap", error.error, kFailed);
}

// A closed one would be taken by the next file that is opened, and the program's output would go there.
bool has_standard_descriptors() {
  return sys::is_open(0) && sys::is_open(1) && sys::is_open(2);
}

// A descriptor number: decimal, without sign or leading zeros, nothing behind it.
bool parse_number(const char* text, int& number) {
  const std::size_t length = std::strlen(text);
  if (length == 0 || length > 6 || (text[0] == '0' && length > 1)) return false;
  number = 0;
  for (const char* digit = text; *digit != '\0'; ++digit) {
    if (*digit < '0' || *digit > '9') return false;
    number = number * 10 + (*digit - '0');
  }
  return true;
}

// Nothing is told, and the caller makes another plan.
constexpr int kChanged = 124;

// Whether the plan says what it was made from.
bool can_be_compared(const Launch& launch) {
  return launch.plan.find<plan::StartExpectHost>() != nullptr;
}

int compare_and_run(Launch& launch, char** argv, char** envp) {
  char directory[4096] = {};
  if (sys::working_directory(directory).failed()) return kChanged;
  Caller caller{{}, directory, "", "", envp};
  const Ran ran = run_made(launch, caller, argv);
  return ran.changed == nullptr ? ran.status : kChanged;
}

int launch_plan(int plan_fd, int command_fd, char** argv, char** envp, Begun begun) {
  const Result<std::span<std::byte>> memory = reserve(plan::kPlanBytesMax + 1, MAP_PRIVATE);
  if (memory.failed()) return cannot_start(memory.status().error());
  const std::span<std::uint8_t> buffer(reinterpret_cast<std::uint8_t*>(memory.value().data()), memory.value().size());
  // Read once into private memory: whoever holds the descriptor cannot change the plan after it was checked.
  Result<std::size_t> size = sys::read_all(plan_fd, buffer);
  if (size.failed()) return say("cannot read the plan: read", size.error().error, kFailed);
  static_cast<void>(::close(plan_fd));
  Launch launch;
  launch.command = command_fd;
  launch.begun = begun;
  const Result<Decoded> decoded = decode_plan(buffer.first(size.value()), launch);
  if (decoded.failed()) return cannot_start(decoded.error());
  switch (decoded.value()) {
    case Decoded::yes:
      break;
    case Decoded::no_plan:
      return say("not a plan of this version", kFailed);
    case Decoded::other_arch:
      return say("this plan was made for another architecture", kFailed);
    case Decoded::runs_nothing:
      return say("this plan runs nothing", kFailed);
  }
  if (can_be_compared(launch)) return compare_and_run(launch, argv, envp);
  const Status room = make_room(launch, {});
  return room.failed() ? cannot_start(room.error()) : supervise(launch, nullptr);
}

int run(int argc, char** argv, char** envp) {
  const Begun begun{sys::monotonic_microseconds(), sys::parent_process()};
  if (!has_standard_descriptors()) {
    return say("descriptors 0, 1 and 2 must be open: redirect what you do not want to /dev/null", kFailed);
  }
  // Whoever starts it chooses the plan, and which Node is the compiler.
  if (sys::ids().borrowed) {
    return say("it was started with the rights of another, which it would give away: chmod ug-s", kFailed);
  }
  if (argc < 2 || std::strcmp(argv[1], "--plan-descriptor") != 0) return start(argv, envp, begun);
  int plan_fd = -1;
  int command_fd = -1;
  const bool is_plan = (argc == 3 || argc == 5) && parse_number(argv[2], plan_fd);
  const bool is_command = argc != 5 || (std::strcmp(argv[3], "--command-descriptor") == 0 &&
                                        parse_number(argv[4], command_fd) && sys::is_open(command_fd));
  if (!is_plan || !is_command) {
    return say("usage: palisade-launcher --plan-descriptor N [--command-descriptor M] (started by sandbox-exec)",
               kFailed);
  }
  return launch_plan(plan_fd, command_fd, argv, envp, begun);
}

}  // namespace
}  // namespace palisade

int main(int argc, char** argv, char** envp) {
  // Not exit(3): it would visit every slot of the relay's tables, to close descriptors that were never opened.
  palisade::sys::exit_now(palisade::run(argc, argv, envp));
}
