// The supervisor's part in `via: route`: rules first, then a link that nothing passes without them, and who takes both
// away again.
#pragma once

#include "core/fd.h"
#include "launcher/guard.h"
#include "launcher/launch.h"
#include "launcher/nft.h"

namespace palisade {

struct Route {
  Nft nft;
  RunName name;
  char link[16] = {};  // IFNAMSIZ
  bool linked = false;
  NetlinkFd host;
  Guard guard;
};

// Without a step for it, or when all is well: true. When a step has failed, which is told then: false.
// Loads the rules, before anything is made.
bool prepare_route(const Launch& launch, Route& route);
// Makes the link to the net namespace of `init`. `number` is the link's, unique on this host.
bool open_route(const Launch& launch, Route& route, sys::Pid init, std::int32_t& number);
// After init has ended.
void close_route(const Launch& launch, Route& route);

}  // namespace palisade
