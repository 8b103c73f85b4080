// Messages of ours on standard error, each one write(2); only ever printed when the program never ran or we died.
#pragma once

#include "launcher/launch.h"

namespace palisade {

// In the place of a call: what the program was to get.
inline constexpr char kReachingSocket[] = "socket";

// The name of an errno (`ENOENT`), or "errno N".
struct ErrnoName {
  explicit ErrnoName(int error);
  char text[24] = {};
};

// Each prints a line and returns `status`.
int say(const char* what, int error, int status);
int say(const char* what, const char* why, int status);
int say(const char* what, int status);
// The key of the policy that a failed step, or the one item of it that failed, comes from.
const char* key_of(const plan::Step& step, const Failure& failure);
// `network.egress[0]: network.add-route: RTM_NEWROUTE: EEXIST`
void say_failure(const Launch& launch, const Failure& failure);

}  // namespace palisade
