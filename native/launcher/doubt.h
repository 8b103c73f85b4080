// A plan that was made earlier may not be for this moment. To find out takes a while, in which init builds already: the
// program starts only once it is known.
#pragma once

namespace palisade {

// Two functions, each given the doubt itself: a class with virtual ones would need the C++ library.
struct Doubt {
  // By the supervisor: the first thing that is another now than when the plan was made; null: none is.
  const char* (*changed)(const Doubt& doubt);
  // By init, and by the supervisor once it knows: what this process has in memory of the caller's is wiped. Until then
  // the supervisor may have to start the compiler with it.
  void (*forget)(const Doubt& doubt);
};

}  // namespace palisade
