// Everything that one relay works on. All of it is static storage: a program can make the relay hold no more.
#pragma once

#include <cstdint>

#include "core/fd.h"
#include "plan/plan.h"
#include "relay/connection.h"
#include "relay/datagrams.h"
#include "relay/ledger.h"
#include "relay/names.h"
#include "relay/pipes.h"
#include "sys/events.h"

namespace palisade::relay {

constexpr std::uint32_t kConnectionsMax = 4096;
constexpr std::uint64_t kNever = UINT64_MAX;

// What an event is about: the low byte of its id; then 24 bits of index and 32 of generation.
enum class Source : std::uint8_t { supervisor, resolver, listener, inside, flow, dialled };

struct Settings {
  // The step of the relay, or one made up from the published ports: names, ranges and TLS are empty then.
  const plan::NetworkRelay* step = nullptr;
  std::uint32_t connections_max = 0;
  bool publishes = false;  // it dials the program, and others dial it
};

struct Listener {
  SocketFd socket;
  std::uint32_t endpoint = 0;  // index, or kResolverListener
  bool stream = false;
  bool is_passed = false;  // by somebody whose socket it stays, with options of theirs
};
constexpr std::uint32_t kResolverListener = UINT32_MAX;

struct Engine {
  Settings settings;
  EventsFd events;
  SocketFd* supervisor = nullptr;
  SocketFd* resolver = nullptr;  // nullptr: there are no names
  Listener* listeners = nullptr;
  std::uint32_t listener_count = 0;
  Ledger* ledger = nullptr;
  Names* names = nullptr;

  Connection* connections = nullptr;
  std::uint32_t used_once = 0;                // connections beyond were never touched
  std::uint32_t free_first = kNoConnection;   // of those that were, a list through `next`
  std::uint32_t ready_first = kNoConnection;  // what has more to do than one turn allows, likewise
  std::uint32_t ready_last = kNoConnection;
  bool ending = false;  // the program has ended
  bool accepts = true;
  std::uint64_t accept_again_at = kNever;

  Flow* flows = nullptr;
  PipePool pipes;
  std::uint64_t now = 0;           // monotonic milliseconds, at the last event
  std::uint64_t wake_at = kNever;  // nothing has to be looked at before

  // Something has to be looked at no later than `when`.
  void wake(std::uint64_t when) {
    if (when < wake_at) wake_at = when;
  }
};

[[nodiscard]] constexpr std::uint64_t event_id(Source source, std::uint32_t index, std::uint32_t generation) {
  return static_cast<std::uint64_t>(source) | std::uint64_t{index} << 8 | std::uint64_t{generation} << 32;
}

}  // namespace palisade::relay
