#include "launcher/closer.h"

#include "launcher/launch.h"
#include "sys/files.h"

namespace palisade {
namespace {

Status confine(const SocketFd& supervisor) {
  int kept[] = {supervisor.number()};
  const Status alone = sys::close_all_but(kept);
  if (alone.failed()) return alone;
  const Status hidden = sys::forbid_dumps();
  if (hidden.failed()) return hidden;
  const Status frozen = sys::no_new_privileges();
  if (frozen.failed()) return frozen;
  const Status powerless = sys::drop_held_capabilities();
  return powerless.failed() ? powerless : sys::die_with_parent();
}

// A message with descriptors, and then one without: they are closed elsewhere.
[[noreturn]] void close_all(const SocketFd& supervisor) {
  sys::Message held;
  for (;;) {
    std::uint8_t byte = 0;
    const Result<sys::Message> message = sys::receive_message(supervisor, {&byte, 1});
    if (message.failed() || message.value().size == 0) sys::exit_now(message.failed() ? kFailed : 0);
    for (std::size_t index = 0; index < held.descriptor_count; ++index) sys::close_descriptor(held.descriptors[index]);
    held = message.value();
  }
}

}  // namespace

Status start_closer(Closer& closer) {
  Result<sys::SocketPair> pair = sys::make_socket_pair();
  if (pair.failed()) return pair.status();
  const Result<sys::Pid> pid = sys::fork_process();
  if (pid.failed()) return pid.status();
  if (pid.value() == sys::Pid(0)) {
    const SocketFd& supervisor = pair.value().second;
    const std::uint8_t ready = 1;
    if (confine(supervisor).failed() || sys::send_message(supervisor, {&ready, 1}, {}).failed()) sys::exit_now(kFailed);
    close_all(supervisor);
  }
  closer.pid = pid.value();
  pair.value().second.reset();  // or its end would never be seen to close
  closer.socket = std::move(pair.value().first);
  std::uint8_t ready = 0;
  const Result<sys::Message> answer = sys::receive_message(closer.socket, {&ready, 1});
  if (answer.failed()) return answer.status();
  return answer.value().size == 1 ? Status() : SysError{"closer ended", ECONNABORTED};
}

Status hand_over(Closer& closer, const int* descriptors, std::size_t& count) {
  const std::uint8_t byte = 0;
  if (count > 0) {
    const Status sent = sys::send_now(closer.socket, {&byte, 1}, {descriptors, count});
    if (sent.failed()) return sent;
    for (std::size_t index = 0; index < count; ++index) sys::close_descriptor(descriptors[index]);
    count = 0;
    closer.owes_word = true;
  }
  if (!closer.owes_word) return {};
  const Status told = sys::send_now(closer.socket, {&byte, 1}, {});
  closer.owes_word = told.failed();
  return told;
}

void end_closer(Closer& closer) {
  sys::end_process(closer.pid);
  closer.pid = {};
  closer.socket.reset();
}

}  // namespace palisade
