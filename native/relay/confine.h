// How our helpers give up what they do not need before they touch a byte of the program's.
#pragma once

#include <span>

#include "core/fd.h"
#include "core/result.h"
#include "launcher/launch.h"
#include "sys/security.h"

namespace palisade::relay {

// Closes all descriptors but `kept`, becomes `uid`:`gid` if started by root, and drops every capability.
Status drop_rights(const Launch& launch, std::uint32_t uid, std::uint32_t gid, std::span<int> kept);
Status limit_descriptors(std::uint64_t most);

// As a plan's relays say: Landlock, then the filter; `Step` is NetworkRelay or NetworkPublish.
template <class Step>
Status restrict(const Step& step) {
  // Handled bits of 0 say that this kernel has no Landlock: the filter has no call that opens a file.
  if (step.handled_fs != 0) {
    Result<RulesetFd> ruleset = sys::create_ruleset({step.handled_fs, step.handled_net, step.scoped});
    if (ruleset.failed()) return ruleset.error();
    for (const auto& rule : step.ports) {
      const Status added = sys::add_port_rule(ruleset.value(), rule.port, rule.access);
      if (added.failed()) return added;
    }
    const Status restricted = sys::restrict_self(ruleset.value(), 0);
    if (restricted.failed()) return restricted;
  }
  return sys::load_filter(step.filter);
}

}  // namespace palisade::relay
