#include "layers/sandboxee.h"
#include "sys/files.h"
#include "sys/security.h"

namespace palisade::landlock {

Status run(Sandboxee& /*self*/, const plan::LandlockRestrictSelf& step) {
  Result<RulesetFd> ruleset = sys::create_ruleset({step.handled_fs, step.handled_net, step.scoped});
  if (ruleset.failed()) return ruleset.error();
  for (const plan::LandlockRestrictSelfPaths& rule : step.paths) {
    // O_PATH names the file without reading it; in the view, so that mounts made for the sandbox count.
    Result<PathFd> path = sys::open_path(rule.path.data);
    if (path.failed()) return path.error();
    const Status added = sys::add_path_rule(ruleset.value(), path.value(), rule.access);
    if (added.failed()) return added;
  }
  for (const plan::LandlockRestrictSelfPorts& rule : step.ports) {
    const Status added = sys::add_port_rule(ruleset.value(), rule.port, rule.access);
    if (added.failed()) return added;
  }
  return sys::restrict_self(ruleset.value(), step.flags);
}

}  // namespace palisade::landlock
