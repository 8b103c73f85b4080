#include "relay/client_hello.h"

#include "relay/hello_records.h"

namespace palisade::relay {
namespace {

constexpr std::uint16_t kTls12 = 0x0303;
constexpr std::uint16_t kTls13 = 0x0304;
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kSessionIdMax = 32;

constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kSupportedVersions = 43;
constexpr std::uint16_t kEncryptedClientHello = 0xfe0d;  // RFC 9849
constexpr std::uint16_t kEncryptedServerName = 0xffce;   // its first drafts, which browsers have sent
constexpr std::uint8_t kHostName = 0;                    // RFC 6066 3: the only type of name there is

// One bit for each type of extension there can be.
class ExtensionSet {
 public:
  // False when it was there.
  bool add(std::uint16_t type) {
    const std::uint64_t bit = std::uint64_t{1} << (type % 64);
    const bool fresh = (words_[type / 64] & bit) == 0;
    words_[type / 64] |= bit;
    return fresh;
  }

 private:
  std::uint64_t words_[65536 / 64] = {};
};

struct Findings {
  bool old_version = false;
  bool two_names = false;
};

enum class Form : std::uint8_t { good, bad };

// A list is read to its end although one entry is too many: what is malformed is called so.
Form read_server_name(HelloReader content, ClientHello& hello, Findings& findings) {
  if (content.u16() != content.left()) return Form::bad;
  if (content.u8() != kHostName) return Form::bad;
  const std::size_t size = content.u16();
  if (content.failed() || size > content.left() || size > kNameBytesMax) return Form::bad;
  for (std::size_t index = 0; index < size; ++index) hello.name[index] = static_cast<char>(content.u8());
  hello.name[size] = 0;
  hello.name_size = size;
  if (content.left() > 0) findings.two_names = true;
  return is_host_name({hello.name, size}) ? Form::good : Form::bad;
}

Form read_supported_versions(HelloReader content, Findings& findings) {
  const std::size_t size = content.u8();
  if (content.failed() || size == 0 || size % 2 != 0 || size != content.left()) return Form::bad;
  findings.old_version = true;
  while (content.left() > 0) {
    const std::uint16_t version = content.u16();
    if (version == kTls12 || version == kTls13) findings.old_version = false;
  }
  return Form::good;
}

Form read_extensions(HelloReader& body, ClientHello& hello, Findings& findings) {
  ExtensionSet seen;
  while (body.left() > 0) {
    const std::uint16_t type = body.u16();
    const std::size_t size = body.u16();
    const HelloReader content = body.part(size);
    if (content.failed()) return Form::bad;
    if (!seen.add(type)) {
      // No type may come twice (RFC 8446 4.2), those that mean nothing (RFC 8701) neither.
      if (type != kServerName) return Form::bad;
      findings.two_names = true;
    }
    Form form = Form::good;
    if (type == kServerName) form = read_server_name(content, hello, findings);
    if (type == kSupportedVersions) form = read_supported_versions(content, findings);
    if (form == Form::bad) return form;
    if (type == kEncryptedClientHello || type == kEncryptedServerName) hello.ech = true;
  }
  return Form::good;
}

// RFC 8446 4.1.2, RFC 5246 7.4.1.2.
Form read_body(HelloReader body, ClientHello& hello, Findings& findings) {
  const std::uint16_t version = body.u16();
  body.skip(kRandomBytes);
  const std::size_t session_id = body.u8();
  if (session_id > kSessionIdMax) return Form::bad;
  body.skip(session_id);
  const std::size_t cipher_suites = body.u16();
  if (cipher_suites == 0 || cipher_suites % 2 != 0) return Form::bad;
  body.skip(cipher_suites);
  const std::size_t compression_methods = body.u8();
  if (compression_methods == 0) return Form::bad;
  body.skip(compression_methods);
  if (body.failed()) return Form::bad;
  // TLS 1.2 and older may leave out the whole block.
  if (body.left() > 0) {
    const std::size_t extensions = body.u16();
    if (body.failed() || extensions != body.left()) return Form::bad;
    if (read_extensions(body, hello, findings) == Form::bad) return Form::bad;
  }
  // TLS 1.3 says 0x0303 here and what it can do in an extension.
  if (version > kTls12) return Form::bad;
  if (version < kTls12) findings.old_version = true;
  return Form::good;
}

Hello judge(const ClientHello& hello, const Findings& findings, EncryptedName encrypted_name) {
  if (findings.old_version) return Hello::old_version;
  if (findings.two_names) return Hello::two_names;
  if (hello.ech && encrypted_name == EncryptedName::refused) return Hello::encrypted_name;
  return hello.name_size == 0 ? Hello::no_name : Hello::complete;
}

}  // namespace

ClientHello read_client_hello(std::span<const std::uint8_t> bytes, EncryptedName encrypted_name) {
  ClientHello hello;
  const HelloRecords records = walk_records(bytes);
  hello.kind = records.kind;
  hello.wanted = records.wanted;
  if (records.kind != Hello::complete) return hello;
  Findings findings;
  const Form form = read_body(HelloReader(bytes, records.body_size), hello, findings);
  hello.kind = form == Form::bad ? Hello::malformed : judge(hello, findings, encrypted_name);
  if (hello.kind == Hello::complete) return hello;
  // A name that is refused is nobody's to use.
  ClientHello refused;
  refused.kind = hello.kind;
  return refused;
}

}  // namespace palisade::relay
