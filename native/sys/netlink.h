// The few rtnetlink(7) messages that a sandbox needs, each sent and acknowledged by itself.
#pragma once

#include <cstdint>

#include "core/fd.h"
#include "core/ip.h"
#include "core/result.h"
#include "sys/processes.h"

namespace palisade::sys {

// Talks to the net namespace that the caller is in now, also after it has left.
Result<NetlinkFd> open_netlink();
Result<std::uint32_t> link_index(const NetlinkFd& netlink, const char* device);
Status link_up(const NetlinkFd& netlink, std::uint32_t index);
// No IPv6 address, not even a link-local one, will appear on the link.
Status forbid_ipv6_addresses(const NetlinkFd& netlink, std::uint32_t index);
// `device` here, `peer` in the namespace `where`.
Status add_veth(const NetlinkFd& netlink, const char* device, const char* peer, const NamespaceFd& where);
// `device` here, `peer` in the net namespace of `where`. No end asks for the other's address: whatever is sent arrives.
Status add_direct_veth(const NetlinkFd& netlink, const char* device, const char* peer, Pid where);
Status delete_link(const NetlinkFd& netlink, const char* device);
// `address` alone (/32 or /128), usable at once.
Status add_address(const NetlinkFd& netlink, std::uint32_t index, const Ip& address);
// Whether a route ends inside this machine or leads out of it.
enum class Reach : std::uint8_t { machine, network };
// `destination` alone on the link; a `source` of no family leaves the source address to the kernel.
Status add_host_route(const NetlinkFd& netlink, std::uint32_t index, const Ip& destination, const Ip& source,
                      Reach reach);

}  // namespace palisade::sys
