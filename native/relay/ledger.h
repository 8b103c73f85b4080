// What happened on each connection, in memory that a relay writes and the supervisor reads once the relay has ended.
// The relay is the less trusted of the two: the supervisor believes no number in it.
#pragma once

#include <cstdint>

#include "core/ip.h"

namespace palisade::relay {

// How a connection or a flow of datagrams ended, or why it was refused.
enum class End : std::uint8_t {
  open,  // when the sandbox ended
  closed,
  reset_by_program,
  reset_by_endpoint,
  idle,
  endpoint_silent,  // it left what was sent unanswered
  hello_missing,    // it did not come in time, or the program closed before
  hello_not_tls,
  hello_malformed,
  hello_too_large,
  hello_old_version,
  hello_no_name,
  hello_two_names,
  hello_other_name,
  hello_encrypted_name,
  name_unknown,  // `error` is an EAI_* of getaddrinfo(3)
  name_timed_out,
  address_refused,  // the name leads only to addresses that it may not lead to
  dial_failed,      // `error` is the errno of the last address
  dial_timed_out,
  no_resources,  // `error` is an errno: the host has no descriptor, no memory
};

constexpr std::uint32_t kEndpointsMax = 160;
constexpr std::uint32_t kRecordsMax = 256;
constexpr std::size_t kSeenNameMax = 254;

struct Record {
  std::uint64_t number = 0;  // counts from 1; 0: empty
  std::uint32_t endpoint = 0;
  End end = End::open;
  std::uint8_t refused_addresses = 0;  // of the name's, how many it may not lead to
  std::int32_t error = 0;
  Ip address;                 // dialled; family 0: none was
  std::uint64_t started = 0;  // monotonic milliseconds
  std::uint64_t ended = 0;
  std::uint64_t up = 0;  // bytes, from the program
  std::uint64_t down = 0;
  char name[kSeenNameMax] = {};  // that a ClientHello asked for, if it is not the endpoint's
};

struct Totals {
  std::uint64_t connections = 0;  // or flows
  std::uint64_t refused = 0;      // of them
  std::uint64_t up = 0;
  std::uint64_t down = 0;
};

struct Ledger {
  std::uint64_t count = 0;  // of records ever; the last kRecordsMax are kept
  Totals totals[kEndpointsMax];
  Record records[kRecordsMax];
};

// Whether the program got nothing from the endpoint.
[[nodiscard]] constexpr bool is_refusal(End end) {
  return end >= End::hello_missing;
}

}  // namespace palisade::relay
