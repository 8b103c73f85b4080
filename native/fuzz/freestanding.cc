// freestanding ROUNDS SEED: what the launcher has in place of libc, against libc, on random inputs under sanitizers.
// Each buffer is an allocation of exactly its size, so that a step beyond is seen.
#include <arpa/inet.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/ip_text.h"
#include "core/join.h"
#include "fuzz/random.h"
#include "fuzz/require.h"
#include "fuzz/vdso_tables.h"
#include "sys/errno_name.h"

// native/freestanding/memory.cc and strings.cc are compiled with these names.
namespace own {

void* memcpy(void* to, const void* from, std::size_t size) asm("own_memcpy");
void* memmove(void* to, const void* from, std::size_t size) asm("own_memmove");
void* memset(void* place, int value, std::size_t size) asm("own_memset");
void explicit_bzero(void* place, std::size_t size) asm("own_explicit_bzero");
int memcmp(const void* one, const void* other, std::size_t size) asm("own_memcmp");
std::size_t strlen(const char* text) asm("own_strlen");
std::size_t strnlen(const char* text, std::size_t most) asm("own_strnlen");
int strcmp(const char* one, const char* other) asm("own_strcmp");
int strncmp(const char* one, const char* other, std::size_t most) asm("own_strncmp");
char* strchr(const char* text, int letter) asm("own_strchr");
char* strrchr(const char* text, int letter) asm("own_strrchr");
std::size_t strcspn(const char* text, const char* enders) asm("own_strcspn");
char* strcpy(char* to, const char* from) asm("own_strcpy");
char* stpcpy(char* to, const char* from) asm("own_stpcpy");
char* strcat(char* to, const char* from) asm("own_strcat");
char* strncpy(char* to, const char* from, std::size_t size) asm("own_strncpy");
char* strtok_r(char* text, const char* enders, char** rest) asm("own_strtok_r");

}  // namespace own

