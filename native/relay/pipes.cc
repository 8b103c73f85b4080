#include "relay/pipes.h"

namespace palisade::relay {

Result<sys::Pipe> take_pipe(PipePool& pool) {
  if (pool.count == 0) return sys::make_pipe();
  return std::move(pool.spare[--pool.count]);
}

void give_back(PipePool& pool, sys::Pipe pipe) {
  if (pool.count < kSparePipesMax) pool.spare[pool.count++] = std::move(pipe);
}

}  // namespace palisade::relay
