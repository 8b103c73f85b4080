// Memory from the kernel.
#pragma once

#include <cstddef>
#include <span>

#include "core/result.h"

namespace palisade::sys {

// Zeros, for as long as this process lives. `sharing` is MAP_SHARED or MAP_PRIVATE.
Result<std::span<std::byte>> map_pages(std::size_t size, int sharing);

}  // namespace palisade::sys
