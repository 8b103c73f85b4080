// Pipes that are ready for use: making one takes longer than moving a short message.
#pragma once

#include "core/result.h"
#include "sys/pipes.h"

namespace palisade::relay {

constexpr std::size_t kSparePipesMax = 32;

struct PipePool {
  sys::Pipe spare[kSparePipesMax];
  std::size_t count = 0;
};

// An empty pipe.
Result<sys::Pipe> take_pipe(PipePool& pool);
// Takes it back; it must be empty.
void give_back(PipePool& pool, sys::Pipe pipe);

}  // namespace palisade::relay
