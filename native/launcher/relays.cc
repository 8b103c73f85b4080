#include "launcher/relays.h"

#include <cerrno>

#include "relay/relay.h"
#include "sys/files.h"

namespace palisade {
namespace {

constexpr std::uint8_t kTcp = 6;

template <class Step>
bool fail_at(const Launch& launch, SysError error) {
  launch.shared->fail(launch.plan.index_of<Step>(), error);
  return false;
}

bool has_names(const plan::NetworkRelay& step) {
  for (const plan::NetworkRelayEndpoints& endpoint : step.endpoints) {
    if (endpoint.host.size > 0) return true;
  }
  return false;
}

// Waits until the process at the other end says that it serves.
template <class Step>
bool await_ready(const Launch& launch, const SocketFd& process) {
  std::uint8_t ready = 0;
  const Result<sys::Message> answer = sys::receive_message(process, {&ready, 1});
  if (answer.failed()) return fail_at<Step>(launch, answer.error());
  // It has told its own failure, unless it was killed.
  return answer.value().size == 1 || fail_at<Step>(launch, {"relay ended", ECONNABORTED});
}

// `end` becomes the relay's end of a new resolver process; it stays closed when no endpoint has a name.
bool start_resolver(const Launch& launch, Relays& relays, const plan::NetworkRelay& step, SocketFd& end) {
  if (!relays.resolver_program.is_open()) return true;
  Result<sys::SocketPair> pair = sys::make_socket_pair();
  if (pair.failed()) return fail_at<plan::NetworkRelay>(launch, pair.error());
  const Result<sys::Pid> pid = sys::fork_process();
  if (pid.failed()) return fail_at<plan::NetworkRelay>(launch, pid.error());
  if (pid.value() == sys::Pid(0)) {
    run_resolver(launch, step, launch.plan.index_of<plan::NetworkRelay>(), relays.resolver_program,
                 pair.value().second);
  }
  relays.resolver_pid = pid.value();
  pair.value().second.reset();  // or its end would never be seen to close
  end = std::move(pair.value().first);
  return await_ready<plan::NetworkRelay>(launch, end);
}

}  // namespace

bool prepare_relays(const Launch& launch, Relays& relays) {
  if (const auto* const step = launch.plan.find<plan::NetworkRelay>(); step != nullptr && has_names(*step)) {
    Result<FileFd> program = sys::open_file(step->resolver.data);
    if (program.failed()) return fail_at<plan::NetworkRelay>(launch, program.error());
    relays.resolver_program = std::move(program.value());
  }
  const auto* const publish = launch.plan.find<plan::NetworkPublish>();
  if (publish == nullptr) return true;
  if (publish->published.size() > relay::kEndpointsMax) return fail_at<plan::NetworkPublish>(launch, {"bind", E2BIG});
  for (std::uint32_t index = 0; index < publish->published.size(); ++index) {
    const plan::NetworkPublishPublished& port = publish->published[index];
    Result<SocketFd> listener = port.descriptor == 0 ? sys::open_server({port.address, port.publish}, kTcp)
                                                     : sys::take_passed(static_cast<int>(port.descriptor));
    if (listener.failed()) {
      launch.shared->fail(launch.plan.index_of<plan::NetworkPublish>(), listener.error(), index);
      return false;
    }
    relays.published[relays.published_count++] = std::move(listener.value());
  }
  return true;
}

bool start_relay(const Launch& launch, Relays& relays, const sys::Message& message) {
  SocketFd sockets[sys::kDescriptorsMax];
  for (std::size_t index = 0; index < message.descriptor_count; ++index)
    sockets[index] = SocketFd(message.descriptors[index]);
  const auto* const step = launch.plan.find<plan::NetworkRelay>();
  if (step == nullptr) return fail_at<plan::NetworkOpenGateway>(launch, {"no relay for the gateway", EINVAL});
  const auto fail = [&](SysError error) { return fail_at<plan::NetworkRelay>(launch, error); };
  Result<sys::SocketPair> pair = sys::make_socket_pair();
  if (pair.failed()) return fail(pair.error());
  SocketFd resolver;
  if (!start_resolver(launch, relays, *step, resolver)) return false;
  const Result<sys::Pid> pid = sys::fork_process();
  if (pid.failed()) return fail(pid.error());
  if (pid.value() == sys::Pid(0)) {
    RelayPlace place{launch.plan.index_of<plan::NetworkRelay>(),
                     std::move(pair.value().second),
                     {sockets, message.descriptor_count},
                     launch.relayed};
    run_relay(launch, *step, place, std::move(resolver));
  }
  relays.relay_pid = pid.value();
  pair.value().second.reset();
  relays.relay = std::move(pair.value().first);
  relays.resolver_program.reset();
  return await_ready<plan::NetworkRelay>(launch, relays.relay);
}

bool start_publisher(const Launch& launch, Relays& relays, const sys::Message& message) {
  NamespaceFd sandbox(message.descriptor_count == 1 ? message.descriptors[0] : -1);
  const auto* const step = launch.plan.find<plan::NetworkPublish>();
  const auto fail = [&](SysError error) { return fail_at<plan::NetworkPublish>(launch, error); };
  if (step == nullptr || !sandbox.is_open()) return fail({"recvmsg", EPROTO});
  Result<sys::SocketPair> pair = sys::make_socket_pair();
  if (pair.failed()) return fail(pair.error());
  const Result<sys::Pid> pid = sys::fork_process();
  if (pid.failed()) return fail(pid.error());
  if (pid.value() == sys::Pid(0)) {
    RelayPlace place{launch.plan.index_of<plan::NetworkPublish>(),
                     std::move(pair.value().second),
                     {relays.published, relays.published_count},
                     launch.published};
    run_publisher(launch, *step, place, sandbox);
  }
  relays.publisher_pid = pid.value();
  pair.value().second.reset();
  relays.publisher = std::move(pair.value().first);
  for (std::size_t index = 0; index < relays.published_count; ++index) relays.published[index].reset();
  return await_ready<plan::NetworkPublish>(launch, relays.publisher);
}

}  // namespace palisade
