// The TLS records that a ClientHello is cut into: how much of it is there, and a reader that steps over their headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "relay/client_hello.h"

namespace palisade::relay {

struct HelloRecords {
  Hello kind = Hello::malformed;  // complete: the whole message is there
  std::size_t wanted = 0;         // incomplete: as in ClientHello
  std::size_t body_size = 0;      // complete: of the message without its header
};

// Looks at record headers and at the message's own header (RFC 8446 4, 5.1), at nothing else.
[[nodiscard]] HelloRecords walk_records(std::span<const std::uint8_t> bytes);

// Big-endian numbers out of a message that walk_records has found complete. A failed reader stays failed and yields 0.
class HelloReader {
 public:
  HelloReader(std::span<const std::uint8_t> bytes, std::size_t body_size);

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t left() const { return left_; }
  std::uint8_t u8();
  std::uint16_t u16();
  void skip(std::size_t size);
  // The next `size` bytes as a reader of their own; this one goes on behind them.
  HelloReader part(std::size_t size);

 private:
  void fail();
  void enter_record();

  std::span<const std::uint8_t> bytes_;
  std::size_t offset_ = 0;
  std::size_t record_left_ = 0;
  std::size_t left_;
  bool failed_ = false;
};

}  // namespace palisade::relay
