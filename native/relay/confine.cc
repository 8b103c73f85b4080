#include "relay/confine.h"

#include "sys/files.h"
#include "sys/processes.h"

namespace palisade::relay {
namespace {

constexpr std::uint32_t kLimitDescriptors = 7;  // RLIMIT_NOFILE

}  // namespace

Status drop_rights(const Launch& launch, std::uint32_t uid, std::uint32_t gid, std::span<int> kept) {
  const Status alone = sys::close_all_but(kept);
  if (alone.failed()) return alone;
  const Status ignoring = sys::ignore_broken_pipes();
  if (ignoring.failed()) return ignoring;
  if (launch.privileged) {
    const Status bounded = sys::drop_bounding_set();
    if (bounded.failed()) return bounded;
    const Status groups = sys::drop_groups();
    if (groups.failed()) return groups;
    const Status user = sys::set_ids(uid, gid);
    if (user.failed()) return user;
  }
  const Status hidden = sys::forbid_dumps();
  if (hidden.failed()) return hidden;
  const Status frozen = sys::no_new_privileges();
  if (frozen.failed()) return frozen;
  const Status powerless = sys::drop_held_capabilities();
  if (powerless.failed()) return powerless;
  return sys::die_with_parent();
}

Status limit_descriptors(std::uint64_t most) {
  return sys::set_limit(kLimitDescriptors, most, most);
}

}  // namespace palisade::relay
