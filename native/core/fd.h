// Move-only owner of a file descriptor. `Kind` keeps a PathFd from being passed where a MountFd is meant.
#pragma once

#include <unistd.h>

#include <utility>

namespace palisade {

template <class Kind>
class [[nodiscard]] Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : next_(number + 1) {}
  Fd(Fd&& other) noexcept : next_(std::exchange(other.next_, 0)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      next_ = std::exchange(other.next_, 0);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  [[nodiscard]] bool is_open() const { return next_ > 0; }
  [[nodiscard]] int number() const { return next_ - 1; }
  // The kernel has let go of the number whatever close(2) answers, so there is nothing to do about an error.
  void reset() {
    if (is_open()) static_cast<void>(::close(std::exchange(next_, 0) - 1));
  }

  // Nobody closes it before this process ends.
  void keep_open() { next_ = 0; }

 private:
  // The number after it, 0 if there is none: a static table of closed ones is zero pages, which nobody pays for.
  int next_ = 0;
};

using PathFd = Fd<struct PathKind>;
using MountFd = Fd<struct MountKind>;
using FilesystemContextFd = Fd<struct FilesystemContextKind>;
using FileFd = Fd<struct FileKind>;
using SocketFd = Fd<struct SocketKind>;
using NetlinkFd = Fd<struct NetlinkKind>;
using NamespaceFd = Fd<struct NamespaceKind>;
using RulesetFd = Fd<struct RulesetKind>;
using NotifyFd = Fd<struct NotifyKind>;
using SignalFd = Fd<struct SignalKind>;
using PipeFd = Fd<struct PipeKind>;
using ProcessFd = Fd<struct ProcessKind>;
using EventsFd = Fd<struct EventsKind>;

}  // namespace palisade
