// JSON into a descriptor, in one piece after another.
#pragma once

#include <cstdint>
#include <cstring>

#include "core/decimal.h"
#include "core/result.h"
#include "sys/files.h"

namespace palisade {

// JSON into a descriptor, unbuffered but for one block; the first error is kept.
class Json {
 public:
  explicit Json(int fd) : fd_(fd) {}

  Json& raw(const char* text) { return bytes(text, std::strlen(text)); }
  Json& bytes(const char* text, std::size_t size) {
    for (std::size_t index = 0; index < size; ++index) put(text[index]);
    return *this;
  }
  Json& text(const char* value) {
    put('"');
    for (; *value != '\0'; ++value) escape(static_cast<unsigned char>(*value));
    put('"');
    return *this;
  }
  Json& number(std::uint64_t value) { return raw(Decimal(value).text()); }
  Status finish() {
    flush();
    return status_;
  }

 private:
  void escape(unsigned char letter) {
    if (letter == '"' || letter == '\\') {
      put('\\');
      put(static_cast<char>(letter));
    } else if (letter < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      raw("\\u00");
      put(kHex[letter >> 4]);
      put(kHex[letter & 15]);
    } else {
      put(static_cast<char>(letter));
    }
  }
  void put(char letter) {
    if (size_ == sizeof buffer_) flush();
    buffer_[size_++] = letter;
  }
  void flush() {
    if (!status_.failed()) status_ = sys::write_all(fd_, buffer_, size_);
    size_ = 0;
  }

  int fd_;
  std::size_t size_ = 0;
  Status status_;
  char buffer_[2048];
};

}  // namespace palisade
