#include "launcher/launch_plan.h"

#include <linux/audit.h>
#include <sys/mman.h>

#include <new>

#include "launcher/command.h"
#include "sys/pages.h"

namespace palisade {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kAuditArch = AUDIT_ARCH_X86_64;
#elif defined(__i386__)
constexpr std::uint32_t kAuditArch = AUDIT_ARCH_I386;
#elif defined(__aarch64__)
constexpr std::uint32_t kAuditArch = AUDIT_ARCH_AARCH64;
#else
#error "no audit arch for this machine"
#endif

Status make_ledger(relay::Ledger*& ledger) {
  const Result<std::span<std::byte>> memory = reserve(sizeof(relay::Ledger), MAP_SHARED);
  if (memory.failed()) return memory.error();
  ledger = reinterpret_cast<relay::Ledger*>(memory.value().data());
  return {};
}

// The pointer arrays of execve(2), each with its null: nothing is allocated after the clone.
Status point_at_words(Launch& launch, std::span<const char* const> command) {
  const auto& execute = *launch.plan.find<plan::ProcessExecute>();
  const std::size_t arguments = command.empty() ? execute.arguments.size() : command.size();
  const std::size_t count = arguments + 1 + execute.environment.size() + 1;
  const Result<std::span<std::byte>> memory = reserve(count * sizeof(const char*), MAP_PRIVATE);
  if (memory.failed()) return memory.error();
  auto** const pointers = reinterpret_cast<const char**>(memory.value().data());
  for (std::size_t index = 0; index < arguments; ++index)
    pointers[index] = command.empty() ? execute.arguments[index].data : command[index];
  launch.arguments = pointers;
  launch.environment = pointers + arguments + 1;
  for (std::size_t index = 0; index < execute.environment.size(); ++index)
    pointers[arguments + 1 + index] = execute.environment[index].data;
  return {};
}

}  // namespace

Result<std::span<std::byte>> reserve(std::size_t size, int sharing) {
  return sys::map_pages(size, sharing);
}

Result<Decoded> decode_plan(plan::Bytes bytes, Launch& launch) {
  const Result<std::span<std::byte>> memory = reserve(plan::arena_bytes(bytes.size()), MAP_PRIVATE);
  if (memory.failed()) return memory.status().error();
  plan::Arena arena(memory.value());
  if (!plan::decode(bytes, arena, launch.plan)) return Decoded::no_plan;
  if (launch.plan.audit_arch != kAuditArch) return Decoded::other_arch;
  const auto* const execute = launch.plan.find<plan::ProcessExecute>();
  if (execute == nullptr || execute->arguments.empty()) return Decoded::runs_nothing;
  if (const auto* const write = launch.plan.find<plan::ReportWrite>())
    launch.report = static_cast<int>(write->descriptor);
  launch.sources = arena.make<MountFd>(launch.plan.steps.size());
  return launch.sources == nullptr ? Decoded::no_plan : Decoded::yes;
}

Status make_room(Launch& launch, std::span<const char* const> command) {
  const Status pointed = point_at_words(launch, command);
  if (pointed.failed()) return pointed;
  const Result<std::span<std::byte>> page = reserve(sizeof(Shared), MAP_SHARED);
  if (page.failed()) return page.status();
  launch.shared = new (page.value().data()) Shared;
  const Status timed = make_timings(launch);
  if (timed.failed()) return timed;
  note(launch, Mark::planned);
  if (launch.command >= 0) {
    const Result<std::span<std::byte>> words = reserve(sizeof(CommandWords), MAP_SHARED);
    if (words.failed()) return words.status();
    launch.told = reinterpret_cast<CommandWords*>(words.value().data());  // zeros: no words
    launch.arguments = launch.told->pointers;
  }
  if (launch.plan.find<plan::NetworkRelay>() != nullptr) {
    const Status made = make_ledger(launch.relayed);
    if (made.failed()) return made;
  }
  return launch.plan.find<plan::NetworkPublish>() == nullptr ? Status() : make_ledger(launch.published);
}

}  // namespace palisade
