#include "fuzz/plain_hello.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "fuzz/plain_names.h"

namespace palisade::fuzz {
namespace {

using relay::Hello;

struct Input {
  const Buffer& bytes;
  std::size_t at = 0;
  bool bad = false;

  [[nodiscard]] bool ended() const { return at == bytes.size(); }
  std::size_t number(std::size_t width) {
    std::size_t value = 0;
    for (const std::uint8_t byte : block(width)) value = value * 256 + byte;
    return value;
  }
  Buffer block(std::size_t size) {
    if (bad || bytes.size() - at < size) {
      bad = true;
      return {};
    }
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    at += size;
    return Buffer(from, from + static_cast<std::ptrdiff_t>(size));
  }
  // A block behind its own length.
  Buffer vector(std::size_t width) { return block(number(width)); }
};

struct Names {
  std::string first;
  std::size_t count = 0;
  bool bad = false;
};

void read_names(const Buffer& extension, Names& names) {
  Input outer{extension};
  const Buffer list = outer.vector(2);
  Input input{list};
  const std::size_t type = input.number(1);
  const Buffer name = input.vector(2);
  names.first.assign(name.begin(), name.end());
  names.count += input.ended() ? 1 : 2;
  if (outer.bad || !outer.ended() || input.bad || type != 0 || !is_plain_host(names.first)) names.bad = true;
}

// "": malformed. Otherwise a letter for each version: 2 and 3 for TLS 1.2 and 1.3, ? for any other.
std::string read_versions(const Buffer& extension) {
  Input outer{extension};
  const Buffer list = outer.vector(1);
  if (outer.bad || !outer.ended() || list.size() % 2 != 0) return "";
  std::string versions;
  for (Input input{list}; !input.ended();) {
    const std::size_t version = input.number(2);
    versions += version == 0x0303 ? '2' : version == 0x0304 ? '3' : '?';
  }
  return versions;
}

}  // namespace

PlainRecords join_records(const Buffer& bytes) {
  PlainRecords joined;
  auto& [kind, message, size, in_header, left, least] = joined;
  least = 5 + 4;
  const auto refuse = [&] {
    kind = Records::refused;
    return joined;
  };
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::uint8_t byte = bytes[at];
    bool learnt = false;
    if (in_header < 5) {
      if (in_header == 0 && byte != 22) return refuse();
      if (in_header == 1 && byte != 3) return refuse();
      if (in_header == 2 && (byte < 1 || byte > 3)) return refuse();
      if (in_header == 3) left = std::size_t{byte} * 256;
      if (in_header == 4) {
        left += byte;
        learnt = true;
        if (left == 0 || left > 16384) return refuse();
      }
      ++in_header;
    } else {
      message.push_back(byte);
      --left;
      if (message.size() == 1 && byte != 1) return refuse();
      if (message.size() == 2 && byte != 0) return refuse();
      if (message.size() == 4) {
        size = 4 + std::size_t{message[2]} * 256 + message[3];
        learnt = true;
        if (size > 4 + relay::kHelloBodyMax) return refuse();
      }
    }
    if (learnt) {
      const std::size_t after = message.size() + left;  // of the message, when this record has ended
      const std::size_t known = size == 0 ? 4 : size;
      if (size != 0 && after > size) return refuse();
      least = at + 1 + left + (after < known ? 5 + known - after : 0);
      if (least > relay::kHelloBytesMax) return refuse();
    }
    if (in_header == 5 && left == 0) {
      if (message.size() == size) {
        kind = Records::complete;
        return joined;
      }
      in_header = 0;
    }
  }
  return joined;
}

Buffer shortest_complete(const Buffer& bytes, const PlainRecords& joined) {
  const std::size_t there = joined.message.size();
  const std::size_t after = there + (joined.in_header == 5 ? joined.left : 0);
  const std::size_t size = joined.size != 0 ? joined.size : std::max<std::size_t>(4, after);
  if (joined.in_header == 4) return {};
  if (there == 3 && joined.message[2] != (size - 4) >> 8) return {};
  Buffer rest;
  for (std::size_t at = there; at < size; ++at) {
    const std::size_t header[] = {1, 0, (size - 4) >> 8, size - 4};
    rest.push_back(static_cast<std::uint8_t>(at < 4 ? header[at] : 0));
  }
  const std::size_t more = size - after;
  const std::size_t header[] = {22, 3, 3, more >> 8, more};
  Buffer all(bytes);
  const auto split = rest.begin() + static_cast<std::ptrdiff_t>(after - there);
  all.insert(all.end(), rest.begin(), split);
  if (more == 0) return all;
  for (std::size_t at = joined.in_header % 5; at < 5; ++at) all.push_back(static_cast<std::uint8_t>(header[at]));
  all.insert(all.end(), split, rest.end());
  return all;
}

PlainHello read_plain(const Buffer& body, relay::EncryptedName encrypted_name) {
  Input input{body};
  const std::size_t version = input.number(2);
  static_cast<void>(input.block(32));
  const Buffer session = input.vector(1);
  const Buffer suites = input.vector(2);
  const Buffer compressions = input.vector(1);
  if (input.bad || session.size() > 32 || suites.empty() || suites.size() % 2 != 0 || compressions.empty()) return {};
  const Buffer block = input.ended() ? Buffer() : input.vector(2);
  if (input.bad || !input.ended() || version > 0x0303) return {};
  PlainHello hello;
  Names names;
  std::multiset<std::size_t> types;
  std::string versions = "2";
  for (Input extensions{block}; !extensions.ended();) {
    const std::size_t type = extensions.number(2);
    const Buffer content = extensions.vector(2);
    if (extensions.bad) return {};
    types.insert(type);
    if (type != 0 && types.count(type) > 1) return {};
    if (type == 0) read_names(content, names);
    if (type == 43) versions = read_versions(content);
    if (type == 0xfe0d || type == 0xffce) hello.ech = true;
  }
  if (names.bad || versions.empty()) return {};
  hello.name = names.first;
  if (version < 0x0303 || versions.find_first_of("23") == std::string::npos) {
    hello.kind = Hello::old_version;
  } else if (names.count > 1) {
    hello.kind = Hello::two_names;
  } else if (hello.ech && encrypted_name == relay::EncryptedName::refused) {
    hello.kind = Hello::encrypted_name;
  } else {
    hello.kind = names.count == 0 ? Hello::no_name : Hello::complete;
  }
  return hello;
}

}  // namespace palisade::fuzz
