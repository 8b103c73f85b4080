// The relay's parsers for tests, built with sanitizers: messages in hex come in, one a line, and verdicts go out.
//   parse hello refused|allowed         read_client_hello
//   parse match POLICY_NAME             name_matches
//   parse dns [NAME V4|- V6|-]...       answer_query; the answer in hex, "-" if there is none. V4, V6 are in hex too.
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "relay/client_hello.h"
#include "relay/dns_message.h"

namespace {

using namespace palisade::relay;
using Buffer = std::vector<std::uint8_t>;

std::uint8_t digit(char character) {
  return static_cast<std::uint8_t>(character <= '9' ? character - '0' : character - 'a' + 10);
}

// Exactly as large as its content, so that a step beyond either end is seen.
Buffer from_hex(std::string_view text) {
  Buffer bytes(text.size() / 2);
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    bytes[index] = static_cast<std::uint8_t>(digit(text[2 * index]) << 4 | digit(text[2 * index + 1]));
  }
  return bytes;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 0xf];
  }
  return text;
}

const char* to_text(Hello kind) {
  switch (kind) {
    case Hello::incomplete:
      return "incomplete";
    case Hello::complete:
      return "complete";
    case Hello::not_tls:
      return "not_tls";
    case Hello::malformed:
      return "malformed";
    case Hello::too_large:
      return "too_large";
    case Hello::old_version:
      return "old_version";
    case Hello::no_name:
      return "no_name";
    case Hello::two_names:
      return "two_names";
    case Hello::encrypted_name:
      return "encrypted_name";
  }
  return "?";
}

std::string read_hello(const Buffer& bytes, EncryptedName encrypted_name) {
  const ClientHello hello = read_client_hello(bytes, encrypted_name);
  std::string verdict = to_text(hello.kind);
  if (hello.kind == Hello::incomplete) verdict += ' ' + std::to_string(hello.wanted);
  if (hello.kind == Hello::complete) verdict += ' ' + std::string(hello.name, hello.name_size);
  return hello.ech ? verdict + " ech" : verdict;
}

std::string match(const Buffer& bytes, const char* policy_name) {
  const Buffer copy(bytes);
  const std::span<const char> name(reinterpret_cast<const char*>(copy.data()), copy.size());
  return name_matches(name, policy_name) ? "yes" : "no";
}

std::string answer(const Buffer& query, std::span<const StubName> names) {
  Buffer bytes(kDnsBytesMax);
  const std::size_t size = answer_query(query, names, bytes);
  return size == 0 ? "-" : to_hex({bytes.data(), size});
}

struct Stub {
  std::vector<Buffer> addresses;  // of `names`
  std::vector<StubName> names;

  const std::uint8_t* keep(std::string_view address) {
    if (address == "-") return nullptr;
    return addresses.emplace_back(from_hex(address)).data();
  }
};

Stub read_stub(std::span<char*> words) {
  Stub stub;
  for (std::size_t index = 0; index + 3 <= words.size(); index += 3) {
    const std::uint8_t* const v4 = stub.keep(words[index + 1]);
    stub.names.push_back({words[index], v4, stub.keep(words[index + 2])});
  }
  return stub;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string_view mode(argv[1]);
  const std::span<char*> words(argv + 2, static_cast<std::size_t>(argc - 2));
  if (mode != "dns" && words.size() != 1) return 2;
  const Stub stub = mode == "dns" ? read_stub(words) : Stub();
  for (std::string line; std::getline(std::cin, line);) {
    const Buffer bytes = from_hex(line);
    if (mode == "dns") std::cout << answer(bytes, stub.names);
    if (mode == "match") std::cout << match(bytes, words[0]);
    if (mode == "hello") {
      const bool allowed = std::strcmp(words[0], "allowed") == 0;
      std::cout << read_hello(bytes, allowed ? EncryptedName::allowed : EncryptedName::refused);
    }
    std::cout << std::endl;  // whoever asks waits for each answer
  }
  return 0;
}
