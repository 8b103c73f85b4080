// What the relay and its resolver process say to each other. The resolver process starts a program for each name
// (native/resolve/), because only a program that is linked as the host's are can ask as they do (nsswitch.conf(5)).
#pragma once

#include <cstdint>

#include "core/ip.h"

namespace palisade::relay {

constexpr std::uint32_t kAnswerAddressesMax = 16;

struct Question {
  std::uint32_t index = 0;     // comes back with the answer
  std::uint32_t endpoint = 0;  // whose name it is, or whose wildcard it matches
  char name[256] = {};
};

struct Answer {
  std::uint32_t index = 0;
  std::int32_t error = 0;  // 0, or EAI_* of getaddrinfo(3)
  std::uint32_t count = 0;
  Ip addresses[kAnswerAddressesMax];
};

}  // namespace palisade::relay
