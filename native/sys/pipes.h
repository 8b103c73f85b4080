// Pipes that bytes wait in between two sockets, without being copied.
#pragma once

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "core/result.h"

namespace palisade::sys {

struct Pipe {
  PipeFd read_end;
  PipeFd write_end;
  std::size_t capacity = 0;

  [[nodiscard]] bool is_open() const { return write_end.is_open(); }
};

Result<Pipe> make_pipe();
// As large as `bytes`, or as it was: a user may have only so much (pipe(7), pipe-user-pages-soft).
void try_to_enlarge(Pipe& pipe, std::size_t bytes);
// All of `bytes` into an empty pipe that has room for them.
Status fill(const Pipe& pipe, std::span<const std::uint8_t> bytes);
// Moves up to `size` bytes; the count, 0 at the end of the stream, kWouldWait (tcp.h) when it would have to wait.
Result<long> move_bytes(int from, int to, std::size_t size);

}  // namespace palisade::sys
