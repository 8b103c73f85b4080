#include "layers/sandboxee.h"
#include "sys/security.h"
#include "sys/sockets.h"

namespace palisade::seccomp {

Status run(Sandboxee& self, const plan::SeccompAllowOneExec& step) {
  Result<NotifyFd> listener = sys::load_notifying_filter(step.filter);
  if (listener.failed()) return listener.error();
  const std::uint8_t byte = 0;
  const int number = listener.value().number();
  return sys::send_message(*self.init, {&byte, 1}, {&number, 1});
}

Status run(Sandboxee& /*self*/, const plan::SeccompLoadFilter& step) {
  return sys::load_filter(step.filter);
}

}  // namespace palisade::seccomp