namespace palisade::fuzz {
namespace {

using Bytes = std::vector<std::uint8_t>;
// Few values, so that equal ones meet; high ones, which are negative as a char.
constexpr char kLetters[] = {'a', 'b', '/', ' ', '\x80', '\xff'};

int sign(int order) {
  return order < 0 ? -1 : static_cast<int>(order > 0);
}

Bytes random_bytes(Random& random, std::size_t size) {
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(4) == 0 ? random.next() : 0);
  return bytes;
}

// With its NUL, and nothing behind.
std::vector<char> random_text(Random& random, std::size_t longest) {
  std::vector<char> text(random.below(longest + 1));
  for (char& letter : text) letter = kLetters[random.below(sizeof kLetters)];
  text.push_back('\0');
  text.shrink_to_fit();
  return text;
}

void compare_memory(Random& random) {
  const std::size_t size = 1 + random.below(200);
  Bytes one = random_bytes(random, size);
  Bytes other(one);
  const std::size_t from = random.below(size);
  const std::size_t to = random.below(size);
  const std::size_t count = 1 + random.below(size - std::max(from, to));
  const Bytes source = random_bytes(random, count);
  std::memcpy(one.data() + to, source.data(), count);
  require(own::memcpy(other.data() + to, source.data(), count) == other.data() + to, "memcpy returns where to");
  require(one == other, "memcpy");
  std::memmove(one.data() + to, one.data() + from, count);
  require(own::memmove(other.data() + to, other.data() + from, count) == other.data() + to, "memmove returns where to");
  require(one == other, "memmove");
  if (random.below(2) == 0) other[random.below(size)] ^= static_cast<std::uint8_t>(1U << random.below(8));
  const int order = std::memcmp(one.data() + from, other.data() + from, size - from);
  require(sign(own::memcmp(one.data() + from, other.data() + from, size - from)) == sign(order), "memcmp");
  const int value = static_cast<int>(random.next());
  std::memset(one.data() + from, value, size - from);
  require(own::memset(other.data() + from, value, size - from) == other.data() + from, "memset returns the place");
  require(std::equal(one.begin() + from, one.end(), other.begin() + from), "memset");
  ::explicit_bzero(one.data() + to, count);
  own::explicit_bzero(other.data() + to, count);
  require(std::equal(one.begin() + from, one.end(), other.begin() + from), "explicit_bzero");
}

void compare_looking(Random& random) {
  const auto one = random_text(random, 20);
  const auto other = random.below(3) == 0 ? one : random_text(random, 20);
  const std::size_t most = random.below(one.size() + 1);
  const int letter = random.below(8) == 0 ? 0 : kLetters[random.below(sizeof kLetters)];
  require(own::strlen(one.data()) == std::strlen(one.data()), "strlen");
  require(own::strnlen(one.data(), most) == ::strnlen(one.data(), most), "strnlen");
  require(sign(own::strcmp(one.data(), other.data())) == sign(std::strcmp(one.data(), other.data())), "strcmp");
  require(sign(own::strncmp(one.data(), other.data(), most)) == sign(std::strncmp(one.data(), other.data(), most)),
          "strncmp");
  require(own::strchr(one.data(), letter) == std::strchr(one.data(), letter), "strchr");
  require(own::strrchr(one.data(), letter) == std::strrchr(one.data(), letter), "strrchr");
  const auto enders = random_text(random, 3);
  require(own::strcspn(one.data(), enders.data()) == std::strcspn(one.data(), enders.data()), "strcspn");
}

void compare_copying(Random& random) {
  const auto before = random_text(random, 9);
  const auto text = random_text(random, 20);
  std::vector<char> one(before.size() + text.size() - 1, 'x');
  std::vector<char> other(one);
  const std::size_t size = random.below(one.size() + 1);
  std::strncpy(one.data(), text.data(), size);
  require(own::strncpy(other.data(), text.data(), size) == other.data() && one == other, "strncpy");
  std::strcpy(one.data(), before.data());
  require(own::strcpy(other.data(), before.data()) == other.data() && one == other, "strcpy");
  std::strcat(one.data(), text.data());
  require(own::strcat(other.data(), text.data()) == other.data() && one == other, "strcat");
  require(own::stpcpy(other.data(), text.data()) == other.data() + std::strlen(text.data()), "stpcpy returns the end");
  require(std::strcmp(other.data(), text.data()) == 0, "stpcpy");
}

void compare_words(Random& random) {
  auto one = random_text(random, 40);
  auto other = one;
  const auto enders = random_text(random, 2);
  char* one_rest = nullptr;
  char* other_rest = nullptr;
  char* one_text = one.data();
  char* other_text = other.data();
  for (;;) {
    const char* const word = ::strtok_r(one_text, enders.data(), &one_rest);
    const char* const same = own::strtok_r(other_text, enders.data(), &other_rest);
    require((word == nullptr) == (same == nullptr), "strtok_r finds as many words");
    if (word == nullptr) break;
    require(word - one.data() == same - other.data(), "strtok_r finds the same words");
    require(one == other, "strtok_r cuts the same text");
    one_text = other_text = nullptr;
  }
}

void compare_addresses(Random& random) {
  Ip address;
  address.family = random.below(2) == 0 ? 4 : 6;
  const Bytes bytes = random_bytes(random, address.size());
  std::memcpy(address.bytes, bytes.data(), bytes.size());
  if (random.below(4) == 0) std::memset(address.bytes, 0, 10);
  if (random.below(4) == 0) std::memset(address.bytes + 10, 0xff, 2);
  char text[INET6_ADDRSTRLEN] = {};
  require(::inet_ntop(address.family == 4 ? AF_INET : AF_INET6, address.bytes, text, sizeof text) != nullptr, "glibc");
  require(std::strcmp(IpText(address).text(), text) == 0, "an address has the text of inet_ntop(3)");
}

void compare_joined(Random& random) {
  const auto one = random_text(random, 20);
  const auto other = random_text(random, 20);
  std::vector<char> room(1 + random.below(50), 'x');
  std::vector<char> same(room);
  const int size = std::snprintf(room.data(), room.size(), "%s%s", one.data(), other.data());
  const bool fits = join(same, {one.data(), other.data()});
  require(fits == (static_cast<std::size_t>(size) < room.size()), "join says whether it fits");
  require(std::strcmp(room.data(), same.data()) == 0, "join writes as much as snprintf(3)");
}

void compare_errors() {
  for (int error = -1; error <= 4096; ++error) {
    const char* const name = sys::errno_name(error);
    // glibc calls it Success.
    const char* const same = error == 0 ? nullptr : ::strerrorname_np(error);
    require((name == nullptr) == (same == nullptr), "an errno has a name");
    require(name == nullptr || std::strcmp(name, same) == 0, "an errno has the name of strerrorname_np(3)");
  }
}

}  // namespace
}  // namespace palisade::fuzz

int main(int argc, char** argv) {
  using namespace palisade::fuzz;
  if (argc != 3) return 2;
  const std::uint64_t rounds = std::strtoull(argv[1], nullptr, 10);
  Random random{std::strtoull(argv[2], nullptr, 10) | 1};
  compare_errors();
  compare_vdso();
  for (std::uint64_t round = 0; round < rounds; ++round) {
    compare_memory(random);
    compare_looking(random);
    compare_copying(random);
    compare_words(random);
    compare_addresses(random);
    compare_joined(random);
  }
  std::puts("alike");
  return 0;
}
