// Places of the connection table: which are free, which wait for their next turn, and how a connection leaves one.
#pragma once

#include <cstdint>

#include "relay/engine.h"

namespace palisade::relay {

[[nodiscard]] const plan::NetworkRelayEndpoints& endpoint_of(const Engine& engine, const Connection& connection);
void set_deadline(Engine& engine, Connection& connection, std::uint64_t after_ms);

// A free place, or kNoConnection; what is not used is given back.
std::uint32_t take_unused(Engine& engine);
void give_back_unused(Engine& engine, std::uint32_t index);
// Nothing is accepted until then.
void pause_accepting(Engine& engine, std::uint64_t until);
// Its turn goes on after the others'.
void queue(Engine& engine, std::uint32_t index);
// Ends a connection: in order if both streams have ended, else by a reset on both sides. Its place is free then.
void finish(Engine& engine, std::uint32_t index, End end, int error = 0);

}  // namespace palisade::relay
