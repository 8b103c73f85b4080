// Reads the name that a TLS client asks for from the first bytes of its connection, without answering it. Whoever
// peeks (MSG_PEEK) passes everything from the first byte on, each time.
//
// What is let through is read in one way only: a server that is stricter refuses it, one that is laxer finds the same
// name. So whatever two readers might disagree about is refused here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "relay/host_name.h"

namespace palisade::relay {

// The ClientHello without its headers, which then fits into one record: two post-quantum key shares (1.2 KiB each), a
// session ticket with client certificates in it (some KiB) and padding leave room.
constexpr std::size_t kHelloBodyMax = std::size_t{16} * 1024;
// With record headers, so that a hello of the full size may be in more than 800 records.
constexpr std::size_t kHelloBytesMax = std::size_t{20} * 1024;

enum class Hello : std::uint8_t {
  incomplete,      // nothing is wrong with the bytes so far
  complete,        // `name` is the only name that the client asks for
  not_tls,         // the first byte does not begin a TLS handshake: HTTP, SSH, ..
  malformed,       // also: the name is no host name (is_host_name), something else follows in the last record
  too_large,       // more than kHelloBodyMax or kHelloBytesMax is announced
  old_version,     // the client offers neither TLS 1.2 nor 1.3
  no_name,         // no server_name
  two_names,       // more than one entry of server_name, or it twice
  encrypted_name,  // the name in sight need not be the one that the server obeys
};

// Whether a hello with an Encrypted Client Hello (RFC 9849) is let through under its outer name.
enum class EncryptedName : std::uint8_t { refused, allowed };

struct ClientHello {
  Hello kind = Hello::malformed;
  // incomplete: no less than this many bytes in all can complete it; more than were given, at most kHelloBytesMax.
  std::size_t wanted = 0;
  // complete: as it was sent, in any case. Copied, because it may be scattered over records.
  std::size_t name_size = 0;
  char name[kNameBytesMax + 1] = {};
  // complete: the hello holds an Encrypted Client Hello, or what a browser sends in place of one (GREASE).
  bool ech = false;
};

// The verdict on longer input is the same, once it is not `incomplete`. A caller that does not ask again before it has
// `wanted` bytes asks less than a hundred times, whatever the records are: each time at least a sixth of what is
// missing has come.
[[nodiscard]] ClientHello read_client_hello(std::span<const std::uint8_t> bytes, EncryptedName encrypted_name);

}  // namespace palisade::relay
