// The key that seals kept plans (decision 20): in the persistent keyring of the caller's user in the caller's user
// namespace (persistent-keyring(7)), whose keys no other process of that user can reach by number, as it could those of
// the user keyring: a sandbox, which is always in a user namespace of its own, has another keyring by that name.
#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"
#include "core/siphash.h"

namespace palisade::sys {

using PlanKey = std::span<std::uint8_t, kSipBytes>;

// ENOKEY: there is none, or none any more.
Status read_plan_key(PlanKey key);
// The same, after making one where there is none.
Status make_plan_key(PlanKey key);

}  // namespace palisade::sys
