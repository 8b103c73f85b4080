#include "layers/sandboxee.h"
#include "sys/processes.h"

namespace palisade::resources {
namespace {

constexpr std::uint32_t kProcessorTime = 0;  // RLIMIT_CPU

}  // namespace

Status run(Sandboxee& /*self*/, const plan::ResourcesSetLimit& step) {
  // At the hard limit of processor time the kernel sends SIGKILL, which tells nobody why; a second before, SIGXCPU.
  const std::uint64_t hard = step.resource == kProcessorTime ? step.value + 1 : step.value;
  return sys::set_limit(step.resource, step.value, hard);
}

}  // namespace palisade::resources
