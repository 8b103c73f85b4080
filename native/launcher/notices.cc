#include "launcher/notices.h"

#include <poll.h>

#include <cerrno>

#include "launcher/notice.h"
#include "sys/processes.h"

namespace palisade {
namespace {

// More than one socket holds, everywhere (net.unix.max_dgram_qlen).
constexpr int kLastNoticesMax = 4096;

// The one in between. Touched only where there is a manager.
Notice notice;
int descriptors[sys::kDescriptorsMax];
std::size_t descriptor_count = 0;
// Whom MAINPID= names, until it is told: its number is not another's before.
ProcessFd main_process;
std::size_t size_without_it = 0;

bool is_readable(int number) {
  pollfd wait{number, POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

void discard(Notices& notices) {
  main_process.reset();
  const Status handed = hand_over(notices.closer, descriptors, descriptor_count);
  notices.waits_for_closer = handed.failed() && handed.error().error == EAGAIN;
  if (notices.waits_for_closer) return;
  // What is left stays open: closing it here could wait for ever.
  if (handed.failed()) notices.is_deaf = true;
  descriptor_count = 0;
}

void send(Notices& notices) {
  if (main_process.is_open() && is_readable(main_process.number())) {
    ++notices.counts.refused;
    notice.size = size_without_it;
    main_process.reset();
  }
  if (notice.size == 0) {
    notices.waits_for_room = false;
    return discard(notices);
  }
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(notice.text), notice.size);
  const std::size_t attached = notice.takes_descriptors ? descriptor_count : 0;
  const Status sent = sys::send_now(notices.manager, bytes, {descriptors, attached});
  notices.waits_for_room = sent.failed() && sent.error().error == EAGAIN;
  if (notices.waits_for_room) return;
  ++(sent.failed() ? notices.counts.lost : notices.counts.passed);
  discard(notices);
}

void settle(Notices& notices) {
  notices.counts.refused += notice.refused;
  send(notices);
}

}  // namespace

bool open_notices(const Launch& launch, Notices& notices) {
  const auto* const step = launch.plan.find<plan::ServicePassNotices>();
  if (step == nullptr) return true;
  const auto fail = [&](SysError error) {
    launch.shared->fail(launch.plan.index_of<plan::ServicePassNotices>(), error);
    return false;
  };
  Result<SocketFd> manager = sys::connect_unix_datagrams(step->manager.data);
  if (manager.failed()) return fail(manager.error());
  notices.manager = std::move(manager.value());
  const Status started = start_closer(notices.closer);
  return started.failed() ? fail(started.error()) : true;
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
    discard(notices);
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
  ProcessFd process(message.descriptor_count == 1 ? message.descriptors[0] : -1);
  if (!notices.asks_init) return;
  notices.asks_init = false;
  std::uint64_t pid = is_program ? static_cast<std::uint64_t>(sys::own_process()) : 0;
  if (process.is_open()) {
    const Result<sys::Pid> found = sys::number_of(process);
    if (!found.failed()) pid = static_cast<std::uint64_t>(found.value());
  }
  size_without_it = notice.size;
  if (pid == 0 || !add_main_pid(notice, pid)) {
    ++notice.refused;
  } else {
    main_process = std::move(process);
  }
  settle(notices);
}

void continue_notices(Notices& notices) {
  if (notices.waits_for_room) return send(notices);
  if (notices.waits_for_closer) discard(notices);
}

bool take_last_notices(Notices& notices) {
  // Nobody is left whom MAINPID= could name.
  if (notices.asks_init) use_found_process(notices, {}, false);
  continue_notices(notices);
  for (int count = 0; count < kLastNoticesMax && notices.listens() && is_readable(notices.program.number()); ++count) {
    if (take_notice(notices) != 0) use_found_process(notices, {}, false);
  }
  return notices.waits_for_room || notices.waits_for_closer;
}

void end_notices(Notices& notices) {
  if (notices.waits_for_room) ++notices.counts.lost;
  // What the program has sent and nobody has read goes with the process that ends last, which waits for nothing then.
  notices.program.keep_open();
  end_closer(notices.closer);
}

}  // namespace palisade
