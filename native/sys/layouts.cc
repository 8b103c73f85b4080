// The kernel's structures as this arch's headers have them: what we hand over must be what the kernel reads. A word is
// 4 or 8 bytes, and 64-bit members are aligned to 4 on i386 and to 8 elsewhere. Structures of our own are asserted
// where they are.
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <cstddef>

#include "sys/file_status.h"

namespace palisade::sys {
namespace {

constexpr std::size_t kWord = sizeof(long);
static_assert(kWord == sizeof(void*) && kWord == sizeof(std::size_t));

// x86_64 packs it so that it is as on i386.
#if defined(__x86_64__) || defined(__i386__)
static_assert(sizeof(epoll_event) == 12 && offsetof(epoll_event, data) == 4);
#else
static_assert(sizeof(epoll_event) == 16 && offsetof(epoll_event, data) == 8);
#endif

static_assert(sizeof(sock_filter) == 8);
static_assert(sizeof(sock_fprog) == 2 * kWord && offsetof(sock_fprog, filter) == kWord);
static_assert(sizeof(seccomp_data) == 64 && offsetof(seccomp_data, args) == 16);
static_assert(sizeof(seccomp_notif) == 80 && offsetof(seccomp_notif, data) == 16);
static_assert(sizeof(seccomp_notif_resp) == 24);

static_assert(sizeof(clone_args) == 88 && offsetof(clone_args, exit_signal) == 32);
static_assert(offsetof(clone_args, cgroup) == 80);
static_assert(sizeof(__user_cap_header_struct) == 8 && sizeof(__user_cap_data_struct) == 12);
static_assert(sizeof(signalfd_siginfo) == 128);
static_assert(sizeof(rlim_t) == 8);
// By _TIME_BITS: a time after 2038 must not fail a run.
static_assert(sizeof(timespec) == sizeof(__kernel_timespec) && sizeof(timespec) == 16);
static_assert(offsetof(timespec, tv_nsec) == offsetof(__kernel_timespec, tv_nsec));

static_assert(sizeof(FileStatus) == sizeof(struct statx) && sizeof(FileStatus) == 256);
static_assert(offsetof(FileStatus, links) == offsetof(struct statx, stx_nlink));
static_assert(offsetof(FileStatus, uid) == offsetof(struct statx, stx_uid));
static_assert(offsetof(FileStatus, gid) == offsetof(struct statx, stx_gid));
static_assert(offsetof(FileStatus, mode) == offsetof(struct statx, stx_mode));

static_assert(sizeof(iovec) == 2 * kWord);
static_assert(sizeof(cmsghdr) == 2 * sizeof(int) + kWord);
static_assert(sizeof(msghdr) == (kWord == 8 ? 56 : 28));
static_assert(offsetof(msghdr, msg_control) == (kWord == 8 ? 32 : 16));

static_assert(sizeof(nlmsghdr) == 16 && sizeof(nlmsgerr) == 20);
static_assert(sizeof(ifinfomsg) == 16 && sizeof(ifaddrmsg) == 8 && sizeof(rtmsg) == 12 && sizeof(rtattr) == 4);

}  // namespace
}  // namespace palisade::sys
