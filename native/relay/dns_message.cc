#include "relay/dns_message.h"

#include <algorithm>

#include "relay/dns_query.h"

namespace palisade::relay {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint16_t kA = 1;
constexpr std::uint16_t kAaaa = 28;
constexpr std::uint16_t kOpt = 41;
constexpr std::uint16_t kInternet = 1;
constexpr std::uint16_t kNameOfQuestion = 0xc000 | kDnsHeader;  // a pointer (RFC 1035 4.1.4)
constexpr std::uint32_t kTtlSeconds = 60;
// The header's flags (RFC 1035 4.1.1, RFC 4035 3.2.2).
constexpr std::uint8_t kResponse = 0x80;
constexpr std::uint8_t kOpcode = 0x78;
// Without AA and RA, glibc (res_send) and Go (checkHeader) take an answer without records for a lame referral and
// ignore it. AA is true; RA would not be, and no stub resolver asks for both.
constexpr std::uint8_t kAuthoritative = 0x04;
constexpr std::uint8_t kRecursionDesired = 0x01;
constexpr std::uint8_t kCheckingDisabled = 0x10;
constexpr std::uint16_t kDnssecOk = 0x8000;  // RFC 3225: copied into the answer

// `bytes` is long enough for every answer: header 12, question 259, record 28, OPT 11.
class Writer {
 public:
  explicit Writer(std::span<std::uint8_t> bytes) : bytes_(bytes) {}
  [[nodiscard]] std::size_t size() const { return size_; }
  void u8(std::uint8_t value) { bytes_[size_++] = value; }
  void u16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value >> 8));
    u8(static_cast<std::uint8_t>(value & 0xff));
  }
  void u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value >> 16));
    u16(static_cast<std::uint16_t>(value & 0xffff));
  }
  void copy(Bytes bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += bytes.size();
  }

 private:
  std::span<std::uint8_t> bytes_;
  std::size_t size_ = 0;
};

const StubName* find(std::span<const StubName> names, const DnsQuery& read) {
  const std::span<const char> asked(read.name, read.name_size);
  const StubName* wildcard = nullptr;
  for (const StubName& name : names) {
    if (!name_matches(asked, name.name)) continue;
    if (name.name[0] != '*') return &name;
    if (wildcard == nullptr) wildcard = &name;
  }
  return wildcard;
}

// The address that is asked for; empty if it has none of that family, or no address was asked for.
Bytes find_address(const StubName& name, std::uint16_t type) {
  if (type == kA && name.v4 != nullptr) return {name.v4, 4};
  if (type == kAaaa && name.v6 != nullptr) return {name.v6, 16};
  return {};
}

void write_header(Writer& writer, Bytes query, Rcode rcode, const DnsQuery& read, Bytes address) {
  writer.copy(query.first(2));  // the id
  const bool ours = rcode == Rcode::no_error;
  writer.u8(
      static_cast<std::uint8_t>(kResponse | (ours ? kAuthoritative : 0) | (query[2] & (kOpcode | kRecursionDesired))));
  writer.u8(static_cast<std::uint8_t>((query[3] & kCheckingDisabled) | (static_cast<unsigned>(rcode) & 0xf)));
  writer.u16(read.question.empty() ? 0 : 1);
  writer.u16(address.empty() ? 0 : 1);
  writer.u16(0);
  writer.u16(read.edns ? 1 : 0);
}

void write_address(Writer& writer, std::uint16_t type, Bytes address) {
  writer.u16(kNameOfQuestion);
  writer.u16(type);
  writer.u16(kInternet);
  writer.u32(kTtlSeconds);
  writer.u16(static_cast<std::uint16_t>(address.size()));
  writer.copy(address);
}

// No options: none of the client's is understood (RFC 6891 6.1.2).
void write_opt(Writer& writer, Rcode rcode, bool dnssec_ok) {
  writer.u8(0);
  writer.u16(kOpt);
  writer.u16(static_cast<std::uint16_t>(kDnsBytesMax));
  writer.u8(static_cast<std::uint8_t>(static_cast<unsigned>(rcode) >> 4));
  writer.u8(0);
  writer.u16(dnssec_ok ? kDnssecOk : std::uint16_t{0});
  writer.u16(0);
}

}  // namespace

std::size_t answer_query(Bytes query, std::span<const StubName> names, std::span<std::uint8_t> answer) {
  if (query.size() < kDnsHeader || (query[2] & kResponse) != 0 || answer.size() < kDnsBytesMax) return 0;
  DnsQuery read;
  Rcode rcode = read_query(query, read);
  Bytes address;
  if (rcode == Rcode::format_error || rcode == Rcode::not_implemented) {
    read = DnsQuery();
  } else if (rcode == Rcode::no_error) {
    const StubName* const name = read.qclass == kInternet ? find(names, read) : nullptr;
    if (name == nullptr) rcode = Rcode::refused;
    if (name != nullptr) address = find_address(*name, read.type);
  }
  Writer writer(answer);
  write_header(writer, query, rcode, read, address);
  writer.copy(read.question);
  if (!address.empty()) write_address(writer, read.type, address);
  if (read.edns) write_opt(writer, rcode, read.dnssec_ok);
  return writer.size();
}

}  // namespace palisade::relay
