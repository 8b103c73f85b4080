// One TCP connection: accepted, its ClientHello judged if that is demanded, its name resolved, dialled, relayed.
#pragma once

#include <cstdint>

#include "core/fd.h"
#include "core/ip.h"
#include "relay/ledger.h"
#include "relay/names.h"
#include "relay/stream.h"

namespace palisade::relay {

struct Engine;
struct Listener;

constexpr std::uint32_t kNoConnection = UINT32_MAX;
// Addresses that are dialled at the same time (RFC 8305 5).
constexpr std::uint8_t kRacersMax = 3;

enum class Phase : std::uint8_t { unused, greeting, resolving, dialling, open };

struct Racer {
  SocketFd socket;
  std::uint8_t target = 0;
};

struct Connection {
  Phase phase = Phase::unused;
  bool is_queued = false;
  bool has_asked_again = false;
  std::uint8_t next_target = 0;
  std::uint8_t winner = 0;  // whose events are the outside's
  std::uint32_t generation = 0;
  // Zeros, so that the table takes no room in the file; `next` and `name` are set when it is taken.
  std::uint32_t next = 0;
  std::uint32_t endpoint = 0;
  std::uint32_t name = 0;
  int last_error = 0;
  std::uint64_t record = 0;  // its number in the ledger
  std::uint64_t started = 0;
  std::uint64_t deadline = 0;  // of its phase
  std::uint64_t next_racer_at = 0;
  std::uint64_t moved_at = 0;    // when bytes were moved last
  bool is_prompt = false;        // the endpoint gets short messages at once
  bool is_kept_alive = false;    // a connection that lasts has its endpoint watched
  std::uint64_t owes_since = 0;  // the endpoint an answer to what it was sent; 0: it has answered everything
  Targets targets;
  Racer racers[kRacersMax];
  Side inside;
  Side outside;
  Stream up;
  Stream down;
};

// Accepts one that waits, if there is room; the listener is told of again while more wait.
Status accept_from(Engine& engine, std::uint32_t listener);
// An event of the program's side, or of a dialled one.
void handle_inside(Engine& engine, std::uint32_t index, std::uint32_t events);
void handle_dialled(Engine& engine, std::uint32_t index, std::uint8_t racer, std::uint32_t events);
// The addresses of its name are known.
void handle_answer(Engine& engine, std::uint32_t index);
// The other side has been met: from here on bytes move between it and the dialled socket in that place.
void open_connection(Engine& engine, std::uint32_t index, std::uint8_t winner);
// Its turn goes on.
void advance(Engine& engine, std::uint32_t index);
// Time has passed.
void handle_time(Engine& engine, std::uint32_t index);

}  // namespace palisade::relay
