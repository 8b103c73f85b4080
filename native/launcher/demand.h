// How a process of ours inside gives up: the shared page says why.
#pragma once

#include "launcher/launch.h"
#include "sys/processes.h"

namespace palisade {

[[noreturn]] inline void give_up(const Launch& launch, std::uint32_t step, SysError error) {
  launch.shared->fail(step, error);
  sys::exit_now(kFailed);
}

// What a process does beside its steps belongs to the step `T` that needs it.
template <class T>
void demand(const Launch& launch, const Status& status) {
  if (status.failed()) give_up(launch, launch.plan.index_of<T>(), status.error());
}

}  // namespace palisade
