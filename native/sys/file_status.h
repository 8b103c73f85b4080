// statx(2): one structure for every arch, of wide members. Included by native/sys only.
#pragma once

#include <cstdint>

#include "core/result.h"

namespace palisade::sys {

struct FileStatus {  // struct statx of linux/stat.h, which clashes with sys/stat.h on some libcs
  std::uint32_t mask = 0;
  std::uint32_t block_size = 0;
  std::uint64_t attributes = 0;
  std::uint32_t links = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint16_t mode = 0;
  std::uint16_t spare = 0;
  std::uint64_t rest[28] = {};
};

Result<FileStatus> status_of(const char* path);  // as lstat(2)
Result<FileStatus> status_of(int fd);

}  // namespace palisade::sys
