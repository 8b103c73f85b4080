#include "layers/sandboxee.h"
#include "sys/processes.h"

namespace palisade::resources {

Status run(Sandboxee& /*self*/, const plan::ResourcesSetLimit& step) {
  return sys::set_limit(step.resource, step.value);
}

}  // namespace palisade::resources
