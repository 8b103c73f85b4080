#include "plan/reader.h"

#include <cstring>

namespace palisade::plan {
namespace {

constexpr std::size_t kPathBytesMax = 4095;  // PATH_MAX without the NUL

// Well-formed UTF-8 (RFC 3629) without NUL: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_text(Bytes bytes) {
  std::size_t index = 0;
  while (index < bytes.size()) {
    const std::uint8_t lead = bytes[index++];
    if (lead == 0) return false;
    if (lead < 0x80) continue;
    const std::size_t more = lead >= 0xc2 && lead <= 0xdf   ? 1
                             : lead >= 0xe0 && lead <= 0xef ? 2
                             : lead >= 0xf0 && lead <= 0xf4 ? 3
                                                            : 0;
    if (more == 0 || bytes.size() - index < more) return false;
    const std::uint8_t second = bytes[index];
    const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (std::size_t tail = 1; tail < more; ++tail) {
      if ((bytes[index + tail] & 0xc0) != 0x80) return false;
    }
    index += more;
  }
  return true;
}

bool is_plain_path(Bytes bytes) {
  if (bytes.empty() || bytes.size() > kPathBytesMax || bytes[0] != '/') return false;
  if (bytes.size() == 1) return true;
  std::size_t start = 1;
  for (std::size_t index = 1; index <= bytes.size(); ++index) {
    if (index < bytes.size() && bytes[index] != '/') continue;
    const std::size_t length = index - start;
    const bool dots =
        (length == 1 && bytes[start] == '.') || (length == 2 && bytes[start] == '.' && bytes[start + 1] == '.');
    if (length == 0 || dots) return false;
    start = index + 1;
  }
  return true;
}

}  // namespace

Bytes Reader::take(std::size_t size) {
  if (failed_ || size > remaining()) {
    fail();
    return {};
  }
  offset_ += size;
  return bytes_.subspan(offset_ - size, size);
}

std::uint64_t Reader::integer(std::size_t size) {
  std::uint64_t value = 0;
  const Bytes bytes = take(size);
  for (std::size_t index = 0; index < bytes.size(); ++index) value |= std::uint64_t{bytes[index]} << (8 * index);
  return value;
}

Reader Reader::part(std::uint32_t size) {
  Reader reader(take(size), *arena_);
  if (failed_) reader.fail();
  return reader;
}

void Reader::read(std::uint8_t& value) {
  value = static_cast<std::uint8_t>(integer(1));
}
void Reader::read(std::uint16_t& value) {
  value = static_cast<std::uint16_t>(integer(2));
}
void Reader::read(std::uint32_t& value) {
  value = static_cast<std::uint32_t>(integer(4));
}
void Reader::read(std::uint64_t& value) {
  value = integer(8);
}

void Reader::read(Ip& value) {
  const auto family = static_cast<std::uint8_t>(integer(1));
  const Bytes bytes = take(sizeof value.bytes);
  if (failed_ || (family != 4 && family != 6)) return fail();
  Ip read{family, {}};
  std::memcpy(read.bytes, bytes.data(), read.size());
  // What an IPv4 address leaves over must be zero.
  if (std::memcmp(read.bytes, bytes.data(), sizeof read.bytes) != 0) return fail();
  value = read;
}

void Reader::read(Text& value) {
  const auto size = static_cast<std::uint32_t>(integer(4));
  const Bytes bytes = take(size);
  const std::uint64_t end = integer(1);
  if (failed_ || end != 0 || !is_text(bytes)) return fail();
  value = {reinterpret_cast<const char*>(bytes.data()), size};
}

void Reader::read(Path& value) {
  Text text;
  read(text);
  if (failed_ || !is_plain_path({reinterpret_cast<const std::uint8_t*>(text.data), text.size})) return fail();
  value = {text.data, text.size};
}

void Reader::read(Bytes& value) {
  value = take(static_cast<std::uint32_t>(integer(4)));
}

}  // namespace palisade::plan
