#include "launcher/message.h"

#include <string.h>

#include <algorithm>
#include <cerrno>

#include "core/decimal.h"
#include "sys/errno_name.h"
#include "sys/files.h"

namespace palisade {
namespace {

constexpr int kStandardError = 2;

class Line {
 public:
  Line& add(const char* text) {
    const std::size_t size = std::min(strlen(text), sizeof buffer_ - size_);
    memcpy(buffer_ + size_, text, size);
    size_ += size;
    return *this;
  }
  // Standard error may be closed; there is nobody else to tell.
  void print() {
    if (size_ == sizeof buffer_) --size_;
    buffer_[size_++] = '\n';
    static_cast<void>(sys::write_all(kStandardError, buffer_, size_).failed());
  }

 private:
  char buffer_[1024] = {};
  std::size_t size_ = 0;
};

const char* hint_for(const plan::Step& step, const Failure& failure) {
  const int error = failure.error.error;
  const bool namespaces = std::holds_alternative<plan::NamespacesClone>(step.body);
  if (namespaces && (error == EPERM || error == EACCES || error == ENOSPC || error == EUSERS)) {
    return "\n  fix: this host refuses namespaces to this user; `sandbox-exec doctor` says why and what to change";
  }
  const bool publishing = std::holds_alternative<plan::NetworkPublish>(step.body) && failure.item != kNoItem;
  if (publishing && error == EADDRINUSE)
    return "\n  fix: somebody on this host has that port: choose another `publish`, or end who has it";
  if (publishing && error == EACCES)
    return "\n  fix: this user may not listen there: choose a `publish` of 1024 or more, or run it as root";
  if (strcmp(failure.error.call, kReachingSocket) == 0)
    return "\n  fix: 0, 1, 2 or a descriptor of the policy is a socket of the host by which the program could reach "
           "others: "
           "give it a pipe, or, for a TCP connection, promise it no connect(2)";
  if (std::holds_alternative<plan::ServicePassNotices>(step.body) && error != ECONNABORTED)
    return "\n  fix: nobody listens where NOTIFY_SOCKET leads: unset it, or let the service manager start this";
  if (std::holds_alternative<plan::ResourcesLimitCgroup>(step.body)) {
    if (error == ENOENT && strcmp(failure.error.call, "memory.swap.max") == 0)
      return "\n  fix: this kernel counts no swap: boot it with swapaccount=1, or use limits.address-space";
    return "\n  fix: start it in a cgroup of its own: systemd-run --scope -p Delegate=yes, with --user unless you are "
           "root";
  }
  if (error == ESTALE) return "\n  fix: the path is no longer what it was when the plan was made; run it again";
  if (error == ELOOP) return "\n  fix: a part of the path has become a symlink since the plan was made; run it again";
  return "";
}

}  // namespace

const char* key_of(const plan::Step& step, const Failure& failure) {
  const auto* const publish = std::get_if<plan::NetworkPublish>(&step.body);
  if (publish != nullptr && failure.item < publish->published.size()) return publish->published[failure.item].key.data;
  return step.origin.data;
}

ErrnoName::ErrnoName(int error) {
  const char* const name = sys::errno_name(error);
  if (name != nullptr) {
    strncpy(text, name, sizeof text - 1);
    return;
  }
  memcpy(text, "errno ", 6);
  strncpy(text + 6, Decimal(static_cast<std::uint32_t>(error)).text(), sizeof text - 7);
}

int say(const char* what, const char* why, int status) {
  Line().add("sandbox-exec: ").add(what).add(": ").add(why).print();
  return status;
}

int say(const char* what, int error, int status) {
  return say(what, ErrnoName(error).text, status);
}

int say(const char* what, int status) {
  Line().add("sandbox-exec: ").add(what).print();
  return status;
}

void say_failure(const Launch& launch, const Failure& failure) {
  Line line;
  line.add("sandbox-exec: ");
  const char* hint = "";
  if (failure.step < launch.plan.steps.size()) {
    const plan::Step& step = launch.plan.steps[failure.step];
    line.add(key_of(step, failure)).add(": ").add(step.op()).add(": ");
    hint = hint_for(step, failure);
  }
  line.add(failure.error.call).add(": ").add(ErrnoName(failure.error.error).text).add(hint).print();
}

}  // namespace palisade
