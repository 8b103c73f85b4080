#include "relay/hello_records.h"

#include <algorithm>

namespace palisade::relay {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kRecordHeader = 5;             // type, version, length
constexpr std::size_t kRecordContentMax = 1U << 14;  // RFC 8446 5.1
constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kMajorVersion = 3;     // of SSL 3.0 and all of TLS
constexpr std::uint8_t kMinorVersionMax = 3;  // TLS 1.3 writes 0x0303, or 0x0301 in its first flight
constexpr std::size_t kMessageHeader = 4;     // type, length
constexpr std::uint8_t kClientHello = 1;

// How much of the message the records before a place hold, and its size: no less than this, until its header is read.
struct Message {
  std::size_t seen = 0;
  std::size_t size = kMessageHeader;
  bool sized = false;
};

std::size_t content_size(Bytes record) {
  return static_cast<std::size_t>(record[3] << 8 | record[4]);
}

// Byte by byte, so that a verdict on the first bytes of a header is the verdict on the whole; complete: no objection.
Hello check_record_header(Bytes record, std::size_t offset) {
  if (!record.empty() && record[0] != kHandshake) return offset == 0 ? Hello::not_tls : Hello::malformed;
  if (record.size() > 1 && record[1] != kMajorVersion) return Hello::malformed;
  if (record.size() > 2 && record[2] == 0) return Hello::old_version;
  if (record.size() > 2 && record[2] > kMinorVersionMax) return Hello::malformed;
  if (record.size() < kRecordHeader) return Hello::complete;
  // Zero-length fragments of handshake types are forbidden (RFC 8446 5.1).
  if (content_size(record) == 0) return Hello::malformed;
  return content_size(record) > kRecordContentMax ? Hello::too_large : Hello::complete;
}

// What of the message's header is in this record, and there already.
Hello read_message_header(Bytes record, Message& message) {
  const std::size_t visible = std::min(record.size() - kRecordHeader, content_size(record));
  for (std::size_t index = 0; index < visible && message.seen + index < kMessageHeader; ++index) {
    const std::uint8_t byte = record[kRecordHeader + index];
    switch (message.seen + index) {
      case 0:
        if (byte != kClientHello) return Hello::malformed;
        break;
      case 1:
        if (byte != 0) return Hello::too_large;
        break;
      case 2:
        message.size = kMessageHeader + (std::size_t{byte} << 8);
        break;
      default:
        message.size += byte;
        message.sized = true;
        if (message.size > kMessageHeader + kHelloBodyMax) return Hello::too_large;
    }
  }
  return Hello::complete;
}

// What is missing after `offset` takes at least one more record.
std::size_t least_total(std::size_t offset, std::size_t seen, const Message& message) {
  const std::size_t size = message.sized ? message.size : kMessageHeader;
  return seen >= size ? offset : offset + kRecordHeader + size - seen;
}

}  // namespace

HelloRecords walk_records(Bytes bytes) {
  Message message;
  std::size_t offset = 0;
  for (;;) {
    const Bytes record = bytes.subspan(offset);
    const Hello header = check_record_header(record, offset);
    if (header != Hello::complete) return {header};
    if (record.size() < kRecordHeader) return {Hello::incomplete, least_total(offset, message.seen, message)};
    const Hello begun = read_message_header(record, message);
    if (begun != Hello::complete) return {begun};
    const std::size_t content = content_size(record);
    // The message has to end where a record ends: new keys come after it (RFC 8446 5.1), and nothing that may stand
    // beside it in a record. Records that follow, such as early data, are not looked at.
    if (message.sized && content > message.size - message.seen) return {Hello::malformed};
    const std::size_t end = offset + kRecordHeader + content;
    const std::size_t least = least_total(end, message.seen + content, message);
    if (least > kHelloBytesMax) return {Hello::too_large};
    if (bytes.size() < end) return {Hello::incomplete, least};
    offset = end;
    message.seen += content;
    if (message.sized && message.seen == message.size) return {Hello::complete, 0, message.size - kMessageHeader};
  }
}

HelloReader::HelloReader(Bytes bytes, std::size_t body_size) : bytes_(bytes), left_(kMessageHeader + body_size) {
  skip(kMessageHeader);
}

void HelloReader::fail() {
  failed_ = true;
  left_ = 0;
}

void HelloReader::enter_record() {
  if (record_left_ > 0) return;
  record_left_ = content_size(bytes_.subspan(offset_));
  offset_ += kRecordHeader;
}

std::uint8_t HelloReader::u8() {
  if (left_ == 0) {
    fail();
    return 0;
  }
  enter_record();
  --left_;
  --record_left_;
  return bytes_[offset_++];
}

std::uint16_t HelloReader::u16() {
  const unsigned high = u8();
  const unsigned low = u8();
  return failed_ ? std::uint16_t{0} : static_cast<std::uint16_t>(high << 8 | low);
}

void HelloReader::skip(std::size_t size) {
  if (size > left_) return fail();
  left_ -= size;
  while (size > 0) {
    enter_record();
    const std::size_t step = std::min(size, record_left_);
    offset_ += step;
    record_left_ -= step;
    size -= step;
  }
}

HelloReader HelloReader::part(std::size_t size) {
  HelloReader inner(*this);
  skip(size);
  if (failed_) {
    inner.fail();
  } else {
    inner.left_ = size;
  }
  return inner;
}

}  // namespace palisade::relay
