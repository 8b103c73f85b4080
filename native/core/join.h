// One text of several.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>

namespace palisade {

// Cut to the room there is, with a NUL behind it. False: it was cut.
inline bool join(std::span<char> room, std::initializer_list<const char*> parts) {
  std::size_t used = 0;
  bool fits = !room.empty();
  for (const char* part : parts) {
    for (; fits && *part != '\0'; ++part) {
      fits = used + 1 < room.size();
      if (fits) room[used++] = *part;
    }
  }
  if (!room.empty()) room[used] = '\0';
  return fits;
}

}  // namespace palisade
