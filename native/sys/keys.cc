#include "sys/keys.h"

#include <linux/keyctl.h>

#include "sys/raw.h"

namespace palisade::sys {
namespace {

constexpr char kType[] = "user";
constexpr char kDescription[] = "palisade:plans";
// For who has the keyring in one of its own: 0x01 view, 0x02 read, 0x08 search (keyctl_setperm(3)). Nobody changes it.
constexpr std::uint32_t kPossessorReads = 0x0b000000;

template <class... Args>
Result<long> keyctl(int command, Args... args) {
  return raw("keyctl", SYS_keyctl, command, args...);
}

Status read_from(long keyring, PlanKey key) {
  const Result<long> found = keyctl(KEYCTL_SEARCH, keyring, kType, kDescription, 0);
  if (found.failed()) return found.error();
  const Result<long> size = keyctl(KEYCTL_READ, found.value(), key.data(), key.size());
  if (size.failed()) return size.error();
  // The kernel tells the length of another one, and may have copied a part of it.
  return static_cast<std::size_t>(size.value()) == key.size() ? Status() : SysError{"keyctl", EBADMSG};
}

Status make_in(long keyring, PlanKey key) {
  const Status there = read_from(keyring, key);
  if (!there.failed() || there.error().error != ENOKEY) return there;
  const Result<long> random = raw("getrandom", SYS_getrandom, key.data(), key.size(), 0);
  if (random.failed()) return random.error();
  const Result<long> added = raw("add_key", SYS_add_key, kType, kDescription, key.data(), key.size(), keyring);
  // EACCES, here and below: another start has made it meanwhile.
  if (added.failed() && added.error().error != EACCES) return added.error();
  if (!added.failed()) {
    const Status fixed = keyctl(KEYCTL_SETPERM, added.value(), kPossessorReads).status();
    if (fixed.failed() && fixed.error().error != EACCES) return fixed;
  }
  return read_from(keyring, key);
}

// A key is read by who possesses it: by a link of its keyring in one of the process's own.
Result<long> take_keyring() {
  return keyctl(KEYCTL_GET_PERSISTENT, -1, KEY_SPEC_PROCESS_KEYRING);
}

Status read_key(PlanKey key) {
  const Result<long> keyring = take_keyring();
  return keyring.failed() ? keyring.error() : read_from(keyring.value(), key);
}

}  // namespace

// In a child that shares this memory, and ends with its process keyring: ours would stay as long as we do, and would be
// one of the few keys (/proc/sys/kernel/keys/maxkeys) that all sandboxes of a user may have.
Status read_plan_key(PlanKey key) {
  Status read = SysError{"vfork", ECHILD};
  Status* const told = &read;
  const pid_t child = ::vfork();
  if (child == 0) {
    *told = read_key(key);
    ::syscall(SYS_exit_group, 0);
  }
  if (child < 0) return SysError{"vfork", errno};
  // ECHILD where the caller ignores SIGCHLD: it has ended all the same, or we would not be here.
  while (raw("wait4", SYS_wait4, child, nullptr, 0, nullptr).error().error == EINTR) continue;
  return read;
}

Status make_plan_key(PlanKey key) {
  const Result<long> keyring = take_keyring();
  if (keyring.failed()) return keyring.error();
  const Status made = make_in(keyring.value(), key);
  const Status cleared = keyctl(KEYCTL_CLEAR, KEY_SPEC_PROCESS_KEYRING).status();
  return made.failed() ? made : cleared;
}

}  // namespace palisade::sys
