#include "sys/events.h"

#include "sys/raw.h"

namespace palisade::sys {
namespace {

Status control(const EventsFd& events, int operation, int fd, Trigger trigger, std::uint64_t id) {
  epoll_event event{};
  if (trigger == Trigger::edge) event.events = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET;
  if (trigger == Trigger::edges) event.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  if (trigger == Trigger::level) event.events = EPOLLIN;
  event.data.u64 = id;
  return raw("epoll_ctl", SYS_epoll_ctl, events.number(), operation, fd, &event).status();
}

}  // namespace

Result<EventsFd> open_events() {
  return to_fd<EventsFd>(raw("epoll_create1", SYS_epoll_create1, EPOLL_CLOEXEC));
}

Status watch(const EventsFd& events, int fd, Trigger trigger, std::uint64_t id) {
  return control(events, EPOLL_CTL_ADD, fd, trigger, id);
}

Status change_watch(const EventsFd& events, int fd, Trigger trigger, std::uint64_t id) {
  return control(events, EPOLL_CTL_MOD, fd, trigger, id);
}

Result<std::size_t> wait_for_events(const EventsFd& events, std::span<epoll_event> ready, int timeout_ms) {
  // Every arch has this one. No signal mask, whose size counts for nothing.
  const Result<long> count =
      raw("epoll_pwait", SYS_epoll_pwait, events.number(), ready.data(), ready.size(), timeout_ms, nullptr, 0);
  if (!count.failed()) return static_cast<std::size_t>(count.value());
  if (count.error().error == EINTR) return std::size_t{0};
  return count.error();
}

}  // namespace palisade::sys
