// Names of endpoints and the addresses that the host's resolver has for them now.
#pragma once

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "core/ip.h"
#include "core/result.h"
#include "plan/plan.h"
#include "relay/host_name.h"
#include "relay/resolver.h"

namespace palisade::relay {

// Those of the policy, and of what wildcards have met the last few.
constexpr std::uint32_t kNamesMax = 192;
constexpr std::uint32_t kNoName = UINT32_MAX;

enum class Lookup : std::uint8_t { never, asked, answered };

struct Name {
  char text[kNameBytesMax + 1] = {};
  std::uint32_t endpoint = 0;  // one that lets it be asked for
  Lookup lookup = Lookup::never;
  std::uint64_t asked_at = 0;
  std::uint64_t answered_at = 0;
  Answer answer;
};

struct Names {
  // The policy's own names come first and stay; those that wildcards have met make room for one another.
  std::uint32_t lasting = 0;
  const SocketFd* resolver = nullptr;
  std::uint32_t fresh_ms = 0;
  std::uint32_t count = 0;
  Name all[kNamesMax];
};

// The entry of a name; kNoName when there is no room, because every other one is being waited for.
std::uint32_t find_name(Names& names, const char* text, std::uint32_t endpoint);
// Whether the answer was given after `since`, and no longer ago than an answer stays fresh.
[[nodiscard]] bool is_fresh(const Names& names, const Name& name, std::uint64_t since, std::uint64_t now);
// Asks, unless an answer is on its way.
Status ask(Names& names, std::uint32_t index, std::uint64_t now);
// Takes one answer in; the index of its name, or kNoName if it is not one that was asked for, or none has come.
Result<std::uint32_t> take_answer(Names& names, std::uint64_t now);

// The addresses among `found` that an endpoint may be dialled at, families in turn (RFC 8305 4).
struct Targets {
  Ip addresses[kAnswerAddressesMax];
  std::uint8_t count = 0;
  std::uint8_t refused = 0;
};
[[nodiscard]] Targets choose_targets(const plan::NetworkRelay& step, const plan::NetworkRelayEndpoints& endpoint,
                                     const Answer& found);

}  // namespace palisade::relay
