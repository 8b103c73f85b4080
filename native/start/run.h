// Runs a plan that is not from the compiler's hands, in its place.
#pragma once

#include "launcher/launch.h"
#include "start/expectations.h"

namespace palisade {

// By which of the two functions of expectations.h a plan is compared.
using Compare = const char* (*)(const plan::Plan& plan, const Caller& caller);

struct Ran {
  const char* changed = nullptr;  // the first thing that is another now; nothing has run
  bool lacks_files = false;  // what the plan passes on is not open, or its Report cannot be opened; nothing has run
  int status = 0;            // else: the exit status of the command
};

// `caller.words.program` are the program's words; none: the plan's own. After a run that was none the caller's words,
// variables and descriptors are as they were.
[[nodiscard]] Ran run_kept(Launch& launch, Caller& caller, char** argv, Compare compare);

// The same for a plan that comes by a descriptor, of a caller who has passed on nothing that the plan does not.
[[nodiscard]] Ran run_made(Launch& launch, Caller& caller, char** argv);

}  // namespace palisade
