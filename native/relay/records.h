// Writing the ledger.
#pragma once

#include <span>

#include "relay/ledger.h"

namespace palisade::relay {

// Begins a record; its number.
std::uint64_t begin_record(Ledger& ledger, std::uint32_t endpoint, std::uint64_t now);
// The record of that number, or nullptr when later ones have taken its place.
Record* find_record(Ledger& ledger, std::uint64_t number);
// Bytes that were delivered since the last call.
void count_bytes(Ledger& ledger, std::uint32_t endpoint, std::uint64_t number, std::uint64_t up, std::uint64_t down);
void end_record(Ledger& ledger, std::uint32_t endpoint, std::uint64_t number, End end, int error, std::uint64_t now);
void note_name(Ledger& ledger, std::uint64_t number, std::span<const char> name);

}  // namespace palisade::relay
