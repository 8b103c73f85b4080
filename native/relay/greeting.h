// What an endpoint with `tls: required` demands of the first bytes.
#pragma once

#include <cstdint>

#include "relay/engine.h"

namespace palisade::relay {

// Looks at the first bytes and leaves them where they are: what is let through is relayed like any other byte.
void judge_hello(Engine& engine, std::uint32_t index);

}  // namespace palisade::relay
