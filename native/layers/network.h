// The gateway and the sandbox's one link to it.
#pragma once

#include "core/fd.h"
#include "core/result.h"
#include "plan/plan.h"

namespace palisade::network {

struct Link {
  const SocketFd* supervisor = nullptr;  // where the gateway's sockets go
  bool publishes = false;                // the sandbox's namespace goes there too
  std::uint32_t number = 0;              // of the link that the supervisor has made
  NetlinkFd gateway;
  NetlinkFd sandbox;
  NamespaceFd gateway_namespace;
};

Status run(Link& link, const plan::NetworkOpenGateway& step);
Status run(Link& link, const plan::NetworkLoopbackUp& step);
Status run(Link& link, const plan::NetworkAddVeth& step);
Status run(Link& link, const plan::NetworkTakeRoute& step);
Status run(Link& link, const plan::NetworkAddForwardedRoute& step);
Status run(Link& link, const plan::NetworkAddSandboxAddress& step);
Status run(Link& link, const plan::NetworkAddGatewayAddress& step);
Status run(Link& link, const plan::NetworkAddRoute& step);
Status run(Link& link, const plan::NetworkAddReturnRoute& step);

}  // namespace palisade::network
