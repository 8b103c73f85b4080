// What a call of the kernel's refused, as a JavaScript Error with `errno` and `syscall`.
#pragma once

#include <napi.h>

#include <string>

namespace palisade {

[[nodiscard]] inline Napi::Error sys_error(Napi::Env env, const char* syscall_name, int error) {
  Napi::Error thrown = Napi::Error::New(env, std::string(syscall_name) + " failed");
  thrown.Set("errno", Napi::Number::New(env, error));
  thrown.Set("syscall", Napi::String::New(env, syscall_name));
  return thrown;
}

}  // namespace palisade
