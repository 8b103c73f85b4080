// The supervisor between the program and the service manager: it takes what the program tells, one message at a time,
// and passes on what a service may say, as the process that the manager has started.
#pragma once

#include <cstdint>

#include "core/fd.h"
#include "launcher/closer.h"
#include "launcher/launch.h"
#include "sys/sockets.h"

namespace palisade {

// Counted for the Report.
struct NoticeCounts {
  std::uint64_t passed = 0;   // messages
  std::uint64_t refused = 0;  // lines, and messages that are too long
  std::uint64_t lost = 0;     // messages that the manager did not take
};

struct Notices {
  SocketFd manager;  // connected
  SocketFd program;  // where it tells, once the sandboxee has made it
  Closer closer;
  // One message is in between: until init has found a process, until the manager has room, and until its descriptors
  // are where they are closed.
  bool asks_init = false;
  bool waits_for_room = false;
  bool waits_for_closer = false;
  bool is_deaf = false;  // what it is told would be kept for ever
  NoticeCounts counts;

  [[nodiscard]] bool listens() const {
    return program.is_open() && !asks_init && !waits_for_room && !waits_for_closer && !is_deaf;
  }
};

// Connects to the manager, if the plan has one; false: told.
bool open_notices(const Launch& launch, Notices& notices);
// Of the message about the sandboxee's socket.
void take_program_socket(Notices& notices, const sys::Message& message);
// Takes a message of the program. The result is the process that init is to find, by its number inside; 0: none.
std::uint64_t take_notice(Notices& notices);
// `message` brings the process that init has found, or none; `is_program`: it is the one that this process stands for.
void use_found_process(Notices& notices, const sys::Message& message, bool is_program);
// The manager, or the closer, may have room now.
void continue_notices(Notices& notices);
// Everything inside has ended: passes on what the program has told. True when some of it waits for room.
bool take_last_notices(Notices& notices);
// Nobody is told anything any more.
void end_notices(Notices& notices);

}  // namespace palisade
