// The end of the sandbox, as its relays see it.
#pragma once

namespace palisade::relay {

struct Engine;
struct Connection;

// The program has ended: nobody is left to take what comes in, and what it has sent is still to be passed on.
void begin_ending(Engine& engine);
// Whether that connection has brought out all that the program sent.
[[nodiscard]] bool has_passed_on(const Engine& engine, const Connection& connection);
// Whether something that the program sent may still be passed on.
[[nodiscard]] bool holds_last_bytes(const Engine& engine);
// What is cut off when the relay itself must end is reset: no peer takes it for a whole.
void reset_unless_finished(const Connection& connection);

}  // namespace palisade::relay
