#include "relay/names.h"

#include <cerrno>
#include <cstring>

#include "sys/sockets.h"

namespace palisade::relay {
namespace {

// Longer than a lookup lives (kSecondsMax of palisade-resolve): it has ended without an answer.
constexpr std::uint64_t kLookupLostMs = 16000;

// Entries of wildcards come and go: the one that was answered longest ago makes room.
std::uint32_t oldest_answered(const Names& names) {
  std::uint32_t oldest = kNoName;
  for (std::uint32_t index = names.lasting; index < names.count; ++index) {
    const Name& name = names.all[index];
    if (name.lookup == Lookup::asked) continue;
    if (oldest == kNoName || name.answered_at < names.all[oldest].answered_at) oldest = index;
  }
  return oldest;
}

template <class Range>
bool holds(std::span<const Range> ranges, const Ip& address) {
  for (const Range& range : ranges) {
    if (in_range(address, range.address, range.prefix)) return true;
  }
  return false;
}

bool may_lead_to(const plan::NetworkRelay& step, const plan::NetworkRelayEndpoints& endpoint, const Ip& address) {
  if (holds(step.unreachable, address)) return false;
  return endpoint.within.empty() ? !holds(step.refused, address) : holds(endpoint.within, address);
}

}  // namespace

std::uint32_t find_name(Names& names, const char* text, std::uint32_t endpoint) {
  for (std::uint32_t index = 0; index < names.count; ++index) {
    if (std::strcmp(names.all[index].text, text) == 0) return index;
  }
  const std::uint32_t index = names.count < kNamesMax ? names.count++ : oldest_answered(names);
  if (index == kNoName) return kNoName;
  names.all[index] = Name();
  names.all[index].endpoint = endpoint;
  std::strncpy(names.all[index].text, text, kNameBytesMax);
  return index;
}

bool is_fresh(const Names& names, const Name& name, std::uint64_t since, std::uint64_t now) {
  return name.lookup == Lookup::answered && name.answered_at >= since && now - name.answered_at < names.fresh_ms;
}

Status ask(Names& names, std::uint32_t index, std::uint64_t now) {
  Name& name = names.all[index];
  if (name.lookup == Lookup::asked && now - name.asked_at < kLookupLostMs) return {};
  Question question;
  question.index = index;
  question.endpoint = name.endpoint;
  std::memcpy(question.name, name.text, sizeof name.text);
  const Status sent =
      sys::send_message(*names.resolver, {reinterpret_cast<const std::uint8_t*>(&question), sizeof question}, {});
  if (sent.failed()) return sent;
  name.lookup = Lookup::asked;
  name.asked_at = now;
  return {};
}

Result<std::uint32_t> take_answer(Names& names, std::uint64_t now) {
  Answer answer;
  const Result<sys::Message> message =
      sys::receive_message(*names.resolver, {reinterpret_cast<std::uint8_t*>(&answer), sizeof answer});
  if (message.failed()) return message.error().error == EAGAIN ? Result<std::uint32_t>(kNoName) : message.error();
  if (message.value().size == 0) return SysError{"resolver ended", ECONNABORTED};
  if (message.value().size != sizeof answer || answer.index >= names.count || answer.count > kAnswerAddressesMax)
    return kNoName;
  Name& name = names.all[answer.index];
  if (name.lookup != Lookup::asked) return kNoName;
  name.lookup = Lookup::answered;
  name.answered_at = now;
  name.answer = answer;
  return answer.index;
}

Targets choose_targets(const plan::NetworkRelay& step, const plan::NetworkRelayEndpoints& endpoint,
                       const Answer& found) {
  Targets targets;
  Ip allowed[kAnswerAddressesMax];
  std::size_t count = 0;
  for (std::uint32_t index = 0; index < found.count; ++index) {
    if (may_lead_to(step, endpoint, found.addresses[index])) {
      allowed[count++] = found.addresses[index];
    } else {
      ++targets.refused;
    }
  }
  // The resolver's order within each family, and its first family first.
  bool taken[kAnswerAddressesMax] = {};
  std::uint8_t wanted = count == 0 ? 0 : allowed[0].family;
  while (targets.count < count) {
    std::size_t next = 0;
    while (next < count && (taken[next] || allowed[next].family != wanted)) ++next;
    wanted = wanted == 4 ? 6 : 4;
    if (next == count) continue;
    taken[next] = true;
    targets.addresses[targets.count++] = allowed[next];
  }
  return targets;
}

}  // namespace palisade::relay
