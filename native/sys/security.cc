#include "sys/security.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "sys/raw.h"

namespace palisade::sys {
namespace {

struct RulesetAttributes {  // struct landlock_ruleset_attr as of ABI 6; older kernels accept a longer one with zeros
  std::uint64_t filesystem;
  std::uint64_t network;
  std::uint64_t scoped;
};
static_assert(sizeof(RulesetAttributes) == 24);

struct [[gnu::packed]] PathBeneathAttributes {
  std::uint64_t access;
  std::int32_t parent;
};
static_assert(sizeof(PathBeneathAttributes) == 12);

struct NetPortAttributes {
  std::uint64_t access;
  std::uint64_t port;
};
static_assert(sizeof(NetPortAttributes) == 16);

constexpr int kRulePathBeneath = 1;
constexpr int kRuleNetPort = 2;
// The same numbers on every arch.
constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;

// A sock_fprog needs aligned instructions, and plan bytes have no alignment.
class Program {
 public:
  explicit Program(std::span<const std::uint8_t> bytes) {
    if (bytes.empty() || bytes.size() % sizeof(sock_filter) != 0 || bytes.size() > sizeof filter_) return;
    __builtin_memcpy(filter_, bytes.data(), bytes.size());
    program_ = {static_cast<unsigned short>(bytes.size() / sizeof(sock_filter)), filter_};
  }
  [[nodiscard]] const sock_fprog* get() const { return &program_; }

 private:
  sock_filter filter_[BPF_MAXINSNS];
  sock_fprog program_{0, nullptr};  // length 0: the kernel answers EINVAL
};

Result<long> seccomp_filter(unsigned flags, std::span<const std::uint8_t> filter) {
  const Program program(filter);
  return raw("seccomp", SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program.get());
}

}  // namespace

Result<RulesetFd> create_ruleset(const LandlockScope& handled) {
  const RulesetAttributes attributes{handled.filesystem, handled.network, handled.scoped};
  return to_fd<RulesetFd>(raw("landlock_create_ruleset", kCreateRuleset, &attributes, sizeof attributes, 0));
}

Status add_path_rule(const RulesetFd& ruleset, const PathFd& path, std::uint64_t access) {
  const PathBeneathAttributes attributes{access, path.number()};
  return raw("landlock_add_rule", kAddRule, ruleset.number(), kRulePathBeneath, &attributes, 0).status();
}

Status add_port_rule(const RulesetFd& ruleset, std::uint16_t port, std::uint64_t access) {
  const NetPortAttributes attributes{access, port};
  return raw("landlock_add_rule", kAddRule, ruleset.number(), kRuleNetPort, &attributes, 0).status();
}

Status restrict_self(const RulesetFd& ruleset, std::uint32_t flags) {
  return raw("landlock_restrict_self", kRestrictSelf, ruleset.number(), flags).status();
}

Status load_filter(std::span<const std::uint8_t> filter) {
  return seccomp_filter(0, filter).status();
}

Result<NotifyFd> load_notifying_filter(std::span<const std::uint8_t> filter) {
  return to_fd<NotifyFd>(seccomp_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER, filter));
}

Status continue_exec_of(const NotifyFd& listener, Pid pid) {
  for (;;) {
    pollfd wait{listener.number(), POLLIN, 0};
    if (::poll(&wait, 1, -1) < 0) {
      if (errno == EINTR) continue;
      return SysError{"poll", errno};
    }
    // No POLLIN: every task of the filter has ended, and its failure is already told.
    if ((wait.revents & POLLIN) == 0) return {};
    seccomp_notif notification{};
    Status done =
        raw("SECCOMP_IOCTL_NOTIF_RECV", SYS_ioctl, listener.number(), SECCOMP_IOCTL_NOTIF_RECV, &notification).status();
    if (!done.failed()) {
      const bool expected = notification.pid == static_cast<std::uint32_t>(pid) && notification.data.nr == SYS_execve;
      if (!expected) return SysError{"SECCOMP_IOCTL_NOTIF_RECV", EPERM};
      seccomp_notif_resp response{};
      response.id = notification.id;
      // Nothing behind a pointer was judged: the one thread there is runs our own code until this very call.
      response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
      done =
          raw("SECCOMP_IOCTL_NOTIF_SEND", SYS_ioctl, listener.number(), SECCOMP_IOCTL_NOTIF_SEND, &response).status();
    }
    // ENOENT: a signal has taken the execve back, which has let nothing through; it asks again, or has ended.
    if (!done.failed() || done.error().error != ENOENT) return done;
  }
}

}  // namespace palisade::sys
