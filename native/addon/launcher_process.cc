#include "addon/launcher_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "addon/descriptor.h"
#include "addon/sys_error.h"

namespace palisade {
namespace {

/// posix_spawn(3)'s attributes and file actions.
class Start {
 public:
  Start() {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;
  Start(Start&&) = delete;
  Start& operator=(Start&&) = delete;
  ~Start() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  /// A session of its own: what a terminal sends to this process is not for what runs in sandboxes. Signals as a
  /// shell's child has them, whatever Node has done with its own.
  [[nodiscard]] int prepare() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setsigmask(&attributes_, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(&attributes_, &all);
    constexpr short kFlags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID;
    return error == 0 ? posix_spawnattr_setflags(&attributes_, kFlags) : error;
  }
  [[nodiscard]] int give(int ours, int theirs) { return posix_spawn_file_actions_adddup2(&actions_, ours, theirs); }
  [[nodiscard]] int run(const char* path, std::vector<char*>& words, pid_t& pid) {
    std::array<char*, 1> environment{nullptr};
    return posix_spawn(&pid, path, &actions_, &attributes_, words.data(), environment.data());
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

struct Given {
  int theirs;
  int ours;
};

std::vector<Given> given_by(const Napi::Array& pairs) {
  std::vector<Given> given;
  for (std::uint32_t index = 0; index < pairs.Length(); ++index) {
    const Napi::Array pair = pairs.Get(index).As<Napi::Array>();
    given.push_back({pair.Get(0U).ToNumber().Int32Value(), pair.Get(1U).ToNumber().Int32Value()});
  }
  return given;
}

}  // namespace

Napi::Value start_launcher(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<std::string> texts{info[0].ToString().Utf8Value()};
  const Napi::Array list = info[1].As<Napi::Array>();
  for (std::uint32_t index = 0; index < list.Length(); ++index) texts.push_back(list.Get(index).ToString().Utf8Value());
  std::vector<char*> words;
  for (std::string& text : texts) words.push_back(text.data());
  words.push_back(nullptr);

  Start start;
  int error = start.prepare();
  const std::vector<Given> given = given_by(info[2].As<Napi::Array>());
  int above = 0;
  for (const Given& one : given) above = std::max(above, one.theirs + 1);
  // Above all numbers of the child's: none of those overwrites one that is still to be given.
  std::vector<Descriptor> copies;
  for (const Given& one : given) {
    copies.emplace_back(fcntl(one.ours, F_DUPFD_CLOEXEC, above));
    if (copies.back().get() < 0) throw sys_error(env, "fcntl", errno);
    if (error == 0) error = start.give(copies.back().get(), one.theirs);
  }
  pid_t pid = 0;
  if (error == 0) error = start.run(texts.front().c_str(), words, pid);
  if (error != 0) throw sys_error(env, "posix_spawn", error);
  return Napi::Number::New(env, pid);
}

Napi::Value reap_launcher(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int status = 0;
  while (waitpid(info[0].ToNumber().Int32Value(), &status, 0) < 0) {
    if (errno != EINTR) throw sys_error(env, "waitpid", errno);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("exitCode", WIFEXITED(status) ? Napi::Number::New(env, WEXITSTATUS(status)) : env.Null());
  result.Set("signal", WIFSIGNALED(status) ? Napi::Number::New(env, WTERMSIG(status)) : env.Null());
  return result;
}

}  // namespace palisade
