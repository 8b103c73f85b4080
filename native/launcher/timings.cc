#include "launcher/timings.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "core/decimal.h"
#include "core/join.h"
#include "launcher/launch.h"
#include "launcher/launch_plan.h"
#include "sys/processes.h"

namespace palisade {
namespace {

constexpr const char* kNames[kMarks] = {
    "plan read",         "init cloned",       "id maps written", "plan compared", "everything but the program",
    "program has ended", "everything removed"};

struct Event {
  std::uint64_t at = 0;
  const char* name = "";
};

// Visits what has happened in the order of time; what happened in one microsecond in the order of the plan.
template <class Visit>
void in_order(const Launch& launch, Visit&& visit) {
  const Timings& timings = *launch.timings;
  const std::size_t steps = launch.plan.steps.size();
  const auto event = [&](std::size_t index) {
    return index < kMarks ? Event{timings.marks[index], kNames[index]}
                          : Event{timings.steps[index - kMarks], launch.plan.steps[index - kMarks].op()};
  };
  std::uint64_t after = 0;
  for (;;) {
    std::uint64_t next = UINT64_MAX;
    for (std::size_t index = 0; index < kMarks + steps; ++index) {
      const std::uint64_t at = event(index).at;
      if (at > after && at < next) next = at;
    }
    if (next == UINT64_MAX) return;
    for (std::size_t index = 0; index < kMarks + steps; ++index) {
      if (event(index).at == next) visit(Event{next - timings.begun, event(index).name});
    }
    after = next;
  }
}

// The blanks that let a number end `width` places on; no more than there are here.
const char* before_digits(const Decimal& number, std::size_t width) {
  constexpr std::size_t kMost = 7;
  static constexpr char kBlanks[kMost + 1] = "       ";
  return kBlanks + kMost - width + std::min(std::strlen(number.text()), width);
}

}  // namespace

Status make_timings(Launch& launch) {
  if (launch.plan.find<plan::ReportTime>() == nullptr) return {};
  const std::size_t bytes = sizeof(Timings) + launch.plan.steps.size() * sizeof(std::uint64_t);
  const Result<std::span<std::byte>> memory = reserve(bytes, MAP_SHARED);
  if (memory.failed()) return memory.status();
  launch.timings = reinterpret_cast<Timings*>(memory.value().data());
  launch.timings->steps = reinterpret_cast<std::uint64_t*>(launch.timings + 1);
  launch.timings->begun = launch.begun.at;
  return {};
}

void note(const Launch& launch, Mark mark) {
  if (launch.timings != nullptr) launch.timings->marks[static_cast<std::size_t>(mark)] = sys::monotonic_microseconds();
}

void note_step(const Launch& launch, std::uint32_t index) {
  if (launch.timings != nullptr) launch.timings->steps[index] = sys::monotonic_microseconds();
}

void print_timings(const Launch& launch) {
  if (launch.timings == nullptr) return;
  std::uint64_t before = 0;
  in_order(launch, [&](const Event& event) {
    char line[160];
    const Decimal at(event.at);
    const Decimal since(event.at - before);
    join(line, {"sandbox-exec: timing: ", before_digits(at, 7), at.text(), " us ", before_digits(since, 6), "+",
                since.text(), "  ", event.name, "\n"});
    before = event.at;
    static_cast<void>(sys::write_all(2, line, std::strlen(line)).failed());  // nobody hears us
  });
}

void write_timings(Json& json, const Launch& launch) {
  if (launch.timings == nullptr) return;
  json.raw(",\"timings\":[");
  const char* between = "";
  in_order(launch, [&](const Event& event) {
    json.raw(between).raw("{\"us\":").number(event.at).raw(",\"what\":").text(event.name).raw("}");
    between = ",";
  });
  json.raw("]");
}

}  // namespace palisade
