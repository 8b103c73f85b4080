// epoll(7). Edges: a socket is told of once, when it becomes ready, and is read and written until it is not.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "core/result.h"

namespace palisade::sys {

enum class Trigger : std::uint8_t {
  edge,    // for sockets that are read, and written as far as they take it
  edges,   // for those that have not taken all, or are being connected
  level,   // for what is read in turns
  silent,  // nothing is told until it is changed
};

Result<EventsFd> open_events();
// `id` comes back with each event.
Status watch(const EventsFd& events, int fd, Trigger trigger, std::uint64_t id);
Status change_watch(const EventsFd& events, int fd, Trigger trigger, std::uint64_t id);
// Fills `ready`; the count, 0 after `timeout_ms` (-1: never) or a signal.
Result<std::size_t> wait_for_events(const EventsFd& events, std::span<epoll_event> ready, int timeout_ms);

}  // namespace palisade::sys
