#include "relay/dns_query.h"

#include <algorithm>

#include "relay/dns_message.h"

namespace palisade::relay {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kWireNameMax = 255;  // RFC 1035 2.3.4
constexpr std::uint16_t kOpt = 41;
constexpr std::uint8_t kDnssecOk = 0x80;  // RFC 3225

class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - offset_; }
  [[nodiscard]] std::size_t offset() const { return offset_; }
  Bytes take(std::size_t size) {
    if (failed_ || size > left()) {
      failed_ = true;
      return {};
    }
    offset_ += size;
    return bytes_.subspan(offset_ - size, size);
  }
  std::uint8_t u8() {
    const Bytes bytes = take(1);
    return failed_ ? std::uint8_t{0} : bytes[0];
  }
  std::uint16_t u16() {
    const Bytes bytes = take(2);
    return failed_ ? std::uint16_t{0} : static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
  }

 private:
  Bytes bytes_;
  std::size_t offset_ = 0;
  bool failed_ = false;
};

bool in_host_name(std::uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-';
}

// False for a name that ends nowhere, is too long, or holds anything but plain labels: a compression pointer (RFC 1035
// 4.1.4) has nothing to point to before the first name, and no other type of label is in use.
bool read_name(Reader& reader, DnsQuery& read) {
  const std::size_t start = reader.offset();
  bool plain = true;
  std::size_t size = 0;
  for (std::size_t length = reader.u8(); length != 0; length = reader.u8()) {
    if (length > kLabelBytesMax) return false;
    const Bytes label = reader.take(length);
    // One byte more is to come: the root's.
    if (reader.failed() || reader.offset() - start >= kWireNameMax) return false;
    if (size > 0) read.name[size++] = '.';
    for (const std::uint8_t byte : label) read.name[size++] = static_cast<char>(byte);
    plain = plain && std::all_of(label.begin(), label.end(), in_host_name);
  }
  read.name_size = plain ? size : 0;
  return !reader.failed();
}

// OPT (RFC 6891 6.1.2): the root's name, our type, the client's buffer size, which every answer fits into, and flags.
Rcode read_opt(Reader& reader, DnsQuery& read) {
  if (reader.u8() != 0 || reader.u16() != kOpt) return Rcode::format_error;
  static_cast<void>(reader.u16());
  static_cast<void>(reader.u8());
  const std::uint8_t version = reader.u8();
  const std::uint16_t flags = reader.u16();
  if (reader.u16() != reader.left() || reader.failed()) return Rcode::format_error;
  while (reader.left() > 0) {
    static_cast<void>(reader.u16());
    static_cast<void>(reader.take(reader.u16()));
    if (reader.failed()) return Rcode::format_error;
  }
  read.edns = true;
  read.dnssec_ok = (flags >> 8 & kDnssecOk) != 0;
  return version == 0 ? Rcode::no_error : Rcode::bad_version;
}

}  // namespace

Rcode read_query(Bytes query, DnsQuery& read) {
  if ((query[2] >> 3 & 0xf) != 0) return Rcode::not_implemented;  // the opcode
  if (query.size() > kDnsBytesMax) return Rcode::format_error;
  Reader reader(query);
  static_cast<void>(reader.take(4));
  const std::uint16_t questions = reader.u16();
  const std::uint16_t answers = reader.u16();
  const std::uint16_t authorities = reader.u16();
  const std::uint16_t additional = reader.u16();
  if (questions != 1 || answers != 0 || authorities != 0 || additional > 1) return Rcode::format_error;
  if (!read_name(reader, read)) return Rcode::format_error;
  read.type = reader.u16();
  read.qclass = reader.u16();
  if (reader.failed()) return Rcode::format_error;
  read.question = query.subspan(kDnsHeader, reader.offset() - kDnsHeader);
  const Rcode rcode = additional == 1 ? read_opt(reader, read) : Rcode::no_error;
  if (rcode == Rcode::format_error || reader.left() > 0) return Rcode::format_error;
  return rcode;
}

}  // namespace palisade::relay
