// When each step was done, for whoever asks where a start's time goes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/result.h"
#include "launcher/json.h"

namespace palisade {

struct Launch;

// What takes time beside the steps.
enum class Mark : std::uint8_t { planned, cloned, mapped, compared, built, ended, cleared };
inline constexpr std::size_t kMarks = 7;

// In pages that all our processes share, in microseconds of the monotonic clock; 0: it has not happened.
struct Timings {
  std::uint64_t begun = 0;
  std::uint64_t marks[kMarks] = {};
  std::uint64_t* steps = nullptr;  // by step index
};

// Nothing where nobody asks.
void note(const Launch& launch, Mark mark);
void note_step(const Launch& launch, std::uint32_t index);

// Memory for them, if the plan asks.
Status make_timings(Launch& launch);
// On standard error: a line for each, in their order.
void print_timings(const Launch& launch);
// The member `timings` of the Report.
void write_timings(Json& json, const Launch& launch);

}  // namespace palisade
