#include "relay/greeting.h"

#include "relay/client_hello.h"
#include "relay/dialling.h"
#include "relay/records.h"
#include "relay/slots.h"
#include "sys/tcp.h"

namespace palisade::relay {
namespace {

std::uint8_t hello_bytes[kHelloBytesMax];

End end_of(Hello kind) {
  switch (kind) {
    case Hello::not_tls:
      return End::hello_not_tls;
    case Hello::too_large:
      return End::hello_too_large;
    case Hello::old_version:
      return End::hello_old_version;
    case Hello::no_name:
      return End::hello_no_name;
    case Hello::two_names:
      return End::hello_two_names;
    case Hello::encrypted_name:
      return End::hello_encrypted_name;
    case Hello::incomplete:
      return End::hello_missing;
    case Hello::malformed:
    case Hello::complete:
      break;
  }
  return End::hello_malformed;
}

}  // namespace

void judge_hello(Engine& engine, std::uint32_t index) {
  Connection& connection = engine.connections[index];
  const plan::NetworkRelayEndpoints& endpoint = endpoint_of(engine, connection);
  const Result<long> peeked = sys::peek(connection.inside.socket, hello_bytes);
  if (peeked.failed()) return finish(engine, index, End::reset_by_program, peeked.error().error);
  if (peeked.value() == sys::kWouldWait) return;
  if (peeked.value() == 0) return finish(engine, index, End::hello_missing);
  const EncryptedName encrypted = endpoint.tls == 2 ? EncryptedName::allowed : EncryptedName::refused;
  ClientHello hello = read_client_hello({hello_bytes, static_cast<std::size_t>(peeked.value())}, encrypted);
  if (hello.kind == Hello::incomplete && !connection.inside.hung_up) return;
  if (hello.kind != Hello::complete) return finish(engine, index, end_of(hello.kind));
  const std::span<const char> name(hello.name, hello.name_size);
  if (!name_matches(name, endpoint.host.data)) {
    note_name(*engine.ledger, connection.record, name);
    return finish(engine, index, End::hello_other_name);
  }
  for (char& letter : hello.name) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  if (endpoint.host.data[0] == '*') note_name(*engine.ledger, connection.record, name);
  find_address(engine, index, hello.name);
}

}  // namespace palisade::relay
