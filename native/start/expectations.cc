#include "start/expectations.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "start/mounts.h"
#include "sys/files.h"
#include "sys/host.h"

namespace palisade {
namespace {

bool is(const plan::Text& expected, const char* text) {
  return std::strcmp(expected.data, text) == 0;
}

bool holds(const plan::StartExpectWords& step, const Caller& caller) {
  const std::span<const char* const> ours = caller.words.ours;
  return is(step.started_as, caller.words.started_as) && is(step.root, caller.root) &&
         std::ranges::equal(step.words, ours, is);
}

// capabilities(7): CAP_NET_BIND_SERVICE is for all ports.
constexpr std::uint32_t kBindService = 10;

Result<std::uint32_t> lowest_port() {
  const Result<bool> binds = sys::has_capability(kBindService);
  if (binds.failed()) return binds.error();
  if (binds.value()) return std::uint32_t{1};
  const Result<FileFd> file = sys::open_file("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  if (file.failed()) return file.error();
  std::uint8_t text[16] = {};
  const Result<std::size_t> size = sys::read_all(file.value().number(), text);
  if (size.failed()) return size.error();
  std::uint32_t port = 0;
  for (std::size_t index = 0; index < size.value() && text[index] >= '0' && text[index] <= '9'; ++index)
    port = port * 10 + (text[index] - std::uint32_t{'0'});
  return port;
}

// RLIMIT_* in the order of `limitNumbers` of src/plan/start-steps.ts.
constexpr std::uint32_t kLimits[] = {0, 1, 3, 6, 7, 9};

bool limits_are(std::span<const std::uint64_t> expected) {
  if (expected.size() != std::size(kLimits)) return false;
  for (std::size_t index = 0; index < std::size(kLimits); ++index) {
    const Result<std::uint64_t> found = sys::hard_limit(kLimits[index]);
    if (found.failed() || found.value() != expected[index]) return false;
  }
  return true;
}

// What of the host is another now; null: nothing.
const char* changed_host(const plan::StartExpectHost& step, const Caller& caller) {
  const sys::Ids ids = sys::ids();
  if (ids.borrowed || ids.uid != step.uid || ids.gid != step.gid) return "the user";
  if (!is(step.directory, caller.directory)) return "the working directory";
  const Result<sys::Kernel> kernel = sys::kernel();
  if (kernel.failed() || !is(step.release, kernel.value().release) || !is(step.machine, kernel.value().machine))
    return "the kernel";
  const Result<sys::LandlockVersion> landlock = sys::landlock_version();
  if (landlock.failed() || landlock.value().abi != step.landlock_abi || landlock.value().errata != step.landlock_errata)
    return "Landlock";
  const Result<std::uint32_t> port = lowest_port();
  if (port.failed() || port.value() != step.lowest_port) return "the lowest port that the caller may listen at";
  if (sys::exists("/proc/net/if_inet6") != (step.ipv6 != 0)) return "IPv6";
  return limits_are(step.hard_limits) ? nullptr : "a hard limit of the caller";
}

bool holds(const plan::StartExpectVariablesVariables& expected, char** environment) {
  const char* const value = variable(environment, expected.name.data);
  return value == nullptr ? expected.is_set == 0 : expected.is_set != 0 && is(expected.value, value);
}

// In the order of `nodeTypes` of src/plan/start-steps.ts, from the second on.
constexpr std::uint32_t kTypes[] = {S_IFDIR, S_IFREG, S_IFLNK, S_IFCHR, S_IFSOCK, S_IFIFO};
constexpr std::uint8_t kNotAsked = 2;

std::uint8_t type_of(std::uint32_t mode) {
  const std::uint32_t type = (mode & S_IFMT) == S_IFBLK ? S_IFCHR : mode & S_IFMT;
  for (std::size_t index = 0; index < std::size(kTypes); ++index) {
    if (kTypes[index] == type) return static_cast<std::uint8_t>(index + 1);
  }
  return UINT8_MAX;
}

bool leads_to(const char* link, const plan::Text& target) {
  char found[4096];
  const Result<std::size_t> size = sys::read_link(link, found);
  return !size.failed() && size.value() == target.size && std::memcmp(found, target.data, target.size) == 0;
}

bool holds(const plan::StartExpectNodesNodes& expected) {
  const char* const path = expected.path.data;
  const Result<sys::Node> found = sys::look(path);
  if (found.failed()) return expected.type == 0 && (found.error().error == ENOENT || found.error().error == ENOTDIR);
  const sys::Node& node = found.value();
  if (type_of(node.mode) != expected.type) return false;
  if (node.uid != expected.uid || node.gid != expected.gid || (node.mode & 07777U) != expected.mode) return false;
  if (!S_ISDIR(node.mode) && node.links != expected.links) return false;
  if (S_ISLNK(node.mode) && !leads_to(path, expected.target)) return false;
  return expected.writable == kNotAsked || sys::may_write(path) == (expected.writable != 0);
}

// Reads `length` bytes, or what there is of them, and one more to know that there is no more.
bool reads(int fd, const plan::StartExpectContentsPieces& expected) {
  std::uint8_t piece[8192];
  const std::uint64_t length = expected.length;
  std::uint64_t done = 0;
  while (done < length) {
    const std::size_t room = static_cast<std::size_t>(std::min<std::uint64_t>(sizeof piece, length - done));
    const Result<std::size_t> count = sys::read_at(fd, std::span(piece, room), expected.offset + done);
    if (count.failed()) return false;
    if (count.value() == 0) break;
    if (count.value() > expected.content.size() - done) return false;
    if (std::memcmp(piece, expected.content.data() + done, count.value()) != 0) return false;
    done += count.value();
  }
  return done == expected.content.size();
}

// The first piece that is another now; null: none is. Pieces of one file stand side by side.
const char* changed(std::span<const plan::StartExpectContentsPieces> pieces) {
  const char* path = "";
  FileFd file;
  for (const plan::StartExpectContentsPieces& expected : pieces) {
    if (std::strcmp(path, expected.path.data) != 0) {
      path = expected.path.data;
      Result<FileFd> opened = sys::open_still(path);
      if (opened.failed()) return path;
      file = std::move(opened.value());
    }
    if (!reads(file.number(), expected)) return path;
  }
  return nullptr;
}

constexpr char kNotKept[] = "its form";

const char* changed_around(const plan::Plan& plan, const Caller& caller) {
  const auto* const host = plan.find<plan::StartExpectHost>();
  const auto* const mounts = plan.find<plan::StartExpectMounts>();
  const auto* const variables = plan.find<plan::StartExpectVariables>();
  const auto* const nodes = plan.find<plan::StartExpectNodes>();
  const auto* const contents = plan.find<plan::StartExpectContents>();
  if (host == nullptr || mounts == nullptr || variables == nullptr || nodes == nullptr || contents == nullptr)
    return kNotKept;
  const char* const other = changed_host(*host, caller);
  if (other != nullptr) return other;
  if (!mounts_are(plan, *mounts)) return "the kernel's own mounts";
  for (const auto& expected : variables->variables) {
    if (!holds(expected, caller.environment)) return expected.name.data;
  }
  for (const auto& expected : nodes->nodes) {
    if (!holds(expected)) return expected.path.data;
  }
  return changed(contents->pieces);
}

}  // namespace

const char* variable(char** environment, const char* name) {
  const std::size_t length = std::strlen(name);
  for (; *environment != nullptr; ++environment) {
    if (std::strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
      return *environment + length + 1;
  }
  return nullptr;
}

const char* changed_since(const plan::Plan& plan, const Caller& caller) {
  const auto* const words = plan.find<plan::StartExpectWords>();
  if (words == nullptr) return kNotKept;
  return holds(*words, caller) ? changed_around(plan, caller) : "the words of the command line";
}

const char* changed_since_compiled(const plan::Plan& plan, const Caller& caller) {
  const auto* const place = plan.find<plan::StartExpectPlace>();
  if (place == nullptr) return kNotKept;
  if (!is(place->root, caller.root)) return "the package of sandbox-exec";
  const bool is_free = place->file.size == 0;
  if (!is_free && !is(place->started_as, caller.words.started_as)) return "the name of sandbox-exec";
  return changed_around(plan, caller);
}

const char* changed_since_made(const plan::Plan& plan, const Caller& caller) {
  return changed_around(plan, caller);
}

}  // namespace palisade
