// The command of a sandbox that stands ready: told once everything is made, by whoever made the plan.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/result.h"
#include "launcher/launch.h"

namespace palisade {

// What comes through the descriptor: a CommandHead, then `bytes` of words, each with a NUL behind it.
struct CommandHead {
  std::uint32_t bytes = 0;
  std::uint32_t wall_ms = 0;   // in place of the plan's; 0: the plan's
  std::uint32_t grace_ms = 0;  // with `wall_ms`: from SIGTERM to the end
};
static_assert(sizeof(CommandHead) == 12);

// As execve(2) takes them: the sandboxee, which shares these pages, waits in front of it.
struct CommandWords {
  // Pages that nobody touches cost nothing.
  static constexpr std::size_t kBytesMax = 1024 * 1024;
  static constexpr std::size_t kWordsMax = 32768;
  const char* pointers[kWordsMax + 1] = {};
  char text[kBytesMax] = {};
};

enum class Told : std::uint8_t { command, nothing };

// Reads it all; `nothing`: the caller has closed its end, and wants none any more.
Result<Told> read_command(int fd, CommandHead& head, CommandWords& words);

}  // namespace palisade
