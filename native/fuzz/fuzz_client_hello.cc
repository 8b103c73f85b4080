// Properties of read_client_hello on inputs that libFuzzer makes. Nine bytes say what is done with the rest: see Plan.
#include <algorithm>
#include <cstring>
#include <string>

#include "fuzz/plain_hello.h"
#include "fuzz/plain_names.h"
#include "fuzz/random.h"
#include "fuzz/require.h"
#include "relay/client_hello.h"

namespace {

using namespace palisade::fuzz;
using palisade::relay::ClientHello;
using palisade::relay::EncryptedName;
using palisade::relay::Hello;
using palisade::relay::kHelloBytesMax;

constexpr std::size_t kPlanBytes = 9;

// The input's head. Its tail is either what the client sends, or the body of a hello that is cut into records here: few
// mutations keep all lengths of both layers right.
struct Plan {
  EncryptedName encrypted_name = EncryptedName::refused;
  bool is_body = false;
  bool is_padded = false;  // with an extension of any size, so that small inputs make large hellos
  Random random{1};
};

Plan read_plan(const std::uint8_t* data) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, data + 1, sizeof seed);
  const EncryptedName encrypted_name = (data[0] & 1) != 0 ? EncryptedName::allowed : EncryptedName::refused;
  return {encrypted_name, (data[0] & 2) != 0, (data[0] & 4) != 0, {seed | 1}};
}

void append(Buffer& to, const Buffer& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void append_u16(Buffer& to, std::size_t number) {
  to.push_back(static_cast<std::uint8_t>(number >> 8));
  to.push_back(static_cast<std::uint8_t>(number));
}

// Lengthens the block of extensions if the body has one that its length describes.
void pad(Buffer& body, Random& random) {
  const std::size_t size = random.below(32) == 0 ? random.below(17000) : random.below(64);
  std::size_t at = 34;
  if (body.size() <= at) return;
  at += 1 + std::size_t{body[at]};
  if (body.size() < at + 2) return;
  at += 2 + std::size_t{body[at]} * 256 + body[at + 1];
  if (body.size() <= at) return;
  at += 1 + std::size_t{body[at]};
  if (body.size() < at + 2 || body.size() - at - 2 != std::size_t{body[at]} * 256 + body[at + 1]) return;
  append_u16(body, 21);  // padding (RFC 7685)
  append_u16(body, size);
  body.resize(body.size() + size);
  const std::size_t block = body.size() - at - 2;
  body[at] = static_cast<std::uint8_t>(block >> 8);
  body[at + 1] = static_cast<std::uint8_t>(block);
}

Buffer with_header(const Buffer& body) {
  Buffer message = {1, static_cast<std::uint8_t>(body.size() >> 16)};
  append_u16(message, body.size());
  append(message, body);
  return message;
}

// Records of any size, or all of one byte.
Buffer cut(const Buffer& message, Random& random) {
  const std::size_t most = random.below(16) == 0 ? 1 : 1 + random.below(std::min<std::size_t>(message.size(), 16384));
  Buffer bytes;
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t size = std::min(1 + random.below(most), message.size() - at);
    bytes.insert(bytes.end(), {22, 3, static_cast<std::uint8_t>(1 + random.below(3))});
    append_u16(bytes, size);
    const auto from = message.begin() + static_cast<std::ptrdiff_t>(at);
    bytes.insert(bytes.end(), from, from + static_cast<std::ptrdiff_t>(size));
    at += size;
  }
  return bytes;
}

ClientHello read(const Buffer& bytes, EncryptedName encrypted_name) {
  const Buffer exact(bytes);  // so that a step beyond its end is seen
  return palisade::relay::read_client_hello(exact, encrypted_name);
}

bool same(const ClientHello& one, const ClientHello& other) {
  return one.kind == other.kind && one.wanted == other.wanted && one.name_size == other.name_size &&
         one.ech == other.ech && std::memcmp(one.name, other.name, sizeof one.name) == 0;
}

void check_result(const ClientHello& hello, std::size_t size) {
  const bool incomplete = hello.kind == Hello::incomplete;
  require(incomplete ? hello.wanted > size && hello.wanted <= kHelloBytesMax : hello.wanted == 0,
          "wanted is more than there is, and no more than may be");
  const bool complete = hello.kind == Hello::complete;
  require(complete == (hello.name_size > 0), "complete and only complete gives a name");
  require(hello.name[hello.name_size] == 0 && std::strlen(hello.name) == hello.name_size, "the name is one text");
  if (!complete) require(!hello.ech, "what is refused says no more");
}

