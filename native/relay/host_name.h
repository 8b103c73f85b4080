// Host names as TLS and DNS messages carry them, and whether one is meant by a name of the policy.
#pragma once

#include <cstddef>
#include <span>

namespace palisade::relay {

// RFC 1035 2.3.4: 255 bytes on the wire, two of which are the first length and the root's.
constexpr std::size_t kNameBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

// Labels of letters, digits and hyphens (RFC 1123 2.1), the last of which no inet_aton(3) takes for a number: the same
// grammar as the policy's, in any case. So no dot at the end, no underscore, no NUL, no IP literal.
[[nodiscard]] bool is_host_name(std::span<const char> name);

// Equal to `policy_name` but for ASCII case. A policy name "*.example.com" means exactly one label before
// ".example.com", and nothing else: neither "example.com" nor "a.b.example.com". A name that is no host name is never
// meant.
[[nodiscard]] bool name_matches(std::span<const char> name, const char* policy_name);

}  // namespace palisade::relay
