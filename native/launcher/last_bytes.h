// The end of a program that has connections.
#pragma once

#include "launcher/run.h"

namespace palisade {

// Tells the relays that the program has ended, if it has: they take no more from others, and end once they have passed
// on what it had sent.
void tell_relays_of_end(const Run& run);
// Waits until they have, and the service manager has heard all, no longer than the bound, the program's own time, or
// somebody's patience.
void await_last_bytes(Run& run);

}  // namespace palisade
