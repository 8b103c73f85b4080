#include "relay/records.h"

#include <algorithm>
#include <cstring>

namespace palisade::relay {

std::uint64_t begin_record(Ledger& ledger, std::uint32_t endpoint, std::uint64_t now) {
  const std::uint64_t number = ++ledger.count;
  Record& record = ledger.records[number % kRecordsMax];
  record = Record();
  record.number = number;
  record.endpoint = endpoint;
  record.started = now;
  ++ledger.totals[endpoint].connections;
  return number;
}

Record* find_record(Ledger& ledger, std::uint64_t number) {
  Record& record = ledger.records[number % kRecordsMax];
  return record.number == number ? &record : nullptr;
}

void count_bytes(Ledger& ledger, std::uint32_t endpoint, std::uint64_t number, std::uint64_t up, std::uint64_t down) {
  ledger.totals[endpoint].up += up;
  ledger.totals[endpoint].down += down;
  if (Record* const record = find_record(ledger, number)) {
    record->up += up;
    record->down += down;
  }
}

void end_record(Ledger& ledger, std::uint32_t endpoint, std::uint64_t number, End end, int error, std::uint64_t now) {
  if (is_refusal(end)) ++ledger.totals[endpoint].refused;
  if (Record* const record = find_record(ledger, number)) {
    record->end = end;
    record->error = error;
    record->ended = now;
  }
}

void note_name(Ledger& ledger, std::uint64_t number, std::span<const char> name) {
  Record* const record = find_record(ledger, number);
  if (record != nullptr) std::memcpy(record->name, name.data(), std::min(name.size(), kSeenNameMax - 1));
}

}  // namespace palisade::relay
