// From a connection's name to a connected endpoint (RFC 8305): its addresses are looked up, judged and tried in turn.
#pragma once

#include <cstdint>

#include "relay/engine.h"

namespace palisade::relay {

// Begins; `name` is that of the ClientHello, or the endpoint's own. An endpoint without a name has its address.
void find_address(Engine& engine, std::uint32_t index, const char* name);
// The addresses of its name are known.
void use_answer(Engine& engine, std::uint32_t index);
// Dials the next addresses as far as they may be tried side by side.
void start_racers(Engine& engine, std::uint32_t index);
// What events of the socket in that place are about.
[[nodiscard]] std::uint64_t outside_id(const Connection& connection, std::uint32_t index, std::uint8_t racer);

}  // namespace palisade::relay
