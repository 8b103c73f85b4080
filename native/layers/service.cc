#include "layers/sandboxee.h"
#include "sys/sockets.h"

namespace palisade::service {

Status run(Sandboxee& /*self*/, const plan::ServiceOpenListeners& step) {
  for (const plan::ServiceOpenListenersListeners& listener : step.listeners) {
    const Status opened =
        sys::open_listener_as({listener.address, listener.port}, static_cast<int>(listener.descriptor));
    if (opened.failed()) return opened;
  }
  return {};
}

Status run(Sandboxee& self, const plan::ServiceTakeNotices& step) {
  const Result<SocketFd> socket = sys::open_unix_datagrams(step.name.data);
  if (socket.failed()) return socket.status();
  const std::uint8_t byte = 0;
  const int number = socket.value().number();
  return sys::send_message(*self.init, {&byte, 1}, {&number, 1});
}

}  // namespace palisade::service
