#include "launcher/report_network.h"

#include <algorithm>

#include "core/ip_text.h"
#include "launcher/message.h"

namespace palisade {
namespace {

using relay::End;

constexpr std::uint8_t kUdp = 17;

// Stable words: a program may look for them.
const char* word_of(End end) {
  switch (end) {
    case End::open:
      return "open";
    case End::closed:
      return "closed";
    case End::reset_by_program:
      return "reset-by-program";
    case End::reset_by_endpoint:
      return "reset-by-endpoint";
    case End::idle:
      return "idle";
    case End::endpoint_silent:
      return "endpoint-silent";
    case End::hello_missing:
      return "tls-hello-missing";
    case End::hello_not_tls:
      return "not-tls";
    case End::hello_malformed:
      return "tls-hello-malformed";
    case End::hello_too_large:
      return "tls-hello-too-large";
    case End::hello_old_version:
      return "tls-version-too-old";
    case End::hello_no_name:
      return "tls-name-missing";
    case End::hello_two_names:
      return "tls-names-several";
    case End::hello_other_name:
      return "tls-name-other";
    case End::hello_encrypted_name:
      return "tls-name-encrypted";
    case End::name_unknown:
      return "name-unknown";
    case End::name_timed_out:
      return "name-timed-out";
    case End::address_refused:
      return "address-refused";
    case End::dial_failed:
      return "dial-failed";
    case End::dial_timed_out:
      return "dial-timed-out";
    case End::no_resources:
      return "no-resources";
  }
  return "unknown";
}

void write_address(Json& json, const Ip& address) {
  if (address.family == 4 || address.family == 6) json.raw(",\"address\":").text(IpText(address).text());
}

// EAI_* of getaddrinfo(3) are negative, errnos are not.
void write_error(Json& json, std::int32_t error) {
  if (error > 0) json.raw(",\"errno\":").text(ErrnoName(error).text);
  if (error < 0) json.raw(",\"resolverError\":").number(static_cast<std::uint64_t>(-std::int64_t{error}));
}

void write_record(Json& json, const char* key, const relay::Record& record, std::uint64_t ended_at) {
  json.raw("{\"key\":").text(key).raw(",\"end\":").text(word_of(record.end));
  write_error(json, record.error);
  write_address(json, record.address);
  if (record.refused_addresses > 0) json.raw(",\"refusedAddresses\":").number(record.refused_addresses);
  char name[relay::kSeenNameMax + 1] = {};
  std::copy_n(record.name, relay::kSeenNameMax, name);
  if (name[0] != '\0') json.raw(",\"tlsName\":").text(name);
  const std::uint64_t end = record.ended == 0 ? ended_at : record.ended;
  json.raw(",\"bytesUp\":").number(record.up).raw(",\"bytesDown\":").number(record.down);
  json.raw(",\"durationMs\":").number(end < record.started ? 0 : end - record.started).raw("}");
}

void write_totals(Json& json, const char* key, const relay::Totals& totals) {
  json.raw("{\"key\":").text(key).raw(",\"connections\":").number(totals.connections);
  json.raw(",\"refused\":").number(totals.refused);
  json.raw(",\"bytesUp\":").number(totals.up).raw(",\"bytesDown\":").number(totals.down).raw("}");
}

// `items` are the endpoints or published ports, by index.
template <class Items>
void write_all_totals(Json& json, const Items& items, const relay::Ledger& ledger, bool& first) {
  for (std::size_t index = 0; index < items.size() && index < relay::kEndpointsMax; ++index) {
    json.raw(first ? "" : ",");
    first = false;
    write_totals(json, items[index].key.data, ledger.totals[index]);
  }
}

// The last ones, oldest first. The relay wrote them: an index that does not fit is left out.
template <class Items>
void write_records(Json& json, const Items& items, const relay::Ledger& ledger, std::uint64_t ended_at, bool& first) {
  for (std::uint64_t place = 1; place <= relay::kRecordsMax; ++place) {
    const relay::Record& record = ledger.records[(ledger.count + place) % relay::kRecordsMax];
    if (record.number == 0 || record.endpoint >= items.size()) continue;
    json.raw(first ? "" : ",");
    first = false;
    write_record(json, items[record.endpoint].key.data, record, ended_at);
  }
}

// Nobody counts what the kernel forwards: this is what it may.
void write_forwarded(Json& json, const plan::NetworkOpenRoute& step) {
  json.raw("\"via\":\"route\",\"forwarded\":[");
  bool first = true;
  for (const plan::NetworkOpenRoutePasses& pass : step.passes) {
    json.raw(first ? "{\"key\":" : ",{\"key\":").text(pass.key.data);
    write_address(json, pass.address);
    json.raw(",\"port\":").number(pass.port);
    json.raw(",\"protocol\":").text(pass.protocol == kUdp ? "udp" : "tcp").raw("}");
    first = false;
  }
  json.raw("],");
}

std::uint64_t unlisted(const relay::Ledger* ledger) {
  return ledger == nullptr || ledger->count <= relay::kRecordsMax ? 0 : ledger->count - relay::kRecordsMax;
}

}  // namespace

void write_network(Json& json, const Launch& launch, std::uint64_t ended_at) {
  const auto* const relayed = launch.plan.find<plan::NetworkRelay>();
  const auto* const published = launch.plan.find<plan::NetworkPublish>();
  const auto* const routed = launch.plan.find<plan::NetworkOpenRoute>();
  if (relayed == nullptr && published == nullptr && routed == nullptr) return;
  json.raw(",\"network\":{");
  if (routed != nullptr) write_forwarded(json, *routed);
  json.raw("\"endpoints\":[");
  bool first = true;
  if (relayed != nullptr) write_all_totals(json, relayed->endpoints, *launch.relayed, first);
  if (published != nullptr) write_all_totals(json, published->published, *launch.published, first);
  json.raw("],\"connections\":[");
  first = true;
  if (relayed != nullptr) write_records(json, relayed->endpoints, *launch.relayed, ended_at, first);
  if (published != nullptr) write_records(json, published->published, *launch.published, ended_at, first);
  json.raw("],\"unlisted\":").number(unlisted(launch.relayed) + unlisted(launch.published)).raw("}");
}

}  // namespace palisade
