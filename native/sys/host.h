// What can be asked of the host: names of files, limits, the kernel. Nothing changes.
#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"

namespace palisade::sys {

struct Node {
  std::uint32_t mode = 0;  // with S_IFMT
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t links = 0;
};

struct Kernel {
  char release[65] = {};
  char machine[65] = {};
};

struct LandlockVersion {
  std::uint32_t abi = 0;  // 0: there is none
  std::uint32_t errata = 0;
};

Result<Node> look(const char* path);  // lstat(2)
Result<Node> look_at(int fd);
// The length; one that fills `buffer` may have been cut.
Result<std::size_t> read_link(const char* path, std::span<char> buffer);
[[nodiscard]] bool may_write(const char* path);
[[nodiscard]] bool may_execute(const char* path);
[[nodiscard]] bool exists(const char* path);
// With a NUL behind it.
Status working_directory(std::span<char> buffer);
Result<Kernel> kernel();
Result<LandlockVersion> landlock_version();
Result<std::uint64_t> hard_limit(std::uint32_t resource);
Result<bool> has_capability(std::uint32_t capability);

struct Ids {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  bool borrowed = false;  // a real id is another than the effective one
};
[[nodiscard]] Ids ids();

}  // namespace palisade::sys
