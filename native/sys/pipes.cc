#include "sys/pipes.h"

#include <fcntl.h>

#include "sys/raw.h"
#include "sys/tcp.h"

namespace palisade::sys {

Result<Pipe> make_pipe() {
  int ends[2];
  const Status made = raw("pipe2", SYS_pipe2, ends, O_CLOEXEC | O_NONBLOCK).status();
  if (made.failed()) return made.error();
  Pipe pipe;
  pipe.read_end = PipeFd(ends[0]);
  pipe.write_end = PipeFd(ends[1]);
  const Result<long> capacity = raw("F_GETPIPE_SZ", SYS_fcntl, ends[1], F_GETPIPE_SZ);
  if (capacity.failed()) return capacity.error();
  pipe.capacity = static_cast<std::size_t>(capacity.value());
  return pipe;
}

void try_to_enlarge(Pipe& pipe, std::size_t bytes) {
  const Result<long> capacity = raw("F_SETPIPE_SZ", SYS_fcntl, pipe.write_end.number(), F_SETPIPE_SZ, bytes);
  if (!capacity.failed()) pipe.capacity = static_cast<std::size_t>(capacity.value());
}

Status fill(const Pipe& pipe, std::span<const std::uint8_t> bytes) {
  const Result<long> count = raw("write", SYS_write, pipe.write_end.number(), bytes.data(), bytes.size());
  if (count.failed()) return count.error();
  if (static_cast<std::size_t>(count.value()) != bytes.size()) return SysError{"write", ENOSPC};
  return {};
}

Result<long> move_bytes(int from, int to, std::size_t size) {
  const Result<long> moved =
      raw("splice", SYS_splice, from, nullptr, to, nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  const int error = moved.error().error;
  return error == EAGAIN || error == EINTR ? Result<long>(kWouldWait) : moved;
}

}  // namespace palisade::sys
