// Move-only owner of a file descriptor. `Kind` keeps a PathFd from being passed where a MountFd is meant.
#pragma once

#include <unistd.h>

#include <utility>

namespace palisade {

template <class Kind>
class [[nodiscard]] Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }
  // The kernel has let go of the number whatever close(2) answers, so there is nothing to do about an error.
  void reset() {
    if (number_ >= 0) static_cast<void>(::close(std::exchange(number_, -1)));
  }

 private:
  int number_ = -1;
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

}  // namespace palisade
