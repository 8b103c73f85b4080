// The functions on memory that compilers call (and C has): a word at a time, on every arch the same.
#include <cstddef>
#include <cstdint>

#include "freestanding/loop.h"

namespace palisade::freestanding {
namespace {

using Byte = unsigned char;
// Of any type, and at any address.
using Word [[gnu::may_alias, gnu::aligned(1)]] = std::uintptr_t;
constexpr std::size_t kWord = sizeof(Word);

Word& word_at(void* place) {
  return *static_cast<Word*>(place);
}
Word word_at(const void* place) {
  return *static_cast<const Word*>(place);
}

// From the first byte on: each word is read before it, or one behind it, is written, if `to` lies below `from`.
void copy_up(Byte* to, const Byte* from, std::size_t size) {
  for (; size >= kWord; size -= kWord, to += kWord, from += kWord, step()) word_at(to) = word_at(from);
  for (; size > 0; --size, step()) *to++ = *from++;
}

// From the last byte on.
void copy_down(Byte* to, const Byte* from, std::size_t size) {
  for (; size >= kWord; size -= kWord, step()) word_at(to + size - kWord) = word_at(from + size - kWord);
  for (; size > 0; --size, step()) to[size - 1] = from[size - 1];
}

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
  copy_up(static_cast<Byte*>(to), static_cast<const Byte*>(from), size);
  return to;
}

void* memmove(void* to, const void* from, std::size_t size) {
  auto* const out = static_cast<Byte*>(to);
  const auto* const in = static_cast<const Byte*>(from);
  const bool overwrites = reinterpret_cast<std::uintptr_t>(out) - reinterpret_cast<std::uintptr_t>(in) < size;
  overwrites ? copy_down(out, in, size) : copy_up(out, in, size);
  return to;
}

void* memset(void* place, int value, std::size_t size) {
  auto* next = static_cast<Byte*>(place);
  const auto byte = static_cast<Byte>(value);
  const Word word = ~Word{0} / 255 * byte;
  for (; size >= kWord; size -= kWord, next += kWord, step()) word_at(next) = word;
  for (; size > 0; --size, step()) *next++ = byte;
  return place;
}

// Of what nobody reads again.
void explicit_bzero(void* place, std::size_t size) {
  memset(place, 0, size);
  asm volatile("" : : "r"(place) : "memory");
}

int memcmp(const void* one, const void* other, std::size_t size) {
  const auto* left = static_cast<const Byte*>(one);
  const auto* right = static_cast<const Byte*>(other);
  for (; size >= kWord && word_at(left) == word_at(right); size -= kWord, left += kWord, right += kWord) continue;
  for (; size > 0 && *left == *right; --size, ++left, ++right) continue;
  return size == 0 ? 0 : *left - *right;
}

// What clang makes of a memcmp that is only compared with 0.
int bcmp(const void* one, const void* other, std::size_t size) {
  return memcmp(one, other, size);
}

}  // extern "C"
}  // namespace palisade::freestanding
