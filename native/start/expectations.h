// Whether all that a kept plan was made from is still so.
#pragma once

#include "plan/plan.h"
#include "start/words.h"

namespace palisade {

struct Caller {
  Words words;
  const char* directory = "";
  const char* root = "";  // of the package that this program is of
  char** environment = nullptr;
};

// The first thing that is another now, for whoever wants to know; null: none is.
[[nodiscard]] const char* changed_since(const plan::Plan& plan, const Caller& caller);

// The value of a variable; null: there is none of that name.
[[nodiscard]] const char* variable(char** environment, const char* name);

}  // namespace palisade
