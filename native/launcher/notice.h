// What a service may tell its service manager (sd_notify(3)): a message of lines, NAME=VALUE each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace palisade {

// What the manager reads of one; a longer one it ignores.
constexpr std::size_t kNoticeBytesMax = 4096;

struct Notice {
  char text[kNoticeBytesMax] = {};
  std::size_t size = 0;        // 0: nothing is to be passed on
  std::uint32_t refused = 0;   // lines
  std::uint64_t main_pid = 0;  // that MAINPID= names, by its number inside, and is not in `text` yet; 0: none
  bool takes_descriptors = false;
};

// Fills `notice` with the lines of `message` that a service may say. Those that would change who else may speak for it,
// or that nobody knows, are refused.
void check_notice(std::span<const char> message, Notice& notice);
// The line for a process by its number outside. False when the message has no room for it.
bool add_main_pid(Notice& notice, std::uint64_t pid);

}  // namespace palisade
