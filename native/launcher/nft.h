// nft(8) as a child that stays: the kernel removes a table with an owner when the process that made it ends.
#pragma once

#include <span>

#include "core/fd.h"
#include "core/result.h"
#include "sys/processes.h"

namespace palisade {

// What stands for `%` in the texts of a plan.
struct RunName {
  char text[11] = {};
};

// Ends when every copy of `commands` is closed, and its table with it.
struct Nft {
  SocketFd commands;  // its standard input, output and error
  sys::Pid pid{};
};

Result<RunName> make_run_name();
// Writes `text` with `name` for each `%`; ENAMETOOLONG if it does not fit.
Status write_named(std::span<char> buffer, const char* text, const RunName& name);

Status start_nft(const char* path, Nft& nft);
// One line of input.
Status tell(const Nft& nft, const char* line, const RunName& name);
// Waits for the answer to a `list` command. What does not begin with `expected` is a failure, and is printed.
Status expect(const Nft& nft, const char* expected);

}  // namespace palisade
