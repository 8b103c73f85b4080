#include "addon/belongings.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

namespace palisade {
namespace {

// P_PIDFD of waitid(2), which C libraries before glibc 2.36 do not name.
constexpr auto kByPidfd = static_cast<idtype_t>(3);

/// By its name, of which the kernel keeps 15 bytes.
bool is_launcher(const std::string& pid) {
  std::ifstream comm("/proc/" + pid + "/comm");
  std::string name;
  std::getline(comm, name);
  return name == "palisade-launch";
}

/// Of this thread, as pidfds: a number may be another process's by the time it is waited for. A kernel without
/// CONFIG_PROC_CHILDREN tells of none.
std::vector<Descriptor> launchers() {
  std::vector<Descriptor> found;
  std::ifstream children("/proc/thread-self/children");
  for (std::string pid; children >> pid;) {
    if (!is_launcher(pid)) continue;
    Descriptor child(static_cast<int>(syscall(SYS_pidfd_open, std::stoi(pid), 0)));
    if (child.get() >= 0) found.push_back(std::move(child));
  }
  return found;
}

void wait_for_all(const std::vector<Descriptor>& children) {
  for (const Descriptor& child : children) {
    siginfo_t ignored{};
    while (waitid(kByPidfd, static_cast<id_t>(child.get()), &ignored, WEXITED) != 0 && errno == EINTR) {
    }
  }
}

}  // namespace

Belongings::~Belongings() {
  // With the main thread the process ends, and its children are nobody's concern.
  if (syscall(SYS_gettid) == getpid()) return;
  std::vector<Descriptor> children = launchers();
  if (children.empty()) return;
  // They end soon: what they live by was this environment's. The addon stays loaded for it (-z nodelete).
  std::thread([waited = std::move(children)] { wait_for_all(waited); }).detach();
}

int Belongings::hold(Descriptor descriptor) {
  held_.push_back(std::move(descriptor));
  return held_.back().get();
}

Descriptor Belongings::take(int number) {
  const auto found = std::ranges::find(held_, number, &Descriptor::get);
  if (found == held_.end()) return Descriptor(-1);
  Descriptor taken = std::move(*found);
  held_.erase(found);
  return taken;
}

}  // namespace palisade
