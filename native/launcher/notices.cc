#include "launcher/notices.h"

#include <poll.h>

#include <cerrno>

#include "launcher/notice.h"
#include "sys/processes.h"

namespace palisade {
namespace {

// As many as one socket holds at the most (net.unix.max_dgram_qlen is far less everywhere).
constexpr int kLastNoticesMax = 4096;
// As long as the relays have (last_bytes.cc).
constexpr int kLastNoticesMs = 5000;

// The one in between. Touched only where there is a manager.
Notice notice;
int descriptors[sys::kDescriptorsMax];
std::size_t descriptor_count = 0;

void close_descriptors() {
  for (std::size_t index = 0; index < descriptor_count; ++index) sys::close_descriptor(descriptors[index]);
  descriptor_count = 0;
}

void send(Notices& notices) {
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(notice.text), notice.size);
  const std::size_t attached = notice.takes_descriptors ? descriptor_count : 0;
  const Status sent = sys::send_now(notices.manager, bytes, {descriptors, attached});
  notices.waits_for_room = sent.failed() && sent.error().error == EAGAIN;
  if (notices.waits_for_room) return;
  ++(sent.failed() ? notices.counts.lost : notices.counts.passed);
  close_descriptors();
}

void settle(Notices& notices) {
  notices.counts.refused += notice.refused;
  if (notice.size > 0) return send(notices);
  close_descriptors();
}

}  // namespace

bool open_notices(const Launch& launch, Notices& notices) {
  const auto* const step = launch.plan.find<plan::ServicePassNotices>();
  if (step == nullptr) return true;
  Result<SocketFd> manager = sys::connect_unix_datagrams(step->manager.data);
  if (manager.failed()) {
    launch.shared->fail(launch.plan.index_of<plan::ServicePassNotices>(), manager.error());
    return false;
  }
  notices.manager = std::move(manager.value());
  return true;
}

void take_program_socket(Notices& notices, const sys::Message& message) {
  if (message.descriptor_count == 1) notices.program = SocketFd(message.descriptors[0]);
}

std::uint64_t take_notice(Notices& notices) {
  char text[kNoticeBytesMax];
  Result<sys::Message> message =
      sys::receive_now(notices.program, {reinterpret_cast<std::uint8_t*>(text), sizeof text});
  if (message.failed()) return 0;  // nothing is there
  descriptor_count = message.value().descriptor_count;
  for (std::size_t index = 0; index < descriptor_count; ++index)
    descriptors[index] = message.value().descriptors[index];
  if (message.value().is_cut) {
    ++notices.counts.refused;
    close_descriptors();
    return 0;
  }
  check_notice({text, message.value().size}, notice);
  if (notice.main_pid == 0) {
    settle(notices);
    return 0;
  }
  notices.asks_init = true;
  return notice.main_pid;
}

void use_found_process(Notices& notices, const sys::Message& message, bool is_program) {
  const ProcessFd process(message.descriptor_count == 1 ? message.descriptors[0] : -1);
  if (!notices.asks_init) return;
  notices.asks_init = false;
  std::uint64_t pid = is_program ? static_cast<std::uint64_t>(sys::own_process()) : 0;
  if (process.is_open()) {
    const Result<sys::Pid> found = sys::number_of(process);
    if (!found.failed()) pid = static_cast<std::uint64_t>(found.value());
  }
  if (pid == 0 || !add_main_pid(notice, pid)) ++notice.refused;
  settle(notices);
}

void send_waiting(Notices& notices) {
  if (notices.waits_for_room) send(notices);
}

void finish_notices(Notices& notices) {
  if (!notices.program.is_open()) return;
  const std::uint64_t until = sys::monotonic_milliseconds() + kLastNoticesMs;
  // Nobody is left whom MAINPID= could name.
  if (notices.asks_init) use_found_process(notices, {}, false);
  for (int count = 0; count < kLastNoticesMax; ++count) {
    while (notices.waits_for_room) {
      const std::uint64_t now = sys::monotonic_milliseconds();
      pollfd wait{notices.manager.number(), POLLOUT, 0};
      if (now >= until || (::poll(&wait, 1, static_cast<int>(until - now)) <= 0 && errno != EINTR)) {
        ++notices.counts.lost;
        return;
      }
      send_waiting(notices);
    }
    pollfd more{notices.program.number(), POLLIN, 0};
    if (::poll(&more, 1, 0) <= 0) return;
    if (take_notice(notices) != 0) use_found_process(notices, {}, false);
  }
}

}  // namespace palisade
