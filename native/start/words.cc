#include "start/words.h"

#include <sys/auxv.h>

#include <algorithm>
#include <cstring>

#include "plan/kept.h"

namespace palisade {
namespace {

// Of the bytes of one character (RFC 3629): how many follow the first, and what the second one may be.
struct Form {
  std::uint8_t first_min, first_max, second_min, second_max, more;
};
constexpr Form kForms[] = {{0x01, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 0x80, 0xbf, 1}, {0xe0, 0xe0, 0xa0, 0xbf, 2},
                           {0xe1, 0xec, 0x80, 0xbf, 2}, {0xed, 0xed, 0x80, 0x9f, 2}, {0xee, 0xef, 0x80, 0xbf, 2},
                           {0xf0, 0xf0, 0x90, 0xbf, 3}, {0xf1, 0xf3, 0x80, 0xbf, 3}, {0xf4, 0xf4, 0x80, 0x8f, 3}};

const Form* form_of(std::uint8_t first) {
  for (const Form& form : kForms) {
    if (first >= form.first_min && first <= form.first_max) return &form;
  }
  return nullptr;
}

std::uint32_t sum_of(const Words& words, const char* directory, std::uint32_t seed) {
  std::size_t size = std::strlen(words.started_as) + 1 + std::strlen(directory) + 1;
  for (const char* const word : words.ours) size += std::strlen(word) + 1;
  plan::Checksum sum(size, seed);
  sum.add(words.started_as, std::strlen(words.started_as) + 1);
  sum.add(directory, std::strlen(directory) + 1);
  for (const char* const word : words.ours) sum.add(word, std::strlen(word) + 1);
  return sum.value();
}

// The name by which execve(2) found this program.
const char* started_as() {
  const auto* const name = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  return name == nullptr ? "" : name;
}

// `--no-plans`. Where one of the two stands as the value of another option, the compiler is asked: no plan is kept so.
bool wants_none(std::span<const char* const> words) {
  return std::ranges::any_of(words, [](const char* word) { return std::strcmp(word, "--no-plans") == 0; });
}

// `--plans DIRECTORY` or `--plans=DIRECTORY`.
const char* plans_of(std::span<const char* const> words) {
  constexpr char kOption[] = "--plans";
  constexpr std::size_t kLength = sizeof kOption - 1;
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (std::strncmp(words[index], kOption, kLength) != 0) continue;
    if (words[index][kLength] == '=') return words[index] + kLength + 1;
    if (words[index][kLength] == '\0' && index + 1 < words.size()) return words[index + 1];
  }
  return nullptr;
}

}  // namespace

bool is_utf8(const char* text) {
  const auto* byte = reinterpret_cast<const std::uint8_t*>(text);
  while (*byte != 0) {
    const Form* const form = form_of(*byte++);
    if (form == nullptr) return false;
    for (std::uint8_t index = 0; index < form->more; ++index, ++byte) {
      const std::uint8_t least = index == 0 ? form->second_min : 0x80;
      const std::uint8_t most = index == 0 ? form->second_max : 0xbf;
      if (*byte < least || *byte > most) return false;
    }
  }
  return true;
}

const char* read_plan_words(char** argv, Words& words) {
  std::size_t next = 1;
  if (argv[0] == nullptr || argv[next] == nullptr) return nullptr;
  if (std::strcmp(argv[next], "run") == 0) ++next;
  if (argv[next] == nullptr || std::strcmp(argv[next], "--plan") != 0 || argv[next + 1] == nullptr) return nullptr;
  const char* const file = argv[next + 1];
  next += 2;
  std::size_t count = next;
  for (; argv[count] != nullptr; ++count) {
    if (!is_utf8(argv[count])) return nullptr;
  }
  if (count > next && (std::strcmp(argv[next], "--") != 0 || count == next + 1)) return nullptr;
  words.started_as = started_as();
  if (count > next) words.program = {argv + next + 1, count - next - 1};
  return file;
}

bool read_words(char** argv, Words& words) {
  std::size_t count = 0;
  std::size_t program = 0;
  for (; argv[count] != nullptr; ++count) {
    if (!is_utf8(argv[count])) return false;
    if (program == 0 && count > 0 && std::strcmp(argv[count], "--") == 0) program = count + 1;
  }
  if (program == 0 || program == count) return false;
  words.started_as = started_as();
  if (words.started_as[0] == '\0' || !is_utf8(words.started_as)) return false;
  words.ours = {argv + 1, program};
  words.program = {argv + program, count - program};
  const std::span<const char* const> options = words.ours.first(program - 2);
  words.plans = plans_of(options);
  return !wants_none(options);
}

void name_of_kept(const Words& words, const char* directory, char (&name)[kKeptNameBytes]) {
  constexpr char kHex[] = "0123456789abcdef";
  for (std::uint32_t half = 0; half < 2; ++half) {
    const std::uint32_t sum = sum_of(words, directory, half + 1);
    for (std::uint32_t digit = 0; digit < 8; ++digit) name[8 * half + digit] = kHex[sum >> (28 - 4 * digit) & 15];
  }
  name[16] = '\0';
}

}  // namespace palisade
