// What a descriptor that somebody has passed is.
#pragma once

#include <napi.h>

namespace palisade {

/// describeSocket(descriptor): `{ family, type, listens, address, port }`, or null for what is no socket.
Napi::Value describe_socket(const Napi::CallbackInfo& info);

}  // namespace palisade
