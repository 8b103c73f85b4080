// The supervisor between the program and the service manager: it takes what the program tells, one message at a time,
// and passes on what a service may say, as the process that the manager has started.
#pragma once

#include <cstdint>

#include "core/fd.h"
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
  // One message is in between: until init has found a process, or until the manager has room.
  bool asks_init = false;
  bool waits_for_room = false;
  NoticeCounts counts;
};

// Connects to the manager, if the plan has one; false: told.
bool open_notices(const Launch& launch, Notices& notices);
// Of the message about the sandboxee's socket.
void take_program_socket(Notices& notices, const sys::Message& message);
// Takes a message of the program. The result is the process that init is to find, by its number inside; 0: none.
std::uint64_t take_notice(Notices& notices);
// `message` brings the process that init has found, or none; `is_program`: it is the one that this process stands for.
void use_found_process(Notices& notices, const sys::Message& message, bool is_program);
// The manager may have room now.
void send_waiting(Notices& notices);
// Everything inside has ended: passes on what is left.
void finish_notices(Notices& notices);

}  // namespace palisade