void check_against_plain(const Buffer& bytes, const PlainRecords& plain, EncryptedName encrypted_name,
                         const ClientHello& hello) {
  if (plain.kind == Records::unfinished) {
    require(hello.kind == Hello::incomplete && hello.wanted == plain.least, "both readers wait for as much");
  } else if (plain.kind == Records::refused) {
    require(hello.kind == Hello::not_tls || hello.kind == Hello::malformed || hello.kind == Hello::too_large ||
                hello.kind == Hello::old_version,
            "both readers refuse the records");
    require((hello.kind == Hello::not_tls) == (bytes[0] != 22), "not_tls is about the first byte");
  } else {
    const PlainHello expected = read_plain(Buffer(plain.message.begin() + 4, plain.message.end()), encrypted_name);
    require(hello.kind == expected.kind, "both readers give one verdict");
    if (hello.kind != Hello::complete) return;
    require(expected.name == hello.name, "both readers find one name");
    require(expected.ech == hello.ech, "both readers see an encrypted hello");
  }
}

// What is missing may come in one record: then the message is there, and not one byte earlier.
void check_wanted(const Buffer& bytes, const PlainRecords& plain, EncryptedName encrypted_name,
                  const ClientHello& hello) {
  if (hello.kind != Hello::incomplete) return;
  Buffer whole = shortest_complete(bytes, plain);
  if (whole.empty()) return;
  require(whole.size() == hello.wanted, "wanted bytes can be enough");
  require(read(whole, encrypted_name).kind != Hello::incomplete, "wanted bytes are enough");
  whole.pop_back();
  require(read(whole, encrypted_name).kind == Hello::incomplete, "fewer are not");
}

// As a caller does that waits for `wanted` bytes each time.
void check_asking(const Buffer& bytes, const PlainRecords& plain, EncryptedName encrypted_name,
                  const ClientHello& hello) {
  std::size_t size = 0;
  for (unsigned asked = 1;; ++asked) {
    require(asked < 100, "few calls are enough");
    const ClientHello now =
        read(Buffer(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)), encrypted_name);
    check_result(now, size);
    if (now.kind != Hello::incomplete) {
      require(same(now, hello), "a verdict on a beginning is the verdict on the whole");
      return;
    }
    if (now.wanted > bytes.size()) break;
    size = now.wanted;
  }
  // It may have missed that the records were refused, which more bytes or the end of the connection will tell.
  require(plain.kind != Records::complete, "who waits for wanted bytes misses no whole hello");
}

void check_beginnings(const Buffer& bytes, const ClientHello& hello, Plan& plan) {
  for (unsigned round = 0; round < 4 && !bytes.empty(); ++round) {
    const std::size_t size = plan.random.below(bytes.size());
    const ClientHello now =
        read(Buffer(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)), plan.encrypted_name);
    check_result(now, size);
    if (now.kind != Hello::incomplete) require(same(now, hello), "a verdict is final");
    if (now.kind == Hello::incomplete && hello.kind == Hello::incomplete) {
      require(now.wanted <= hello.wanted, "wanted only grows");
    }
  }
}

void check_longer(const Buffer& bytes, const ClientHello& hello, Plan& plan) {
  if (hello.kind == Hello::incomplete) return;
  Buffer longer(bytes);
  for (std::size_t left = 1 + plan.random.below(40); left > 0; --left) {
    longer.push_back(static_cast<std::uint8_t>(plan.random.next() >> 32));
  }
  require(same(read(longer, plan.encrypted_name), hello), "what follows changes nothing");
}

void check_other_records(const PlainRecords& plain, const ClientHello& hello, Plan& plan) {
  if (plain.kind != Records::complete) return;
  const Buffer other = cut(plain.message, plan.random);
  const ClientHello again = read(other, plan.encrypted_name);
  if (other.size() > kHelloBytesMax) {
    require(again.kind == Hello::too_large, "too many records are too large");
  } else {
    require(same(again, hello), "records make no difference");
  }
}

// With names of the policy that are near: the name itself, and wildcards one label below, beside and above it.
void check_names(const ClientHello& hello) {
  const std::string name(hello.name, hello.name_size);
  const std::string beside = name.substr(std::min(name.find('.'), name.size()));
  const std::string above = beside.substr(std::min(beside.find('.', 1), beside.size()));
  for (const std::string& policy_name :
       {name, "*." + name, "*" + beside, "*" + above, std::string("api.example.com")}) {
    require(palisade::relay::name_matches({name.data(), name.size()}, policy_name.c_str()) ==
                (is_plain_host(name) && labels_match(split_labels(name), policy_name)),
            "both matchers agree");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kPlanBytes) return -1;  // not worth keeping
  Plan plan = read_plan(data);
  Buffer bytes(data + kPlanBytes, data + size);
  if (plan.is_body) {
    if (plan.is_padded) pad(bytes, plan.random);
    bytes = cut(with_header(bytes), plan.random);
  }
  const ClientHello hello = read(bytes, plan.encrypted_name);
  const PlainRecords plain = join_records(bytes);
  check_result(hello, bytes.size());
  check_against_plain(bytes, plain, plan.encrypted_name, hello);
  check_wanted(bytes, plain, plan.encrypted_name, hello);
  check_asking(bytes, plain, plan.encrypted_name, hello);
  check_beginnings(bytes, hello, plan);
  check_longer(bytes, hello, plan);
  check_other_records(plain, hello, plan);
  if (hello.kind == Hello::complete) check_names(hello);
  return 0;
}
