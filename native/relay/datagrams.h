// UDP: a flow for each address and port of the program that sends to an endpoint, with a socket of its own outside.
#pragma once

#include <cstdint>

#include "core/fd.h"
#include "core/result.h"
#include "relay/names.h"
#include "sys/address.h"

namespace palisade::relay {

struct Engine;

constexpr std::uint32_t kFlowsMax = 256;
// What is sent while the name is looked up; an Ethernet frame's worth. More is lost, as UDP may.
constexpr std::size_t kFirstDatagramMax = 1500;

struct Flow {
  bool is_used = false;
  std::uint32_t generation = 0;
  std::uint32_t listener = 0;
  std::uint32_t endpoint = 0;
  std::uint32_t name = 0;  // while it is being looked up
  sys::Endpoint program;
  SocketFd outside;
  std::uint64_t record = 0;
  std::uint64_t moved_at = 0;
  bool has_first = false;  // an empty datagram is one too
  std::uint16_t first_size = 0;
  std::uint8_t first[kFirstDatagramMax] = {};
};

// What the program has sent to an endpoint, or asked the resolver inside.
void receive_inside(Engine& engine, std::uint32_t listener);
void answer_questions(Engine& engine, std::uint32_t listener);
// What the endpoint has sent.
void receive_outside(Engine& engine, std::uint32_t index);
// The addresses of its name are known.
void handle_flow_answer(Engine& engine, std::uint32_t index);
void handle_flow_time(Engine& engine, std::uint32_t index);

}  // namespace palisade::relay
