// What the program's own process does to itself: process, resources, landlock and seccomp, in plan order.
#pragma once

#include "core/fd.h"
#include "core/result.h"
#include "plan/plan.h"

namespace palisade {

struct Sandboxee {
  const SocketFd* init = nullptr;  // where the listener of allow-one-exec goes, and the socket for notices
  // As execve(2) takes them.
  const char* const* arguments = nullptr;
  const char* const* environment = nullptr;
};

namespace process {
Status run(Sandboxee& self, const plan::ProcessNewKeyring& step);
Status run(Sandboxee& self, const plan::ProcessNewSession& step);
Status run(Sandboxee& self, const plan::ProcessResetSignals& step);
Status run(Sandboxee& self, const plan::ProcessChangeDirectory& step);
Status run(Sandboxee& self, const plan::ProcessCloseDescriptors& step);
Status run(Sandboxee& self, const plan::ProcessNoNewPrivileges& step);
Status run(Sandboxee& self, const plan::ProcessDropCapabilities& step);
Status run(Sandboxee& self, const plan::ProcessExecute& step);
}  // namespace process

namespace resources {
Status run(Sandboxee& self, const plan::ResourcesSetLimit& step);
}

namespace service {
Status run(Sandboxee& self, const plan::ServiceOpenListeners& step);
Status run(Sandboxee& self, const plan::ServiceTakeNotices& step);
}  // namespace service

namespace landlock {
Status run(Sandboxee& self, const plan::LandlockRestrictSelf& step);
}

namespace seccomp {
Status run(Sandboxee& self, const plan::SeccompAllowOneExec& step);
Status run(Sandboxee& self, const plan::SeccompLoadFilter& step);
}  // namespace seccomp

}  // namespace palisade
