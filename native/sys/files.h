// Files and descriptors: openat2(2), mkdirat(2), close_range(2) and kin.
#pragma once

#include <cstdint>
#include <span>

#include "core/fd.h"
#include "core/result.h"

namespace palisade::sys {

// O_PATH at an absolute path of the current root; ELOOP if any component is a symlink.
Result<PathFd> open_path_without_symlinks(const char* path);
// O_PATH at an absolute path of the current root, symlinks followed.
Result<PathFd> open_path(const char* path);
// O_PATH at `path` (absolute) inside `root`, never leaving it and never through a symlink.
Result<PathFd> open_path_in(int root, const char* path);
// For reading; a program opened so can be started by `execute_file`.
Result<FileFd> open_file(const char* path);
// For reading; a fifo or a terminal does not make it wait.
Result<FileFd> open_still(const char* path);
// A new or emptied file for writing, at no symlink; 0600.
Result<FileFd> open_output(const char* path);
// O_PATH at an entry of `parent`, which must be a directory and no symlink.
Result<PathFd> open_directory_in(int parent, const char* name);
// An entry of `parent`, for reading.
Result<FileFd> open_file_in(int parent, const char* name);
// The same, and a fifo does not make it wait.
Result<FileFd> open_still_in(int parent, const char* name);
// S_IFMT bits of what `fd` names.
Result<std::uint32_t> file_type(int fd);

Status make_directory(int parent, const char* name, std::uint32_t mode);
Status make_symlink(int parent, const char* name, const char* content);
// A new file (O_EXCL) of exactly this content and mode.
Status make_file(int parent, const char* name, std::uint32_t mode, std::span<const std::uint8_t> content);
Status remove_file(int parent, const char* name);
Status remove_directory(int parent, const char* name);
// Writes all of `text` to the existing file `path` in one write(2), as procfs demands.
Status write_file(const char* path, const char* text, std::size_t size);
// The same for an entry of `parent`.
Status write_file_in(int parent, const char* name, const char* text, std::size_t size);
Status write_all(int fd, const char* data, std::size_t size);
// As much as `buffer` holds, or there is.
Result<std::size_t> read_full(int fd, std::span<std::uint8_t> buffer);
// Reads to the end; the count, or EFBIG if there is more than `buffer` holds.
Result<std::size_t> read_all(int fd, std::span<std::uint8_t> buffer);

// Up to `buffer` bytes at an offset; 0 at the end.
Result<std::size_t> read_at(int fd, std::span<std::uint8_t> buffer, std::uint64_t offset);

// Every descriptor above 2 will close at execve(2).
Status close_all_on_exec();
Status keep_on_exec(int fd);
// `fd` as the number `place` too, which stays open at execve(2).
Status place_descriptor(int fd, int place);
// Closes every descriptor but `kept`, whose order it changes.
Status close_all_but(std::span<int> kept);
void close_descriptor(int fd);
[[nodiscard]] bool is_open(int fd);
Status change_directory(const char* path);
Status change_directory_to(int fd);

}  // namespace palisade::sys
