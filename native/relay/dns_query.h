// Reads one DNS query (RFC 1035 4) of the only form that the stub answers: one question, and at most EDNS (RFC 6891)
// beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "relay/host_name.h"

namespace palisade::relay {

constexpr std::size_t kDnsHeader = 12;

// RFC 1035 4.1.1; bad_version (RFC 6891 6.1.3) has its upper bits in the OPT record.
enum class Rcode : std::uint8_t { no_error = 0, format_error = 1, not_implemented = 4, refused = 5, bad_version = 16 };

struct DnsQuery {
  std::span<const std::uint8_t> question;  // name, type and class as they came
  std::uint16_t type = 0;
  std::uint16_t qclass = 0;
  // Labels with dots between. Empty if a label holds a byte that is in no host name: a dot inside of a label would
  // otherwise pass for one between two.
  std::size_t name_size = 0;
  char name[kNameBytesMax + 1] = {};
  bool edns = false;
  bool dnssec_ok = false;  // RFC 3225
};

// `query` has a whole header. Anything but no_error and bad_version leaves the question unread.
[[nodiscard]] Rcode read_query(std::span<const std::uint8_t> query, DnsQuery& read);

}  // namespace palisade::relay
