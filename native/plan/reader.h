// Bounds-checked reading of plan bytes. A failed reader stays failed and yields zero values; callers look once, at the
// end. Text and bytes are views into the plan; lists live in an arena whose size the plan's length bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

#include "core/ip.h"

namespace palisade::plan {

// UTF-8 without NUL inside and with one behind.
struct Text {
  const char* data = "";
  std::uint32_t size = 0;
};

// A Text that is an absolute path without empty, "." or ".." components.
struct Path {
  const char* data = "/";
  std::uint32_t size = 1;
};

using Bytes = std::span<const std::uint8_t>;

class Arena {
 public:
  Arena() = default;
  explicit Arena(std::span<std::byte> memory) : memory_(memory) {}

  // Value-initialised storage for `count` objects; nullptr when it does not fit.
  template <class T>
  T* make(std::size_t count) {
    const std::size_t start = (used_ + alignof(T) - 1) & ~(alignof(T) - 1);
    if (start > memory_.size() || count > (memory_.size() - start) / sizeof(T)) return nullptr;
    used_ = start + count * sizeof(T);
    T* const items = reinterpret_cast<T*>(memory_.data() + start);
    for (std::size_t index = 0; index < count; ++index) new (items + index) T();
    return items;
  }

 private:
  std::span<std::byte> memory_;
  std::size_t used_ = 0;
};

class Reader {
 public:
  Reader(Bytes bytes, Arena& arena) : bytes_(bytes), arena_(&arena) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - offset_; }
  void fail() { failed_ = true; }

  // The next `size` bytes as a reader of their own.
  Reader part(std::uint32_t size);

  void read(std::uint8_t& value);
  void read(std::uint16_t& value);
  void read(std::uint32_t& value);
  void read(std::uint64_t& value);
  void read(Ip& value);
  void read(Text& value);
  void read(Path& value);
  void read(Bytes& value);

  // `kBytesMin` is the least that one item takes on the wire: a count cannot ask for more than the bytes left allow.
  template <class T, std::size_t kBytesMin, class ReadItem>
  std::span<const T> list(ReadItem read_item) {
    std::uint32_t count = 0;
    read(count);
    if (failed_ || count > remaining() / kBytesMin) {
      fail();
      return {};
    }
    T* const items = arena_->make<T>(count);
    if (items == nullptr) {
      fail();
      return {};
    }
    for (std::uint32_t index = 0; index < count && !failed_; ++index) read_item(*this, items[index]);
    return failed_ ? std::span<const T>() : std::span<const T>(items, count);
  }

 private:
  Bytes take(std::size_t size);
  std::uint64_t integer(std::size_t size);

  Bytes bytes_;
  Arena* arena_;
  std::size_t offset_ = 0;
  bool failed_ = false;
};

}  // namespace palisade::plan
