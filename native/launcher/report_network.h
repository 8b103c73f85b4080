// The Report's part on the network: what the relays have written down.
#pragma once

#include "launcher/json.h"
#include "launcher/launch.h"

namespace palisade {

// `,"network":{...}` if there was a relay. `ended_at` counts as the end of what was still open.
void write_network(Json& json, const Launch& launch, std::uint64_t ended_at);

}  // namespace palisade
