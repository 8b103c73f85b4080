// Whether all that a kept plan was made from is still so.
#pragma once

#include "plan/plan.h"
#include "start/words.h"

namespace palisade {

struct Caller {
  Words words;
  const char* directory = "";
  const char* root = "";  // of the package that this program is of
  const char* plan = "";  // the file of the compiled plan that was named, absolute
  char** environment = nullptr;
};

// The first thing that is another now than it was for a kept plan, for whoever wants to know; null: none is.
[[nodiscard]] const char* changed_since(const plan::Plan& plan, const Caller& caller);
// The same for a compiled one.
[[nodiscard]] const char* changed_since_compiled(const plan::Plan& plan, const Caller& caller);

// The same for one that the caller, a library, has made itself, and compares the variables of.
[[nodiscard]] const char* changed_since_made(const plan::Plan& plan, const Caller& caller);

// The value of a variable; null: there is none of that name.
[[nodiscard]] const char* variable(char** environment, const char* name);

}  // namespace palisade
