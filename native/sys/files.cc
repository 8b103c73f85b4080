#include "sys/files.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "sys/file_status.h"
#include "sys/raw.h"

namespace palisade::sys {
namespace {

// The component at the start of `path`, in `name`; what follows it. Nothing that leads up.
Result<const char*> take_component(const char* path, char (&name)[NAME_MAX + 1]) {
  std::size_t size = 0;
  for (; path[size] != '\0' && path[size] != '/'; ++size) {
    if (size == NAME_MAX) return SysError{"openat", ENAMETOOLONG};
    name[size] = path[size];
  }
  name[size] = '\0';
  if (strcmp(name, "..") == 0) return SysError{"openat", EXDEV};
  while (path[size] == '/') ++size;
  return path + size;
}

// What openat2(2) does with RESOLVE_NO_SYMLINKS, for systemd's RestrictSUIDSGID= and DynamicUser=, which answer ENOSYS
// to it: each component is opened in the one before, and none of them is a symlink. `root`: where the path begins, if
// it is none of the whole system.
Result<PathFd> walk(int root, const char* path) {
  const bool is_absolute = root == AT_FDCWD && path[0] == '/';
  constexpr int kFlags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  while (path[0] == '/') ++path;
  Result<PathFd> at = to_fd<PathFd>(raw("openat", SYS_openat, root, is_absolute ? "/" : ".", kFlags | O_DIRECTORY));
  while (!at.failed() && path[0] != '\0') {
    char name[NAME_MAX + 1];
    const Result<const char*> rest = take_component(path, name);
    if (rest.failed()) return rest.error();
    path = rest.value();
    const int directory = path[0] == '\0' ? 0 : O_DIRECTORY;
    at = to_fd<PathFd>(raw("openat", SYS_openat, at.value().number(), name, kFlags | directory));
  }
  if (at.failed()) return at;
  const Result<FileStatus> status = status_of(at.value().number());
  if (status.failed()) return status.error();
  if (S_ISLNK(status.value().mode)) return SysError{"openat", ELOOP};
  return at;
}

Result<PathFd> openat2_path(int root, const char* path, std::uint64_t resolve) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = resolve;
  Result<PathFd> opened = to_fd<PathFd>(raw("openat2", SYS_openat2, root, path, &how, sizeof how));
  return opened.failed() && opened.error().error == ENOSYS ? walk(root, path) : std::move(opened);
}

Result<long> read_piece(int fd, std::span<std::uint8_t> buffer, std::uint64_t offset) {
  // Where a word has 32 bits, the offset is two of them, the lower one first.
  if constexpr (sizeof(long) == sizeof offset)
    return raw("pread64", SYS_pread64, fd, buffer.data(), buffer.size(), offset);
  return raw("pread64", SYS_pread64, fd, buffer.data(), buffer.size(), static_cast<std::uint32_t>(offset),
             static_cast<std::uint32_t>(offset >> 32));
}

}  // namespace

