#include "sys/netlink.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "sys/raw.h"
#include "sys/socket_calls.h"

namespace palisade::sys {
namespace {

constexpr std::uint8_t kAddrGenModeNone = 1;  // IN6_ADDR_GEN_MODE_NONE

struct LinkAddress {
  std::uint8_t bytes[6];
};
// Locally administered. Without ARP the kernel sends to the device's own address (arp_constructor), so both ends of a
// pair have the same.
constexpr LinkAddress kDirectAddress{{0x02, 0x70, 0x61, 0x6c, 0x69, 0x73}};

// One request in a fixed buffer; overflow is remembered and refused at the end.
class Request {
 public:
  Request(std::uint16_t type, std::uint16_t flags) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    header.nlmsg_seq = 1;
    body(header);
  }

  template <class T>
  Request& body(const T& value) {
    return append(&value, sizeof value);
  }
  Request& attribute(std::uint16_t type, const void* data, std::size_t size) {
    const rtattr header{static_cast<std::uint16_t>(sizeof(rtattr) + size), type};
    return body(header).append(data, size);
  }
  Request& text(std::uint16_t type, const char* value) { return attribute(type, value, strlen(value) + 1); }
  template <class T>
  Request& value(std::uint16_t type, T number) {
    return attribute(type, &number, sizeof number);
  }
  // Opens a nested attribute; the result goes to `end`.
  std::size_t begin(std::uint16_t type) {
    const std::size_t start = size_;
    const rtattr header{0, type};
    body(header);
    return start;
  }
  Request& end(std::size_t start) {
    const auto length = static_cast<std::uint16_t>(size_ - start);
    memcpy(buffer_ + start, &length, sizeof length);
    return *this;
  }

  // Sends, reads the acknowledgement; `name` stands for the message in errors.
  Status send(const NetlinkFd& netlink, const char* name) {
    if (overflow_) return SysError{name, ENOBUFS};
    const auto length = static_cast<std::uint32_t>(size_);
    memcpy(buffer_, &length, sizeof length);
    if (direct::send(netlink.number(), buffer_, size_, 0) < 0) return SysError{name, errno};
    alignas(nlmsghdr) char answer[4096];
    const ssize_t count = direct::recv(netlink.number(), answer, sizeof answer, 0);
    if (count < 0) return SysError{name, errno};
    const auto* const header = reinterpret_cast<const nlmsghdr*>(answer);
    if (count < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr))) || header->nlmsg_type != NLMSG_ERROR)
      return SysError{name, EPROTO};
    const int error = reinterpret_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
    if (error != 0) return SysError{name, -error};
    return {};
  }

 private:
  Request& append(const void* data, std::size_t size) {
    if (size > sizeof buffer_ - size_) {
      overflow_ = true;
      return *this;
    }
    memcpy(buffer_ + size_, data, size);
    size_ = (size_ + size + 3) & ~std::size_t{3};
    return *this;
  }

  alignas(nlmsghdr) char buffer_[512] = {};
  std::size_t size_ = 0;
  bool overflow_ = false;
};

std::uint8_t family_of(const Ip& address) {
  return address.family == 4 ? AF_INET : AF_INET6;
}

ifinfomsg link_message(std::uint32_t index) {
  ifinfomsg message{};
  message.ifi_index = static_cast<int>(index);
  return message;
}

}  // namespace

