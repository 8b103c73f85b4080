// A second reader of a ClientHello for the fuzzer to compare with: byte by byte over the records, then everything
// copied into containers. It is slow and takes nothing from the relay's reader but its names for verdicts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/client_hello.h"

namespace palisade::fuzz {

using Buffer = std::vector<std::uint8_t>;

enum class Records : std::uint8_t { complete, unfinished, refused };

struct PlainRecords {
  Records kind = Records::unfinished;
  Buffer message;             // as far as it is there, with its header
  std::size_t size = 0;       // of the message; 0: its header is not there
  std::size_t in_header = 0;  // how much there is of the last record's header
  std::size_t left = 0;       // of that record's content
  std::size_t least = 0;      // unfinished: no shorter input is complete
};

[[nodiscard]] PlainRecords join_records(const Buffer& bytes);
// The shortest input that begins with `bytes` and is complete; empty if a length that is half there forbids it.
[[nodiscard]] Buffer shortest_complete(const Buffer& bytes, const PlainRecords& joined);

struct PlainHello {
  relay::Hello kind = relay::Hello::malformed;
  std::string name;
  bool ech = false;
};

// `body` is the message without its header.
[[nodiscard]] PlainHello read_plain(const Buffer& body, relay::EncryptedName encrypted_name);

}  // namespace palisade::fuzz
