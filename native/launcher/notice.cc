#include "launcher/notice.h"

#include <cstring>
#include <string_view>

#include "core/decimal.h"

namespace palisade {
namespace {

// What stands behind `=`.
enum class Value : std::uint8_t { one, bit, number, text, name, watchdog, main_pid };

struct Known {
  std::string_view name;
  Value value;
  bool takes_descriptors = false;
};

// sd_notify(3). NOTIFYACCESS= and MAINPIDFD= are for the manager's own business; X_ names mean nothing to it.
constexpr Known kKnown[] = {
    {"READY", Value::one},
    {"RELOADING", Value::one},
    {"STOPPING", Value::one},
    {"MONOTONIC_USEC", Value::number},
    {"STATUS", Value::text},
    {"ERRNO", Value::number},
    {"BUSERROR", Value::text},
    {"VARLINKERROR", Value::text},
    {"EXIT_STATUS", Value::number},
    {"MAINPID", Value::main_pid},
    {"WATCHDOG", Value::watchdog},
    {"WATCHDOG_USEC", Value::number},
    {"EXTEND_TIMEOUT_USEC", Value::number},
    {"FDSTORE", Value::one, true},
    {"FDSTOREREMOVE", Value::one},
    {"FDNAME", Value::name},
    {"FDPOLL", Value::bit},
    {"BARRIER", Value::one, true},
};

// systemd's own bound for FDNAME=.
constexpr std::size_t kNameMax = 255;
// Of a number of 64 bits.
constexpr std::size_t kDigitsMax = 20;
// The kernel has no larger ones (PID_MAX_LIMIT).
constexpr std::size_t kPidDigitsMax = 7;

bool is_number(std::string_view value) {
  if (value.empty() || value.size() > kDigitsMax) return false;
  for (const char digit : value) {
    if (digit < '0' || digit > '9') return false;
  }
  return true;
}

bool is_text(std::string_view value) {
  for (const char letter : value) {
    const auto code = static_cast<unsigned char>(letter);
    if (code < 0x20 || code == 0x7f) return false;
  }
  return true;
}

bool is_name(std::string_view value) {
  for (const char letter : value) {
    if (letter < 0x20 || letter >= 0x7f || letter == ':') return false;
  }
  return !value.empty() && value.size() <= kNameMax;
}

bool fits(Value kind, std::string_view value) {
  switch (kind) {
    case Value::one:
      return value == "1";
    case Value::bit:
      return value == "0" || value == "1";
    case Value::number:
    case Value::main_pid:
      return is_number(value);
    case Value::text:
      return is_text(value);
    case Value::name:
      return is_name(value);
    case Value::watchdog:
      return value == "1" || value == "trigger";
  }
  return false;
}

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char digit : digits) number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  return number;
}

bool add(Notice& notice, std::string_view line) {
  if (notice.size + line.size() + 1 > sizeof notice.text) return false;
  std::memcpy(notice.text + notice.size, line.data(), line.size());
  notice.size += line.size();
  notice.text[notice.size++] = '\n';
  return true;
}

// False for what a service may not say.
bool take(Notice& notice, std::string_view line) {
  for (const Known& known : kKnown) {
    const std::size_t head = known.name.size();
    if (line.size() <= head || !line.starts_with(known.name) || line[head] != '=') continue;
    const std::string_view value(line.data() + head + 1, line.size() - head - 1);
    if (!fits(known.value, value)) return false;
    if (known.value == Value::main_pid) {
      // Of several the last counts.
      const std::uint64_t pid = value.size() > kPidDigitsMax ? 0 : number_of(value);
      // Nobody is 0, and 1 is a part of ours.
      if (pid > 1) notice.main_pid = pid;
      return pid > 1;
    }
    if (!add(notice, line)) return false;
    notice.takes_descriptors = notice.takes_descriptors || known.takes_descriptors;
    return true;
  }
  return false;
}

}  // namespace

void check_notice(std::span<const char> message, Notice& notice) {
  notice.size = 0;
  notice.refused = 0;
  notice.main_pid = 0;
  notice.takes_descriptors = false;
  std::size_t begin = 0;
  while (begin < message.size()) {
    std::size_t end = begin;
    while (end < message.size() && message[end] != '\n') ++end;
    if (end > begin && !take(notice, {message.data() + begin, end - begin})) ++notice.refused;
    begin = end + 1;
  }
}

bool add_main_pid(Notice& notice, std::uint64_t pid) {
  char line[8 + kDigitsMax + 1] = "MAINPID=";
  std::strcpy(line + 8, Decimal(pid).text());
  return add(notice, line);
}

}  // namespace palisade
