#include "launcher/command.h"

#include <cerrno>
#include <cstring>
#include <span>

#include "sys/files.h"

namespace palisade {
namespace {

// False: not one word, or not as they should be.
bool point_at(CommandWords& words, std::size_t bytes) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < bytes; at += std::strlen(words.text + at) + 1) {
    if (count == CommandWords::kWordsMax) return false;
    words.pointers[count++] = words.text + at;
  }
  words.pointers[count] = nullptr;
  return count > 0;
}

}  // namespace

Result<Told> read_command(int fd, CommandHead& head, CommandWords& words) {
  const Result<std::size_t> size = sys::read_full(fd, {reinterpret_cast<std::uint8_t*>(&head), sizeof head});
  if (size.failed()) return size.error();
  if (size.value() == 0) return Told::nothing;
  if (size.value() != sizeof head || head.bytes == 0 || head.bytes > sizeof words.text)
    return SysError{"command", EINVAL};
  const Result<std::size_t> read = sys::read_full(fd, {reinterpret_cast<std::uint8_t*>(words.text), head.bytes});
  if (read.failed()) return read.error();
  if (read.value() != head.bytes || words.text[head.bytes - 1] != '\0' || !point_at(words, head.bytes))
    return SysError{"command", EINVAL};
  return Told::command;
}

}  // namespace palisade
