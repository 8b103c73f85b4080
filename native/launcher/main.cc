// palisade-launcher PLAN_FD: runs the plan that a descriptor holds. Started by the compiler with an empty environment.
#include <linux/audit.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "launcher/launch.h"
#include "launcher/message.h"
#include "sys/files.h"

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

Result<std::span<std::byte>> reserve(std::size_t size, int sharing) {
  // Pages that nobody touches cost nothing.
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return SysError{"mmap", errno};
  return std::span(static_cast<std::byte*>(memory), size);
}

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

bool prepare(Launch& launch, plan::Arena& arena) {
  const auto* const execute = launch.plan.find<plan::ProcessExecute>();
  if (execute == nullptr || execute->arguments.empty()) return false;
  launch.sources = arena.make<MountFd>(launch.plan.steps.size());
  launch.arguments = arena.make<const char*>(execute->arguments.size() + 1);
  launch.environment = arena.make<const char*>(execute->environment.size() + 1);
  return launch.sources != nullptr && launch.arguments != nullptr && launch.environment != nullptr;
}

// Pages that nobody writes to cost nothing.
Status make_ledgers(Launch& launch) {
  const auto make = [](relay::Ledger*& ledger) -> Status {
    const Result<std::span<std::byte>> memory = reserve(sizeof(relay::Ledger), MAP_SHARED);
    if (memory.failed()) return memory.error();
    ledger = reinterpret_cast<relay::Ledger*>(memory.value().data());
    return {};
  };
  if (launch.plan.find<plan::NetworkRelay>() != nullptr) {
    const Status made = make(launch.relayed);
    if (made.failed()) return made;
  }
  return launch.plan.find<plan::NetworkPublish>() == nullptr ? Status() : make(launch.published);
}

int launch_plan(int plan_fd) {
  const Result<std::span<std::byte>> memory = reserve(plan::kPlanBytesMax + 1, MAP_PRIVATE);
  if (memory.failed()) return cannot_start(memory.status().error());
  const Result<std::span<std::byte>> page = reserve(sizeof(Shared), MAP_SHARED);
  if (page.failed()) return cannot_start(page.status().error());
  const std::span<std::uint8_t> buffer(reinterpret_cast<std::uint8_t*>(memory.value().data()), memory.value().size());
  // Read once into private memory: whoever holds the descriptor cannot change the plan after it was checked.
  Result<std::size_t> size = sys::read_all(plan_fd, buffer);
  if (size.failed()) return say("cannot read the plan: read", size.error().error, kFailed);
  static_cast<void>(::close(plan_fd));
  const Result<std::span<std::byte>> arena_memory = reserve(plan::arena_bytes(size.value()), MAP_PRIVATE);
  if (arena_memory.failed()) return cannot_start(arena_memory.status().error());
  plan::Arena arena(arena_memory.value());
  Launch launch;
  if (!plan::decode(buffer.first(size.value()), arena, launch.plan)) return say("not a plan of this version", kFailed);
  if (launch.plan.audit_arch != kAuditArch) return say("this plan was made for another architecture", kFailed);
  if (!prepare(launch, arena)) return say("this plan runs nothing", kFailed);
  launch.shared = new (page.value().data()) Shared;
  const Status ledgers = make_ledgers(launch);
  if (ledgers.failed()) return cannot_start(ledgers.error());
  return supervise(launch);
}

}  // namespace
}  // namespace palisade

int main(int argc, char** argv) {
  int plan_fd = -1;
  if (argc != 2 || !palisade::parse_number(argv[1], plan_fd)) {
    return palisade::say("usage: palisade-launcher PLAN_FD (started by sandbox-exec)", palisade::kFailed);
  }
  if (!palisade::has_standard_descriptors()) {
    return palisade::say("descriptors 0, 1 and 2 must be open: redirect what you do not want to /dev/null",
                         palisade::kFailed);
  }
  return palisade::launch_plan(plan_fd);
}
