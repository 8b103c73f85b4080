#include "sys/file_status.h"

#include <fcntl.h>
#include <linux/stat.h>

#include "sys/raw.h"

namespace palisade::sys {
namespace {

constexpr unsigned kWanted = STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_UID | STATX_GID;

Result<FileStatus> ask(int directory, const char* path, int flags) {
  FileStatus status;
  const Status asked = raw("statx", SYS_statx, directory, path, flags, kWanted, &status).status();
  if (asked.failed()) return asked.error();
  return status;
}

}  // namespace

Result<FileStatus> status_of(const char* path) {
  return ask(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
}

Result<FileStatus> status_of(int fd) {
  return ask(fd, "", AT_EMPTY_PATH);
}

}  // namespace palisade::sys
