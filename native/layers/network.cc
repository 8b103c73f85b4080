#include "layers/network.h"

#include <sched.h>

#include <cerrno>

#include "launcher/control.h"
#include "sys/netlink.h"
#include "sys/sockets.h"

namespace palisade::network {
namespace {

constexpr char kLoopback[] = "lo";

Status open_sandbox(Link& link) {
  if (link.sandbox.is_open()) return {};
  Result<NetlinkFd> netlink = sys::open_netlink();
  if (netlink.failed()) return netlink.error();
  link.sandbox = std::move(netlink.value());
  return {};
}

// Through a socket of a net namespace one can work in it, and find it.
Status send_socket(const SocketFd& to, const NetlinkFd& netlink) {
  const std::uint8_t byte = 0;
  const int number = netlink.number();
  return sys::send_message(to, {&byte, 1}, {&number, 1});
}

Result<NetlinkFd> receive_socket(const SocketFd& from) {
  std::uint8_t byte = 0;
  const Result<sys::Message> message = sys::receive_message(from, {&byte, 1});
  if (message.failed()) return message.status().error();
  // The other one has ended, and has told why.
  if (message.value().descriptor_count != 1) return SysError{"peer ended", ECONNABORTED};
  return NetlinkFd(message.value().descriptors[0]);
}

Status bring_up(const NetlinkFd& netlink, const char* device) {
  Result<std::uint32_t> index = sys::link_index(netlink, device);
  if (index.failed()) return index.error();
  const Status quiet = sys::forbid_ipv6_addresses(netlink, index.value());
  if (quiet.failed()) return quiet;
  return sys::link_up(netlink, index.value());
}

Status add_address(const NetlinkFd& netlink, const char* device, const Ip& address) {
  Result<std::uint32_t> index = sys::link_index(netlink, device);
  if (index.failed()) return index.error();
  return sys::add_address(netlink, index.value(), address);
}

Status add_route(const NetlinkFd& netlink, const char* device, const Ip& destination, const Ip& source,
                 sys::Reach reach) {
  Result<std::uint32_t> index = sys::link_index(netlink, device);
  if (index.failed()) return index.error();
  return sys::add_host_route(netlink, index.value(), destination, source, reach);
}

}  // namespace

Status run(Gateway& gateway, const plan::NetworkOpenGateway& step) {
  if (step.sockets.size() > sys::kDescriptorsMax) return SysError{"bind", E2BIG};
  const Status made = sys::unshare_network();
  if (made.failed()) return made;
  const Result<NetlinkFd> netlink = sys::open_netlink();
  if (netlink.failed()) return netlink.status();
  SocketFd sockets[sys::kDescriptorsMax];
  int numbers[sys::kDescriptorsMax];
  for (std::size_t index = 0; index < step.sockets.size(); ++index) {
    const plan::NetworkOpenGatewaySockets& socket = step.sockets[index];
    Result<SocketFd> bound = sys::open_server({socket.address, socket.port}, socket.protocol);
    if (bound.failed()) return bound.error();
    sockets[index] = std::move(bound.value());
    numbers[index] = sockets[index].number();
  }
  const control::Packet packet{control::Kind::listeners, {}, 0};
  const Status sent =
      sys::send_message(*gateway.supervisor, {reinterpret_cast<const std::uint8_t*>(&packet), sizeof packet},
                        {numbers, step.sockets.size()});
  return sent.failed() ? sent : send_socket(*gateway.sandboxee, netlink.value());
}

Status make_namespace(Link& link) {
  const Status made = sys::unshare_network();
  if (made.failed()) return made;
  const Status opened = open_sandbox(link);
  return opened.failed() ? opened : send_socket(*link.init, link.sandbox);
}

Status join_namespace(const SocketFd& sandboxee) {
  const Result<NetlinkFd> netlink = receive_socket(sandboxee);
  if (netlink.failed()) return netlink.status();
  const Result<NamespaceFd> space = sys::namespace_of(netlink.value().number());
  return space.failed() ? space.status() : sys::enter_namespace(space.value(), CLONE_NEWNET);
}

Status hand_out_namespace(const SocketFd& supervisor) {
  const Result<NetlinkFd> netlink = sys::open_netlink();
  if (netlink.failed()) return netlink.status();
  const Result<NamespaceFd> space = sys::namespace_of(netlink.value().number());
  if (space.failed()) return space.status();
  const control::Packet packet{control::Kind::sandbox_network, {}, 0};
  const int number = space.value().number();
  return sys::send_message(supervisor, {reinterpret_cast<const std::uint8_t*>(&packet), sizeof packet}, {&number, 1});
}

Status run(Link& link, const plan::NetworkLoopbackUp& /*step*/) {
  const Status opened = open_sandbox(link);
  if (opened.failed()) return opened;
  Result<std::uint32_t> index = sys::link_index(link.sandbox, kLoopback);
  if (index.failed()) return index.error();
  return sys::link_up(link.sandbox, index.value());
}

Status run(Link& link, const plan::NetworkAddVeth& step) {
  const Status opened = open_sandbox(link);
  if (opened.failed()) return opened;
  Result<NetlinkFd> gateway = receive_socket(*link.init);
  if (gateway.failed()) return gateway.status();
  link.gateway = std::move(gateway.value());
  const Result<NamespaceFd> space = sys::namespace_of(link.gateway.number());
  if (space.failed()) return space.status();
  const Status made = sys::add_veth(link.sandbox, step.device.data, step.peer.data, space.value());
  if (made.failed()) return made;
  const Status outside = bring_up(link.gateway, step.peer.data);
  if (outside.failed()) return outside;
  return bring_up(link.sandbox, step.device.data);
}

Status run(Link& link, const plan::NetworkTakeRoute& step) {
  const Status opened = open_sandbox(link);
  if (opened.failed()) return opened;
  const Status up = bring_up(link.sandbox, step.device.data);
  if (up.failed()) return up;
  for (const Ip& first : step.sources) {
    const Status added = add_address(link.sandbox, step.device.data, numbered(first, link.number));
    if (added.failed()) return added;
  }
  return {};
}

Status run(Link& link, const plan::NetworkAddForwardedRoute& step) {
  return add_route(link.sandbox, step.device.data, step.destination, {}, sys::Reach::network);
}

Status run(Link& link, const plan::NetworkAddSandboxAddress& step) {
  return add_address(link.sandbox, step.device.data, step.address);
}

Status run(Link& link, const plan::NetworkAddGatewayAddress& step) {
  return add_address(link.gateway, step.device.data, step.address);
}

Status run(Link& link, const plan::NetworkAddRoute& step) {
  return add_route(link.sandbox, step.device.data, step.destination, step.source, sys::Reach::machine);
}

Status run(Link& link, const plan::NetworkAddReturnRoute& step) {
  return add_route(link.gateway, step.device.data, step.destination, {}, sys::Reach::machine);
}

}  // namespace palisade::network
