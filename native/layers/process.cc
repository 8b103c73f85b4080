#include "layers/sandboxee.h"
#include "sys/files.h"
#include "sys/processes.h"

namespace palisade::process {

Status run(Sandboxee& /*self*/, const plan::ProcessNewKeyring& /*step*/) {
  return sys::new_session_keyring();
}

Status run(Sandboxee& /*self*/, const plan::ProcessNewSession& /*step*/) {
  return sys::new_session();
}

Status run(Sandboxee& /*self*/, const plan::ProcessResetSignals& /*step*/) {
  return sys::reset_signals();
}

Status run(Sandboxee& /*self*/, const plan::ProcessChangeDirectory& step) {
  return sys::change_directory(step.path.data);
}

Status run(Sandboxee& /*self*/, const plan::ProcessCloseDescriptors& step) {
  // Closing is left to execve, so that our own descriptors serve until then.
  const Status marked = sys::close_all_on_exec();
  if (marked.failed()) return marked;
  for (const std::uint32_t number : step.keep) {
    const Status kept = sys::keep_on_exec(static_cast<int>(number));
    if (kept.failed()) return kept;
  }
  return {};
}

Status run(Sandboxee& /*self*/, const plan::ProcessNoNewPrivileges& /*step*/) {
  return sys::no_new_privileges();
}

Status run(Sandboxee& /*self*/, const plan::ProcessDropCapabilities& /*step*/) {
  const Status bounded = sys::drop_bounding_set();
  return bounded.failed() ? bounded : sys::drop_held_capabilities();
}

Status run(Sandboxee& self, const plan::ProcessExecute& step) {
  return sys::execute(step.path.data, self.arguments, self.environment);
}

}  // namespace palisade::process
