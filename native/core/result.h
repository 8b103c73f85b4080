// Results without exceptions: a value, or the call that failed and its errno.
#pragma once

#include <cstdint>
#include <utility>

namespace palisade {

// `call` is the name of a system call or netlink message: static text, so that it can cross a fork by address.
struct SysError {
  const char* call = nullptr;
  int error = 0;
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(SysError error) : error_(error) {}
  [[nodiscard]] bool failed() const { return error_.call != nullptr; }
  [[nodiscard]] SysError error() const { return error_; }

 private:
  SysError error_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(SysError error) : error_(error) {}
  [[nodiscard]] bool failed() const { return error_.call != nullptr; }
  [[nodiscard]] SysError error() const { return error_; }
  [[nodiscard]] T& value() { return value_; }
  [[nodiscard]] const T& value() const { return value_; }
  [[nodiscard]] Status status() const { return failed() ? Status(error_) : Status(); }

 private:
  T value_{};
  SysError error_;
};

}  // namespace palisade
