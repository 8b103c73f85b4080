// A plan that was made earlier may not be for this moment. To find out takes a while, in which init builds already: the
// program starts only once it is known.
#pragma once

#include "core/result.h"

namespace palisade {

class Doubt {
 public:
  // By the supervisor: the first thing that is another now than when the plan was made; null: none is.
  [[nodiscard]] virtual const char* changed() = 0;
  // By init, and by the supervisor once it knows: what this process has in memory of the caller's is wiped. Until then
  // the supervisor may have to start the compiler with it.
  virtual void forget() = 0;

 protected:
  ~Doubt() = default;
};

}  // namespace palisade
