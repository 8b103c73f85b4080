// A decoded plan: typed steps in running order, validated before anything is made.
#pragma once

#include <span>
#include <type_traits>

#include "plan/plan.gen.h"

namespace palisade::plan {

// Where a failure belongs that no step of the plan caused.
inline constexpr std::uint32_t kNoStep = UINT32_MAX;

struct Step {
  std::uint16_t opcode = 0;
  Text origin;
  AnyStep body;

  [[nodiscard]] Role role() const { return kRoles[opcode]; }
  [[nodiscard]] const char* op() const { return kOps[opcode]; }
};

struct Plan {
  std::uint32_t audit_arch = 0;
  std::span<const Step> steps;

  // The first step of a kind, or nullptr.
  template <class T>
  [[nodiscard]] const T* find() const {
    for (const Step& step : steps) {
      if (const T* const body = std::get_if<T>(&step.body)) return body;
    }
    return nullptr;
  }
  // Its index, or kNoStep.
  template <class T>
  [[nodiscard]] std::uint32_t index_of() const {
    for (std::uint32_t index = 0; index < steps.size(); ++index) {
      if (std::holds_alternative<T>(steps[index].body)) return index;
    }
    return kNoStep;
  }
};

// Arena bytes that are enough for every plan of `bytes` length: no list item grows more than this on decoding.
constexpr std::size_t arena_bytes(std::size_t bytes) {
  return bytes * 16 + 4096;
}

// False for anything that the encoder would not have written, and for steps that no launcher could perform.
[[nodiscard]] bool decode(Bytes bytes, Arena& arena, Plan& plan);

}  // namespace palisade::plan
