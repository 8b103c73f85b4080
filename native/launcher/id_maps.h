// The ids of the sandbox: one user and one group, written to the maps of its user namespace (user_namespaces(7)).
#pragma once

#include "core/result.h"
#include "plan/plan.h"
#include "sys/processes.h"

namespace palisade {

// `privileged`: the writer is the host's root and may map ids that are not its own.
Status write_id_maps(sys::Pid pid, const plan::NamespacesClone& step, bool privileged);

}  // namespace palisade
