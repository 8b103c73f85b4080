// Calls that an arch has twice: the ones whose words are as wide as ours. Included by native/sys only.
#pragma once

#include <sys/syscall.h>

namespace palisade::sys {

#ifdef SYS_setresuid32  // i386 and arm: the old calls know 16 bits only
constexpr long kSetUid = SYS_setresuid32, kSetGid = SYS_setresgid32, kSetGroups = SYS_setgroups32;
constexpr long kGetUids = SYS_getresuid32, kGetGids = SYS_getresgid32, kGetEffectiveUid = SYS_geteuid32;
#else
constexpr long kSetUid = SYS_setresuid, kSetGid = SYS_setresgid, kSetGroups = SYS_setgroups;
constexpr long kGetUids = SYS_getresuid, kGetGids = SYS_getresgid, kGetEffectiveUid = SYS_geteuid;
#endif

#ifdef SYS_mmap2  // where a word has 32 bits: the old call has its arguments in memory
constexpr long kMmap = SYS_mmap2;
#else
constexpr long kMmap = SYS_mmap;
#endif

}  // namespace palisade::sys
