// Files of the kernel's with a line for each thing.
#pragma once

#include <cstring>

namespace palisade {

// What stands behind `key` at the start of a line of `text`; nullptr if no line has it.
inline const char* value_of(const char* text, const char* key) {
  const std::size_t length = std::strlen(key);
  for (const char* line = text; line != nullptr; line = std::strchr(line, '\n')) {
    if (*line == '\n') ++line;
    if (std::strncmp(line, key, length) == 0) return line + length;
  }
  return nullptr;
}

}  // namespace palisade
