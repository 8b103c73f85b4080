// One way to make a system call and name it on failure. Included by native/sys only.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <type_traits>

#include "core/result.h"

namespace palisade::sys {

// syscall(2) is variadic and reads whole registers: an int must be widened, or its upper half is undefined.
template <class T>
auto whole_register(T value) {
  if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return static_cast<long>(value);
  } else {
    return value;
  }
}

template <class... Args>
Result<long> raw(const char* name, long number, Args... args) {
  const long value = ::syscall(number, whole_register(args)...);
  if (value == -1) return SysError{name, errno};
  return value;
}

template <class F>
Result<F> to_fd(Result<long> result) {
  if (result.failed()) return result.error();
  return F(static_cast<int>(result.value()));
}

}  // namespace palisade::sys