Result<PathFd> open_path_without_symlinks(const char* path) {
  return openat2_path(AT_FDCWD, path, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

Result<PathFd> open_path(const char* path) {
  return openat2_path(AT_FDCWD, path, RESOLVE_NO_MAGICLINKS);
}

Result<PathFd> open_path_in(int root, const char* path) {
  return openat2_path(root, path, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

Result<FileFd> open_file(const char* path) {
  return to_fd<FileFd>(raw("openat", SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

Result<FileFd> open_still(const char* path) {
  return to_fd<FileFd>(raw("openat", SYS_openat, AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

Result<FileFd> open_output(const char* path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
  return to_fd<FileFd>(raw("openat", SYS_openat, AT_FDCWD, path, kFlags, 0600));
}

Result<PathFd> open_directory_in(int parent, const char* name) {
  return to_fd<PathFd>(raw("openat", SYS_openat, parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Result<FileFd> open_file_in(int parent, const char* name) {
  return to_fd<FileFd>(raw("openat", SYS_openat, parent, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
}

Result<FileFd> open_still_in(int parent, const char* name) {
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  return to_fd<FileFd>(raw("openat", SYS_openat, parent, name, kFlags));
}

Result<std::uint32_t> file_type(int fd) {
  const Result<FileStatus> status = status_of(fd);
  if (status.failed()) return status.error();
  return std::uint32_t{status.value().mode} & S_IFMT;
}

Status make_directory(int parent, const char* name, std::uint32_t mode) {
  return raw("mkdirat", SYS_mkdirat, parent, name, mode).status();
}

Status make_symlink(int parent, const char* name, const char* content) {
  return raw("symlinkat", SYS_symlinkat, content, parent, name).status();
}

Status make_file(int parent, const char* name, std::uint32_t mode, std::span<const std::uint8_t> content) {
  // Mode is set afterwards: a file of mode 0 must still be writable by this descriptor.
  Result<FileFd> file = to_fd<FileFd>(
      raw("openat", SYS_openat, parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.failed()) return file.error();
  const Status written =
      write_all(file.value().number(), reinterpret_cast<const char*>(content.data()), content.size());
  if (written.failed()) return written;
  return raw("fchmod", SYS_fchmod, file.value().number(), mode).status();
}

Status remove_file(int parent, const char* name) {
  return raw("unlinkat", SYS_unlinkat, parent, name, 0).status();
}

Status remove_directory(int parent, const char* name) {
  return raw("unlinkat", SYS_unlinkat, parent, name, AT_REMOVEDIR).status();
}

Status write_file(const char* path, const char* text, std::size_t size) {
  return write_file_in(AT_FDCWD, path, text, size);
}

Status write_file_in(int parent, const char* name, const char* text, std::size_t size) {
  Result<FileFd> file = to_fd<FileFd>(raw("openat", SYS_openat, parent, name, O_WRONLY | O_CLOEXEC));
  if (file.failed()) return file.error();
  Result<long> written = raw("write", SYS_write, file.value().number(), text, size);
  if (written.failed()) return written.error();
  if (static_cast<std::size_t>(written.value()) != size) return SysError{"write", EIO};
  return {};
}

Status write_all(int fd, const char* data, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    Result<long> written = raw("write", SYS_write, fd, data + done, size - done);
    if (written.failed()) {
      if (written.error().error == EINTR) continue;  // nothing was written: POSIX asks to try again
      return written.error();
    }
    done += static_cast<std::size_t>(written.value());
  }
  return {};
}

Result<std::size_t> read_full(int fd, std::span<std::uint8_t> buffer) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    Result<long> count = raw("read", SYS_read, fd, buffer.data() + done, buffer.size() - done);
    if (count.failed()) {
      if (count.error().error == EINTR) continue;  // nothing was read: POSIX asks to try again
      return count.error();
    }
    if (count.value() == 0) break;
    done += static_cast<std::size_t>(count.value());
  }
  return done;
}

Result<std::size_t> read_all(int fd, std::span<std::uint8_t> buffer) {
  const Result<std::size_t> count = read_full(fd, buffer);
  if (!count.failed() && count.value() == buffer.size()) return SysError{"read", EFBIG};
  return count;
}

Result<std::size_t> read_at(int fd, std::span<std::uint8_t> buffer, std::uint64_t offset) {
  const Result<long> count = read_piece(fd, buffer, offset);
  if (count.failed()) return count.error();
  return static_cast<std::size_t>(count.value());
}

Status close_all_on_exec() {
  return raw("close_range", SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC).status();
}

Status close_all_but(std::span<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned first = 0;
  for (const int fd : kept) {
    const auto number = static_cast<unsigned>(fd);
    if (number > first) {
      const Status closed = raw("close_range", SYS_close_range, first, number - 1, 0U).status();
      if (closed.failed()) return closed;
    }
    first = number + 1;
  }
  return raw("close_range", SYS_close_range, first, ~0U, 0U).status();
}

// The kernel has let go of the number whatever close(2) answers.
void close_descriptor(int fd) {
  static_cast<void>(::close(fd));
}

Status place_descriptor(int fd, int place) {
  return raw("dup3", SYS_dup3, fd, place, 0).status();
}

Status keep_on_exec(int fd) {
  return raw("fcntl", SYS_fcntl, fd, F_SETFD, 0).status();
}

bool is_open(int fd) {
  return !raw("fcntl", SYS_fcntl, fd, F_GETFD).failed();
}

Status change_directory(const char* path) {
  return raw("chdir", SYS_chdir, path).status();
}

Status change_directory_to(int fd) {
  return raw("fchdir", SYS_fchdir, fd).status();
}

}  // namespace palisade::sys