Result<NetlinkFd> open_netlink() {
  return to_fd<NetlinkFd>(raw("socket", SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
}

Result<std::uint32_t> link_index(const NetlinkFd& netlink, const char* device) {
  ifreq request{};
  if (strlen(device) >= sizeof request.ifr_name) return SysError{"SIOCGIFINDEX", ENAMETOOLONG};
  memcpy(request.ifr_name, device, strlen(device));
  const Result<long> found = raw("SIOCGIFINDEX", SYS_ioctl, netlink.number(), SIOCGIFINDEX, &request);
  if (found.failed()) return found.error();
  return static_cast<std::uint32_t>(request.ifr_ifindex);
}

Status link_up(const NetlinkFd& netlink, std::uint32_t index) {
  ifinfomsg message = link_message(index);
  message.ifi_flags = IFF_UP;
  message.ifi_change = IFF_UP;
  return Request(RTM_NEWLINK, 0).body(message).send(netlink, "RTM_NEWLINK");
}

Status forbid_ipv6_addresses(const NetlinkFd& netlink, std::uint32_t index) {
  Request request(RTM_NEWLINK, 0);
  request.body(link_message(index));
  const std::size_t families = request.begin(IFLA_AF_SPEC);
  const std::size_t inet6 = request.begin(AF_INET6);
  request.value(IFLA_INET6_ADDR_GEN_MODE, kAddrGenModeNone);
  const Status done = request.end(inet6).end(families).send(netlink, "RTM_NEWLINK");
  // A kernel without IPv6 gives no IPv6 addresses.
  if (done.failed() && done.error().error == EAFNOSUPPORT) return {};
  return done;
}

Status add_veth(const NetlinkFd& netlink, const char* device, const char* peer, const NamespaceFd& where) {
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  request.body(link_message(0)).text(IFLA_IFNAME, device);
  const std::size_t info = request.begin(IFLA_LINKINFO);
  request.text(IFLA_INFO_KIND, "veth");
  const std::size_t data = request.begin(IFLA_INFO_DATA);
  const std::size_t other = request.begin(VETH_INFO_PEER);
  request.body(link_message(0)).text(IFLA_IFNAME, peer).value(IFLA_NET_NS_FD, where.number());
  return request.end(other).end(data).end(info).send(netlink, "RTM_NEWLINK");
}

Status add_direct_veth(const NetlinkFd& netlink, const char* device, const char* peer, Pid where) {
  ifinfomsg message = link_message(0);
  message.ifi_flags = IFF_NOARP;
  message.ifi_change = IFF_NOARP;
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  request.body(message).text(IFLA_IFNAME, device).value(IFLA_ADDRESS, kDirectAddress);
  const std::size_t info = request.begin(IFLA_LINKINFO);
  request.text(IFLA_INFO_KIND, "veth");
  const std::size_t data = request.begin(IFLA_INFO_DATA);
  const std::size_t other = request.begin(VETH_INFO_PEER);
  request.body(message).text(IFLA_IFNAME, peer).value(IFLA_ADDRESS, kDirectAddress);
  request.value(IFLA_NET_NS_PID, static_cast<std::uint32_t>(where));
  return request.end(other).end(data).end(info).send(netlink, "RTM_NEWLINK");
}

Status delete_link(const NetlinkFd& netlink, const char* device) {
  return Request(RTM_DELLINK, 0).body(link_message(0)).text(IFLA_IFNAME, device).send(netlink, "RTM_DELLINK");
}

Status add_address(const NetlinkFd& netlink, std::uint32_t index, const Ip& address) {
  ifaddrmsg message{};
  message.ifa_family = family_of(address);
  message.ifa_prefixlen = address.bits();
  message.ifa_index = index;
  Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  request.body(message).attribute(IFA_LOCAL, address.bytes, address.size());
  request.attribute(IFA_ADDRESS, address.bytes, address.size());
  // Nobody else is on the link: an IPv6 address need not wait until nobody has answered for it (RFC 4862 5.4).
  if (address.family == 6) request.value(IFA_FLAGS, std::uint32_t{IFA_F_NODAD});
  return request.send(netlink, "RTM_NEWADDR");
}

Status add_host_route(const NetlinkFd& netlink, std::uint32_t index, const Ip& destination, const Ip& source,
                      Reach reach) {
  rtmsg message{};
  message.rtm_family = family_of(destination);
  message.rtm_dst_len = destination.bits();
  message.rtm_table = RT_TABLE_MAIN;
  message.rtm_protocol = RTPROT_STATIC;
  message.rtm_scope = RT_SCOPE_LINK;
  message.rtm_type = RTN_UNICAST;
  Request request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
  request.body(message).attribute(RTA_DST, destination.bytes, destination.size()).value(RTA_OIF, index);
  if (source.family != 0) request.attribute(RTA_PREFSRC, source.bytes, source.size());
  // Inside a machine a host's BBR would pace the link to half of what it can carry. reno is always there (tcp(7)), and
  // the leg that leaves the machine keeps the host's choice.
  if (reach == Reach::machine) {
    const std::size_t metrics = request.begin(RTA_METRICS);
    request.text(RTAX_CC_ALGO, "reno").end(metrics);
  }
  return request.send(netlink, "RTM_NEWROUTE");
}

}  // namespace palisade::sys
