#pragma once

namespace palisade::fuzz {

// The vDSO of this machine's kernel, with each of its hash tables in turn taken away.
void compare_vdso();

}  // namespace palisade::fuzz
