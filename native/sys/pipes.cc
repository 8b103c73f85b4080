#include "sys/pipes.h"

#include <fcntl.h>

#include "sys/raw.h"
#include "sys/tcp.h"

namespace palisade::sys {

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return SysError{"pipe2", errno};
  Pipe pipe;
  pipe.read_end = PipeFd(ends[0]);
  pipe.write_end = PipeFd(ends[1]);
  const int capacity = ::fcntl(ends[1], F_GETPIPE_SZ);
  if (capacity < 0) return SysError{"F_GETPIPE_SZ", errno};
  pipe.capacity = static_cast<std::size_t>(capacity);
  return pipe;
}

void try_to_enlarge(Pipe& pipe, std::size_t bytes) {
  const int capacity = ::fcntl(pipe.write_end.number(), F_SETPIPE_SZ, static_cast<int>(bytes));
  if (capacity > 0) pipe.capacity = static_cast<std::size_t>(capacity);
}

Status fill(const Pipe& pipe, std::span<const std::uint8_t> bytes) {
  const ssize_t count = ::write(pipe.write_end.number(), bytes.data(), bytes.size());
  if (count < 0) return SysError{"write", errno};
  if (static_cast<std::size_t>(count) != bytes.size()) return SysError{"write", ENOSPC};
  return {};
}

Result<long> move_bytes(int from, int to, std::size_t size) {
  const ssize_t moved = ::splice(from, nullptr, to, nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (moved >= 0) return static_cast<long>(moved);
  if (errno == EAGAIN || errno == EINTR) return kWouldWait;
  return SysError{"splice", errno};
}

}  // namespace palisade::sys
