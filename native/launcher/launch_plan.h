// From the bytes of a plan to a launch.
#pragma once

#include <span>

#include "launcher/launch.h"

namespace palisade {

// Pages that nobody touches cost nothing. `sharing` is MAP_SHARED or MAP_PRIVATE.
Result<std::span<std::byte>> reserve(std::size_t size, int sharing);

enum class Decoded { yes, no_plan, other_arch, runs_nothing };

// Decodes a plan that this machine can run. Fails where there is no memory for it.
Result<Decoded> decode_plan(plan::Bytes bytes, Launch& launch);

// Makes what all processes of a run share. `command` are the program's arguments; none: the plan's own, or those that
// `launch.command` will tell.
Status make_room(Launch& launch, std::span<const char* const> command);

}  // namespace palisade
