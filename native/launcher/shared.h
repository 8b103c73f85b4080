// One page that supervisor, init, relay and sandboxee share: how a failure or a kill is told without a system call
// that a filter might refuse.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/result.h"

namespace palisade {

constexpr std::uint32_t kNoItem = UINT32_MAX;

struct Failure {
  std::uint32_t step = 0;
  SysError error;
  std::uint32_t item = kNoItem;  // of the step's list, where one has failed
};

// The call that the filter killed a process for.
struct Kill {
  std::uint32_t audit_arch = 0;
  std::uint32_t number = 0;
};

struct Shared {
  // 0 none, 1 being written, 2 written: the first failure stands.
  std::atomic<std::uint32_t> state{0};
  Failure failure;
  // Written by the sandboxee: all its steps but execve are done. Without it, its end is no program's.
  std::atomic<bool> ready{false};
  // Written by init alone, read by the supervisor once init has ended: the first one.
  bool killed = false;
  Kill kill;

  void fail(std::uint32_t step, SysError error, std::uint32_t item = kNoItem) {
    std::uint32_t none = 0;
    if (!state.compare_exchange_strong(none, 1)) return;
    failure = {step, error, item};
    state.store(2);
  }
  [[nodiscard]] const Failure* failed() const { return state.load() == 2 ? &failure : nullptr; }
};

}  // namespace palisade
