#include "relay/host_name.h"

#include <algorithm>
#include <cstring>

namespace palisade::relay {
namespace {

// Not isalpha(3) and tolower(3): those ask the locale.
bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

char lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

bool is_letter_or_digit(char byte) {
  return is_digit(byte) || (lower(byte) >= 'a' && lower(byte) <= 'z');
}

bool is_label(std::span<const char> label) {
  if (label.empty() || label.size() > kLabelBytesMax) return false;
  if (!is_letter_or_digit(label.front()) || !is_letter_or_digit(label.back())) return false;
  return std::all_of(label.begin(), label.end(), [](char byte) { return is_letter_or_digit(byte) || byte == '-'; });
}

// What inet_aton(3) and URL parsers read as a number, and the name before it as an address: 1, 0x7f, 0x.
bool is_number(std::span<const char> label) {
  const bool hex = label.size() >= 2 && label[0] == '0' && lower(label[1]) == 'x';
  if (!hex) return std::all_of(label.begin(), label.end(), is_digit);
  const std::span<const char> digits = label.subspan(2);
  return std::all_of(digits.begin(), digits.end(),
                     [](char byte) { return is_digit(byte) || (lower(byte) >= 'a' && lower(byte) <= 'f'); });
}

std::size_t first_label(std::span<const char> name) {
  return static_cast<std::size_t>(std::find(name.begin(), name.end(), '.') - name.begin());
}

bool equal(std::span<const char> left, std::span<const char> right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

}  // namespace

bool is_host_name(std::span<const char> name) {
  if (name.size() > kNameBytesMax) return false;
  for (;;) {
    const std::size_t size = first_label(name);
    const std::span<const char> label = name.first(size);
    if (!is_label(label)) return false;
    if (size == name.size()) return !is_number(label);
    name = name.subspan(size + 1);
  }
}

bool name_matches(std::span<const char> name, const char* policy_name) {
  if (!is_host_name(name)) return false;
  const std::span<const char> wanted(policy_name, std::strlen(policy_name));
  const bool wildcard = wanted.size() >= 2 && wanted[0] == '*' && wanted[1] == '.';
  if (!wildcard) return equal(name, wanted);
  return equal(name.subspan(first_label(name)), wanted.subspan(1));
}

}  // namespace palisade::relay
