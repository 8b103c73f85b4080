// The gateway and the sandbox's one link to it.
#pragma once

#include "core/fd.h"
#include "core/result.h"
#include "plan/plan.h"

namespace palisade::network {

struct Link {
  const SocketFd* supervisor = nullptr;  // where the gateway's sockets go
  bool publishes = false;                // the sandbox's namespace goes there too
  NetlinkFd gateway;
  NetlinkFd sandbox;
  NamespaceFd gateway_namespace;
};

Status run(Link& link, const plan::NetworkOpenGateway& step);
Status run(Link& link, const plan::NetworkLoopbackUp& step);
Status run(Link& link, const plan::NetworkAddVeth& step);
Status run(Link& link, const plan::NetworkAddSandboxAddress& step);
Status run(Link& link, const plan::NetworkAddGatewayAddress& step);
Status run(Link& link, const plan::NetworkAddRoute& step);
Status run(Link& link, const plan::NetworkAddReturnRoute& step);

}  // namespace palisade::network
