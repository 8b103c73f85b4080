// Properties of answer_query on messages that libFuzzer makes: the answer is decoded by a second reader, and its code
// is the one that a second reader of the query expects.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/plain_names.h"
#include "fuzz/require.h"
#include "relay/dns_message.h"

namespace {

using namespace palisade::fuzz;
using palisade::relay::kDnsBytesMax;
using palisade::relay::StubName;
using Buffer = std::vector<std::uint8_t>;

constexpr std::uint8_t kV4[] = {198, 18, 0, 1};
constexpr std::uint8_t kV6[] = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
const std::vector<StubName> kNames = {
    {"*.example.com", kV4, nullptr},
    {"api.example.com", nullptr, kV6},
    {"both", kV4, kV6},
    {"none.example.net", nullptr, nullptr},
};

// Numbers in the order of the wire; `bad` once there are too few bytes.
struct Input {
  const Buffer& bytes;
  std::size_t at = 0;
  bool bad = false;

  [[nodiscard]] bool ended() const { return at == bytes.size(); }
  std::size_t number(std::size_t width) {
    std::size_t value = 0;
    for (; width > 0; --width) {
      bad = bad || ended();
      value = value * 256 + (bad ? 0 : bytes[at++]);
    }
    return value;
  }
  Labels name() {
    Labels labels;
    std::size_t wire = 1;
    for (std::size_t size = number(1); size != 0 && !bad; size = number(1)) {
      bad = bad || size > 63 || (wire += 1 + size) > 255;
      std::string& label = labels.emplace_back();
      for (; size > 0 && !bad; --size) label += static_cast<char>(number(1));
    }
    return labels;
  }
};

struct Opt {
  std::size_t version = 0;
  std::size_t flags = 0;
};

struct Question {
  Labels name;
  std::size_t type = 0;
  std::size_t qclass = 0;
  std::size_t end = 0;
  std::optional<Opt> opt;
};

std::optional<Opt> read_opt(Input& input) {
  const bool root = input.number(1) == 0;
  const bool is_opt = input.number(2) == 41;
  static_cast<void>(input.number(3));
  Opt opt{input.number(1), input.number(2)};
  const std::size_t end = input.number(2) + input.at;
  while (!input.bad && input.at < end) {
    static_cast<void>(input.number(2));
    for (std::size_t left = input.number(2); left > 0 && !input.bad; --left) static_cast<void>(input.number(1));
  }
  if (input.bad || input.at != end || !root || !is_opt) return {};
  return opt;
}

// Nothing: it is malformed.
std::optional<Question> read_question(const Buffer& query) {
  if (query.size() > 512 || query[4] != 0 || query[5] != 1 || query[10] != 0 || query[11] > 1) return {};
  if (std::any_of(query.begin() + 6, query.begin() + 10, [](std::uint8_t byte) { return byte != 0; })) return {};
  Input input{query, 12};
  Question question;
  question.name = input.name();
  question.type = input.number(2);
  question.qclass = input.number(2);
  question.end = input.at;
  if (query[11] == 1) {
    question.opt = read_opt(input);
    if (!question.opt) return {};
  }
  if (input.bad || !input.ended()) return {};
  return question;
}

const StubName* find(const Labels& name) {
  // A name that no policy can have is found by nobody.
  if (name.empty() || !is_plain_host(name.back())) return nullptr;
  const auto literal = std::find_if(kNames.begin(), kNames.end(), [&](const StubName& stub) {
    return stub.name[0] != '*' && labels_match(name, stub.name);
  });
  if (literal != kNames.end()) return &*literal;
  const auto wildcard =
      std::find_if(kNames.begin(), kNames.end(), [&](const StubName& stub) { return labels_match(name, stub.name); });
  return wildcard == kNames.end() ? nullptr : &*wildcard;
}

Buffer expected_address(const StubName* stub, std::size_t type) {
  if (stub == nullptr) return {};
  if (type == 1 && stub->v4 != nullptr) return Buffer(stub->v4, stub->v4 + 4);
  if (type == 28 && stub->v6 != nullptr) return Buffer(stub->v6, stub->v6 + 16);
  return {};
}

void check_answer(const Buffer& query, const Buffer& answer) {
  const bool is_query = (query[2] & 0x78) == 0;
  const std::optional<Question> question = is_query ? read_question(query) : std::nullopt;
  const bool bad_version = question && question->opt && question->opt->version != 0;
  const StubName* const stub = question && !bad_version && question->qclass == 1 ? find(question->name) : nullptr;
  const std::size_t rcode = !is_query ? 4 : !question ? 1 : bad_version ? 16 : stub == nullptr ? 5 : 0;
  const Buffer address = expected_address(stub, question ? question->type : 0);

  Input input{answer};
  require(input.number(2) == query[0] * 256U + query[1], "the id is the query's");
  const std::size_t flags = input.number(2);
  require((flags & 0xf) == (rcode & 0xf), "the code is the expected one");
  require((flags & 0x7810U) == ((query[2] * 256U + query[3]) & 0x7810U), "opcode and CD are the query's");
  require((flags & 0x0100U) == (query[2] & 1U) * 256U, "RD is the query's");
  require((flags & 0x8000U) != 0, "it is a response");
  require(((flags & 0x0400U) != 0) == (rcode == 0), "it is authoritative about granted names");
  require((flags & 0x02e0U) == 0, "not truncated, no recursion, not validated, no bit of the future");
  require(input.number(2) == (question ? 1U : 0U), "one question if one was understood");
  require(input.number(2) == (address.empty() ? 0U : 1U), "a record if there is an address");
  require(input.number(2) == 0, "no authority");
  const std::size_t additional = input.number(2);
  require(additional == (question && question->opt ? 1U : 0U), "EDNS if and only if it was asked with");
  if (question) {
    require(answer.size() >= question->end &&
                std::equal(query.begin() + 12, query.begin() + static_cast<std::ptrdiff_t>(question->end),
                           answer.begin() + 12),
            "the question comes back byte for byte");
    input.at = question->end;
  }
  if (!address.empty()) {
    require(input.number(2) == 0xc00c, "the record is of the question's name");
    require(input.number(2) == question->type && input.number(2) == 1, "and of its type and class");
    require(input.number(4) == 60, "and lives a minute");
    require(input.number(2) == address.size(), "with an address of that family");
    for (const std::uint8_t byte : address) require(input.number(1) == byte, "which is the granted one");
  }
  if (additional == 1) {
    require(input.number(1) == 0 && input.number(2) == 41, "an OPT record");
    require(input.number(2) >= 512, "with a size that is in use");
    require(input.number(1) == rcode >> 4 && input.number(1) == 0, "the code's upper bits, version 0");
    require(input.number(2) == (question->opt->flags & 0x8000U), "DO is the query's");
    require(input.number(2) == 0, "and no options");
  }
  require(!input.bad && input.ended(), "nothing is missing and nothing is left");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Buffer query(data, data + size);
  Buffer answer(kDnsBytesMax);  // both exactly as large as they are, so that a step beyond either end is seen
  const std::size_t written = palisade::relay::answer_query(query, kNames, answer);
  const bool deserves_one = size >= 12 && (query[2] & 0x80) == 0;
  require((written > 0) == deserves_one, "what is no query has no answer");
  require(written <= kDnsBytesMax, "an answer fits");
  if (written == 0) return 0;
  Buffer small(kDnsBytesMax - 1);
  require(palisade::relay::answer_query(query, kNames, small) == 0, "nothing is written where it might not fit");
  check_answer(query, Buffer(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(written)));
  return 0;
}
