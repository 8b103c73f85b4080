// What a thread that has loaded the addon holds. A worker thread can be ended at any moment (worker.terminate()): no
// JavaScript of it runs then, and Node neither closes a bare descriptor nor waits for a child any more.
#pragma once

#include <napi.h>

#include <vector>

#include "addon/descriptor.h"

namespace palisade {

/// Instance data of the addon: gone when the thread's environment is.
class Belongings {
 public:
  Belongings() = default;
  Belongings(const Belongings&) = delete;
  Belongings& operator=(const Belongings&) = delete;
  Belongings(Belongings&&) = delete;
  Belongings& operator=(Belongings&&) = delete;
  /// Closes what is held, and has a thread of its own wait for the launchers that this one has started.
  ~Belongings();

  [[nodiscard]] static Belongings& of(Napi::Env env) { return *env.GetInstanceData<Belongings>(); }
  /// The number, for JavaScript.
  [[nodiscard]] int hold(Descriptor descriptor);
  /// No longer held: closed, unless whoever asked keeps the result.
  Descriptor take(int number);

 private:
  std::vector<Descriptor> held_;
};

}  // namespace palisade
