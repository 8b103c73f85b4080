#include "start/run.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>

#include "launcher/launch_plan.h"
#include "launcher/message.h"
#include "sys/files.h"
#include "sys/processes.h"

namespace palisade {
namespace {

// Names are looked up from a directory's descriptor as the host has them, past every mount of the view. What has no
// type (epoll, signalfd and kin) the compiler judges.
bool can_be_passed(int fd) {
  const Result<std::uint32_t> type = sys::file_type(fd);
  return !type.failed() && type.value() != S_IFDIR && type.value() != 0;
}

bool descriptors_are_there(const Launch& launch) {
  for (int fd = 0; fd <= 2; ++fd) {
    if (!can_be_passed(fd)) return false;
  }
  const auto* const step = launch.plan.find<plan::ProcessCloseDescriptors>();
  if (step == nullptr) return false;
  for (const std::uint32_t number : step->keep) {
    if (!can_be_passed(static_cast<int>(number))) return false;
  }
  const bool writes = launch.plan.find<plan::ReportWrite>() != nullptr;
  const bool opens = launch.plan.find<plan::StartOpenReport>() != nullptr;
  return !writes || opens || sys::is_open(launch.report);
}

bool open_report(Launch& launch, FileFd& report) {
  const auto* const step = launch.plan.find<plan::StartOpenReport>();
  if (step == nullptr) return true;
  Result<FileFd> opened = sys::open_output(step->file.data);
  if (opened.failed()) return false;
  report = std::move(opened.value());
  launch.report = report.number();
  return true;
}

// What the caller has open is not for the sandbox's processes, but for what the plan passes on.
Status close_others(const Launch& launch) {
  const auto& passed = launch.plan.find<plan::ProcessCloseDescriptors>()->keep;
  const Result<std::span<std::byte>> memory = reserve((passed.size() + 4) * sizeof(int), MAP_PRIVATE);
  if (memory.failed()) return memory.status();
  auto* const kept = reinterpret_cast<int*>(memory.value().data());
  std::size_t count = 0;
  for (int fd = 0; fd <= 2; ++fd) kept[count++] = fd;
  for (const std::uint32_t number : passed) kept[count++] = static_cast<int>(number);
  if (launch.report > 2) kept[count++] = launch.report;
  return sys::close_all_but({kept, count});
}

// The program's words where they outlive what is wiped.
Result<std::span<const char* const>> copy_words(std::span<const char* const> words) {
  if (words.empty()) return words;
  std::size_t size = words.size() * sizeof(const char*);
  for (const char* const word : words) size += std::strlen(word) + 1;
  const Result<std::span<std::byte>> memory = reserve(size, MAP_PRIVATE);
  if (memory.failed()) return memory.status().error();
  auto** const copies = reinterpret_cast<const char**>(memory.value().data());
  auto* next = reinterpret_cast<char*>(copies + words.size());
  for (std::size_t index = 0; index < words.size(); ++index) {
    copies[index] = next;
    const std::size_t length = std::strlen(words[index]) + 1;
    std::memcpy(next, words[index], length);
    next += length;
  }
  return std::span<const char* const>(copies, words.size());
}

void wipe(char** texts) {
  for (; *texts != nullptr; ++texts) std::memset(*texts, 0, std::strlen(*texts));
}

// Secrets of the caller's environment, and the host's paths in the words, are not for pid 1 of the sandbox, which has a
// copy of all that this process has.
void forget_caller(char** argv, char** environment) {
  constexpr char kName[] = "sandbox-exec";
  const std::size_t room = std::strlen(argv[0]);
  wipe(argv);
  wipe(environment);
  std::memcpy(argv[0], kName, room < sizeof kName - 1 ? room : sizeof kName - 1);
}

struct KeptDoubt : Doubt {
  const plan::Plan* plan;
  const Caller* caller;
  char** argv;
  Compare compare;
};

const char* changed_meanwhile(const Doubt& doubt) {
  const auto& kept = static_cast<const KeptDoubt&>(doubt);
  return kept.compare(*kept.plan, *kept.caller);
}

void forget_doubtful(const Doubt& doubt) {
  const auto& kept = static_cast<const KeptDoubt&>(doubt);
  forget_caller(kept.argv, kept.caller->environment);
}

KeptDoubt make_doubt(const Launch& launch, const Caller& caller, char** argv, Compare compare) {
  return {{changed_meanwhile, forget_doubtful}, &launch.plan, &caller, argv, compare};
}

// What these make on the host, or cut, must not be made for another moment.
bool changes_host(const plan::Plan& plan) {
  return plan.find<plan::ResourcesLimitCgroup>() != nullptr || plan.find<plan::NetworkOpenRoute>() != nullptr ||
         plan.find<plan::NetworkPublish>() != nullptr || plan.find<plan::StartOpenReport>() != nullptr;
}

Status prepare(Launch& launch, const Caller& caller) {
  // As the compiler leaves them: the caller may ignore what we wait for.
  const Status reset = sys::reset_signals();
  if (reset.failed()) return reset;
  // As Node does at its start: a plan may need many descriptors at once.
  const Status raised = sys::raise_descriptor_limit();
  if (raised.failed()) return raised;
  const Result<std::span<const char* const>> command = copy_words(caller.words.program);
  return command.failed() ? command.status() : make_room(launch, command.value());
}

Ran supervised(Launch& launch, Doubt* doubt) {
  const int status = supervise(launch, doubt);
  return {.changed = launch.changed, .status = status};
}

int fail(SysError error) {
  return say(error.call, error.error, kFailed);
}

}  // namespace

Ran run_kept(Launch& launch, Caller& caller, char** argv, Compare compare) {
  KeptDoubt doubt = make_doubt(launch, caller, argv, compare);
  // Else it is found out while init builds.
  const bool must_know = changes_host(launch.plan);
  if (const char* const changed = must_know ? doubt.changed(doubt) : nullptr) return {.changed = changed};
  FileFd report;
  if (!descriptors_are_there(launch) || !open_report(launch, report)) return {.lacks_files = true};
  const Status prepared = prepare(launch, caller);
  if (prepared.failed()) return {.status = fail(prepared.error())};
  if (must_know) {
    const Status closed = close_others(launch);
    if (closed.failed()) return {.status = fail(closed.error())};
    doubt.forget(doubt);
  }
  const Ran ran = supervised(launch, must_know ? nullptr : &doubt);
  if (ran.changed == nullptr) return ran;
  // The compiler waits for signals itself.
  const Status reset = sys::reset_signals();
  return reset.failed() ? Ran{.status = fail(reset.error())} : ran;
}

Ran run_made(Launch& launch, Caller& caller, char** argv) {
  KeptDoubt doubt = make_doubt(launch, caller, argv, changed_since_made);
  const bool must_know = changes_host(launch.plan);
  if (const char* const changed = must_know ? doubt.changed(doubt) : nullptr) return {.changed = changed};
  const Status room = make_room(launch, {});
  if (room.failed()) return {.status = fail(room.error())};
  return supervised(launch, must_know ? nullptr : &doubt);
}

}  // namespace palisade
