// The stub's half of DNS: it knows the names that the policy grants and their addresses, and refuses every other
// question. It asks nobody, so that a name that the sandboxee makes up reaches nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace palisade::relay {

// RFC 1035 4.2.1. Every answer fits, and a longer query has nothing in it that is answered.
constexpr std::size_t kDnsBytesMax = 512;

struct StubName {
  const char* name = "";             // as in name_matches: "api.example.com" or "*.example.com"
  const std::uint8_t* v4 = nullptr;  // 4 bytes, or nullptr: has no A record
  const std::uint8_t* v6 = nullptr;  // 16 bytes, or nullptr: has no AAAA record
};

// Writes the answer to one message and returns its size. 0: it deserves none (it is shorter than a header, or a
// response), or `answer` is shorter than kDnsBytesMax. `answer` must not overlap `query`.
//
//   NOERROR  a granted name: A and AAAA with their address, any other type (ANY too: RFC 8482) with no record
//   REFUSED  any other name or class. Not NXDOMAIN: the name may well exist, and a resolver would go through its search
//            list. musl waits for its timeout then, as if nobody answered; glibc, Go and c-ares fail at once.
//   FORMERR  not exactly one question, compression, what EDNS does not allow, bytes behind; header only
//   NOTIMP   an opcode that is not QUERY; header only
//   BADVERS  EDNS of another version (RFC 6891 6.1.3)
//
// A literal name goes before a wildcard (RFC 4592 3.3), even if it lacks the family that is asked for.
[[nodiscard]] std::size_t answer_query(std::span<const std::uint8_t> query, std::span<const StubName> names,
                                       std::span<std::uint8_t> answer);

}  // namespace palisade::relay
