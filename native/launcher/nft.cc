#include "launcher/nft.h"

#include <poll.h>

#include <cerrno>
#include <cstring>

#include "launcher/message.h"
#include "sys/files.h"
#include "sys/security.h"
#include "sys/sockets.h"

namespace palisade {
namespace {

constexpr char kPlace = '%';
// It answers within milliseconds, unless the kernel has to load modules first.
constexpr std::uint64_t kPatienceMs = 10000;
constexpr std::uint32_t kNetAdmin = 12;  // CAP_NET_ADMIN

std::span<const std::uint8_t> bytes_of(const char* text, std::size_t size) {
  return {reinterpret_cast<const std::uint8_t*>(text), size};
}

Status become_nft(const char* path, const SocketFd& commands) {
  // Away from the terminal's and the caller's process group: a signal to all of it must not take the rules away.
  const Status apart = sys::new_session();
  if (apart.failed()) return apart;
  for (int number = 0; number <= 2; ++number) {
    const Status placed = sys::place_descriptor(commands.number(), number);
    if (placed.failed()) return placed;
  }
  int kept[] = {0, 1, 2};
  const Status alone = sys::close_all_but(kept);
  if (alone.failed()) return alone;
  const Status frozen = sys::no_new_privileges();
  if (frozen.failed()) return frozen;
  const Status limited = sys::keep_only_capability(kNetAdmin);
  if (limited.failed()) return limited;
  const char* const arguments[] = {"nft", "-i", nullptr};
  // It writes what it was told to ~/.nft.history.
  const char* const environment[] = {"HOME=/dev/null", nullptr};
  return sys::execute(path, arguments, environment);
}

// Prints the first line of an answer that was not expected.
void complain(char* answer) {
  answer[std::strcspn(answer, "\n")] = '\0';
  if (answer[0] != '\0') say("nft", answer, kFailed);
}

}  // namespace

Result<RunName> make_run_name() {
  constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuv";
  std::uint8_t random[sizeof(RunName::text) - 1];
  const Status filled = sys::fill_random(random);
  if (filled.failed()) return filled.error();
  RunName name;
  for (std::size_t index = 0; index < sizeof random; ++index) name.text[index] = kDigits[random[index] % 32];
  return name;
}

Status write_named(std::span<char> buffer, const char* text, const RunName& name) {
  std::size_t used = 0;
  for (; *text != '\0'; ++text) {
    const std::size_t size = *text == kPlace ? std::strlen(name.text) : 1;
    if (size >= buffer.size() - used) return SysError{"name", ENAMETOOLONG};
    std::memcpy(buffer.data() + used, *text == kPlace ? name.text : text, size);
    used += size;
  }
  buffer[used] = '\0';
  return {};
}

Status start_nft(const char* path, Nft& nft) {
  Result<sys::SocketPair> pair = sys::make_stream_pair();
  if (pair.failed()) return pair.error();
  const Result<sys::Pid> pid = sys::fork_process();
  if (pid.failed()) return pid.error();
  if (pid.value() == sys::Pid(0)) {
    const SysError failure = become_nft(path, pair.value().second).error();
    sys::exit_now(failure.error == ENOENT ? 127 : 126);
  }
  nft.pid = pid.value();
  nft.commands = std::move(pair.value().first);
  return {};
}

Status tell(const Nft& nft, const char* line, const RunName& name) {
  while (*line != '\0') {
    const std::size_t size = std::strcspn(line, "%");
    const Status sent = sys::send_message(nft.commands, bytes_of(line, size), {});
    if (sent.failed()) return sent;
    line += size;
    if (*line != kPlace) continue;
    ++line;
    const Status named = sys::send_message(nft.commands, bytes_of(name.text, std::strlen(name.text)), {});
    if (named.failed()) return named;
  }
  return sys::send_message(nft.commands, bytes_of("\n", 1), {});
}

Status expect(const Nft& nft, const char* expected) {
  constexpr char kEnd[] = "\n}\n";
  const std::uint64_t until = sys::monotonic_milliseconds() + kPatienceMs;
  char answer[4096] = {};
  std::size_t size = 0;
  for (;;) {
    const std::uint64_t now = sys::monotonic_milliseconds();
    pollfd wait{nft.commands.number(), POLLIN, 0};
    const int ready = now >= until ? 0 : ::poll(&wait, 1, static_cast<int>(until - now));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return SysError{"poll", errno};
    if (ready == 0) return SysError{"nft", ETIMEDOUT};
    const Result<std::size_t> count =
        sys::receive_some(nft.commands, {reinterpret_cast<std::uint8_t*>(answer) + size, sizeof answer - 1 - size});
    if (count.failed()) return count.error();
    size += count.value();
    const bool begins = std::strncmp(answer, expected, std::strlen(expected)) == 0;
    const bool whole = size >= 3 && std::strcmp(answer + size - 3, kEnd) == 0;
    if (begins && whole) return {};
    const bool over = count.value() == 0 || size == sizeof answer - 1;
    if (!over && (begins || std::strchr(answer, '\n') == nullptr)) continue;
    complain(answer);
    return SysError{"nft", ECONNABORTED};
  }
}

}  // namespace palisade
