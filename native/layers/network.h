// The gateway and the sandbox's one link to it. Net namespaces take long to make: init makes the gateway's, and then
// the view, while the sandboxee makes the sandbox's, and then the link.
#pragma once

#include "core/fd.h"
#include "core/result.h"
#include "plan/plan.h"

namespace palisade::network {

// Of init: both ends that it talks to.
struct Gateway {
  const SocketFd* supervisor = nullptr;  // where the gateway's sockets go
  const SocketFd* sandboxee = nullptr;   // where the gateway itself goes
};

// Of the sandboxee.
struct Link {
  const SocketFd* init = nullptr;  // where the gateway comes from
  std::uint32_t number = 0;        // of the link that the supervisor has made
  NetlinkFd gateway;
  NetlinkFd sandbox;
};

Status run(Gateway& gateway, const plan::NetworkOpenGateway& step);

// By the sandboxee: makes the sandbox's net namespace, and shows it to init.
Status make_namespace(Link& link);
// By init: is in that namespace from here on.
Status join_namespace(const SocketFd& sandboxee);
// By init, in the sandbox's net namespace: the relay of published ports works there as well.
Status hand_out_namespace(const SocketFd& supervisor);

Status run(Link& link, const plan::NetworkLoopbackUp& step);
Status run(Link& link, const plan::NetworkAddVeth& step);
Status run(Link& link, const plan::NetworkTakeRoute& step);
Status run(Link& link, const plan::NetworkAddForwardedRoute& step);
Status run(Link& link, const plan::NetworkAddSandboxAddress& step);
Status run(Link& link, const plan::NetworkAddGatewayAddress& step);
Status run(Link& link, const plan::NetworkAddRoute& step);
Status run(Link& link, const plan::NetworkAddReturnRoute& step);

}  // namespace palisade::network
