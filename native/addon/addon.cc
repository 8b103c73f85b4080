// What Node cannot do itself: ask the kernel for its Landlock, seal plans, and become the launcher.
// Every failure is thrown as a JavaScript Error with `errno` and `syscall`; src/launch/addon.ts gives it words.
#include <fcntl.h>
#include <linux/close_range.h>
#include <napi.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "addon/belongings.h"
#include "addon/descriptor.h"
#include "addon/launcher_process.h"
#include "addon/sockets.h"
#include "addon/sys_error.h"
#include "core/siphash.h"
#include "sys/keys.h"

namespace palisade {
namespace {

// Absent from Linux headers before 6.3; a kernel that does not know it answers EINVAL.
constexpr unsigned int kMfdNoexecSeal = 0x0008U;
// linux/landlock.h: the same numbers on every architecture since 5.13; the errata query came later.
constexpr long kLandlockCreateRuleset = 444;
constexpr unsigned int kLandlockQueryVersion = 1U;
constexpr unsigned int kLandlockQueryErrata = 2U;

/// O_NONBLOCK belongs to the open file, which the caller shares: what libuv sets has to be taken back before execve.
class StandardStreams {
 public:
  StandardStreams() {
    for (int fd = 0; fd < 3; ++fd) was_blocking_[static_cast<std::size_t>(fd)] = is_blocking(fd);
  }

  void restore() const {
    for (int fd = 0; fd < 3; ++fd) {
      if (!was_blocking_[static_cast<std::size_t>(fd)] || is_blocking(fd)) continue;
      const int flags = fcntl(fd, F_GETFL);
      // A stream closed meanwhile has no flags to restore.
      if (flags >= 0) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    }
  }

 private:
  [[nodiscard]] static bool is_blocking(int fd) {
    const int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_NONBLOCK) == 0;
  }
  std::array<bool, 3> was_blocking_{};
};

[[nodiscard]] std::span<const std::uint8_t> bytes_of(const Napi::Value& value) {
  if (!value.IsTypedArray()) throw Napi::TypeError::New(value.Env(), "the plan must be a Uint8Array");
  const auto array = value.As<Napi::TypedArray>();
  if (array.TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(value.Env(), "the plan must be a Uint8Array");
  }
  const auto plan = value.As<Napi::Uint8Array>();
  return {plan.Data(), plan.ByteLength()};
}

[[nodiscard]] Descriptor create_memory_file(Napi::Env env) {
  constexpr unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int fd = memfd_create("palisade-plan", flags | kMfdNoexecSeal);
  // Before Linux 6.3 the flag does not exist; the plan is data that nothing maps or starts either way.
  if (fd < 0 && errno == EINVAL) fd = memfd_create("palisade-plan", flags);
  if (fd < 0) throw sys_error(env, "memfd_create", errno);
  return Descriptor(fd);
}

/// memfd_create(2): a file that nobody can change any more, positioned at its start.
[[nodiscard]] Descriptor seal_plan(Napi::Env env, std::span<const std::uint8_t> plan) {
  Descriptor file = create_memory_file(env);
  std::span<const std::uint8_t> rest = plan;
  while (!rest.empty()) {
    const ssize_t written = write(file.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw sys_error(env, "write", errno);
    rest = rest.subspan(static_cast<std::size_t>(written));
  }
  constexpr int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (fcntl(file.get(), F_ADD_SEALS, seals) != 0) throw sys_error(env, "fcntl", errno);
  if (lseek(file.get(), 0, SEEK_SET) != 0) throw sys_error(env, "lseek", errno);
  return file;
}

/// Node ignores SIGPIPE and SIGXFSZ, and execve(2) keeps what is ignored; the program must start with defaults. If
/// execve fails, this process lives on and needs its own back: libuv learns of its children by SIGCHLD.
class DefaultSignals {
 public:
  explicit DefaultSignals(Napi::Env env) {
    struct sigaction action{};
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) {
      // EINVAL: SIGKILL, SIGSTOP and the two that libc keeps for its threads.
      if (sigaction(number, &action, &actions_[static_cast<std::size_t>(number)]) == 0 || errno == EINVAL) continue;
      throw sys_error(env, "sigaction", errno);
    }
    sigset_t none;
    sigemptyset(&none);
    if (const int error = pthread_sigmask(SIG_SETMASK, &none, &mask_); error != 0) {
      throw sys_error(env, "pthread_sigmask", error);
    }
  }
  DefaultSignals(const DefaultSignals&) = delete;
  DefaultSignals& operator=(const DefaultSignals&) = delete;
  ~DefaultSignals() {
    // What could be changed can be changed back: the arguments are the kernel's own.
    for (int number = 1; number < NSIG; ++number) {
      static_cast<void>(sigaction(number, &actions_[static_cast<std::size_t>(number)], nullptr));
    }
    static_cast<void>(pthread_sigmask(SIG_SETMASK, &mask_, nullptr));
  }

 private:
  std::array<struct sigaction, NSIG> actions_{};
  sigset_t mask_{};
};

/// Only `descriptors` cross the execve. Node marks what it inherited close-on-exec, but only the first of them
/// (uv_disable_stdio_inheritance), and those that the launcher needs too.
void keep_over_exec(Napi::Env env, std::span<const int> descriptors) {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) throw sys_error(env, "close_range", errno);
  for (const int fd : descriptors) {
    if (fcntl(fd, F_SETFD, 0) != 0) throw sys_error(env, "fcntl", errno);
  }
}

[[nodiscard]] std::vector<int> descriptors_of(const Napi::Value& value) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), "the descriptors must be an array of numbers");
  const auto array = value.As<Napi::Array>();
  std::vector<int> descriptors{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
  for (std::uint32_t index = 0; index < array.Length(); ++index) {
    const Napi::Value item = array.Get(index);
    if (!item.IsNumber()) throw Napi::TypeError::New(value.Env(), "the descriptors must be an array of numbers");
    descriptors.push_back(item.As<Napi::Number>().Int32Value());
  }
  return descriptors;
}

[[nodiscard]] std::vector<std::string> strings_of(const Napi::Value& value) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), "the arguments must be an array of strings");
  const auto array = value.As<Napi::Array>();
  std::vector<std::string> strings;
  for (std::uint32_t index = 0; index < array.Length(); ++index) {
    const Napi::Value item = array.Get(index);
    if (!item.IsString()) throw Napi::TypeError::New(value.Env(), "the arguments must be an array of strings");
    strings.push_back(item.As<Napi::String>().Utf8Value());
  }
  return strings;
}

/// execLauncher(path, argv, plan, keep): becomes `path` with an empty environment and the descriptors 0, 1, 2 and
/// `keep`; the plan's descriptor number is added to `argv`. Never returns.
Napi::Value exec_launcher(const Napi::CallbackInfo& info, const StandardStreams& streams) {
  const Napi::Env env = info.Env();
  const std::string path = info[0].ToString().Utf8Value();
  std::vector<std::string> arguments = strings_of(info[1]);
  const Descriptor plan = seal_plan(env, bytes_of(info[2]));
  std::vector<int> kept = descriptors_of(info[3]);
  kept.push_back(plan.get());
  arguments.push_back(std::to_string(plan.get()));

  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::array<char*, 1> environment{nullptr};

  keep_over_exec(env, kept);
  streams.restore();
  const DefaultSignals signals(env);
  execve(path.c_str(), argv.data(), environment.data());
  const int error = errno;
  throw sys_error(env, "execve", error);
}

/// makePlanDescriptor(plan): a sealed descriptor for spawn, held until the caller closes it.
Napi::Value make_plan_descriptor(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Napi::Number::New(env, Belongings::of(env).hold(seal_plan(env, bytes_of(info[0]))));
}

/// sealPlan(plan): the tag by which the launcher knows that a plan is kept by us, of the caller's own key.
Napi::Value seal_kept_plan(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::span<const std::uint8_t> plan = bytes_of(info[0]);
  std::array<std::uint8_t, kSipBytes> key{};
  const Status made = sys::make_plan_key(key);
  if (made.failed()) throw sys_error(env, made.error().call, made.error().error);
  Napi::Uint8Array tag = Napi::Uint8Array::New(env, kSipBytes);
  SipTag(key, plan).copy_to(std::span<std::uint8_t, kSipBytes>(tag.Data(), kSipBytes));
  explicit_bzero(key.data(), key.size());
  return tag;
}

/// makePipe(): both ends of a pipe, close-on-exec, held until the caller closes or releases them.
Napi::Value make_pipe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw sys_error(env, "pipe2", errno);
  Napi::Array result = Napi::Array::New(env, ends.size());
  for (std::uint32_t index = 0; index < ends.size(); ++index) {
    result.Set(index, Napi::Number::New(env, Belongings::of(env).hold(Descriptor(ends[index]))));
  }
  return result;
}

/// closeDescriptor(number): of what is held. In a worker, node:fs warns of what it has not opened.
Napi::Value close_descriptor(const Napi::CallbackInfo& info) {
  // Linux has closed it, whatever it says (close(2)).
  const Descriptor closed = Belongings::of(info.Env()).take(info[0].ToNumber().Int32Value());
  return info.Env().Undefined();
}

/// releaseDescriptor(number): of what is held, for somebody who closes it from now on.
Napi::Value release_descriptor(const Napi::CallbackInfo& info) {
  Descriptor released = Belongings::of(info.Env()).take(info[0].ToNumber().Int32Value());
  return Napi::Number::New(info.Env(), released.release());
}

/// landlockAbi(): landlock_create_ruleset(2) with its two queries; abi 0 when the kernel has no Landlock.
Napi::Value landlock_abi(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const long abi = syscall(kLandlockCreateRuleset, nullptr, 0, kLandlockQueryVersion);
  // ENOSYS: not built. EOPNOTSUPP: built, but not in the kernel's `lsm=` list.
  if (abi < 0 && errno != ENOSYS && errno != EOPNOTSUPP) throw sys_error(env, "landlock_create_ruleset", errno);
  // A kernel without the errata query answers EINVAL: it tells of no fix, so none counts as there.
  const long errata = abi < 0 ? 0 : syscall(kLandlockCreateRuleset, nullptr, 0, kLandlockQueryErrata);
  Napi::Object result = Napi::Object::New(env);
  result.Set("abi", Napi::Number::New(env, static_cast<double>(abi < 0 ? 0 : abi)));
  result.Set("errata", Napi::Number::New(env, static_cast<double>(errata < 0 ? 0 : errata)));
  return result;
}

/// The child of `user_namespace_error`: Ubuntu's AppArmor lets the namespace be made and then refuses its use.
int try_user_namespace(void* /*nothing*/) {
  const long result = syscall(SYS_mount, nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  syscall(SYS_exit_group, result == 0 ? 0 : errno);
  __builtin_unreachable();
}

/// userNamespaceError(): 0, or the errno that keeps this process from making and using a user namespace.
Napi::Value user_namespace_error(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  // No exit signal: libuv sees no SIGCHLD. The memory is shared and this thread waits, as in vfork(2): copies of the
  // page tables of a process like Node take two milliseconds.
  alignas(16) std::array<std::byte, 16384> stack;
  constexpr int flags = CLONE_VM | CLONE_VFORK | CLONE_NEWUSER | CLONE_NEWNS;
  const int pid = clone(try_user_namespace, stack.data() + stack.size(), flags, nullptr);
  if (pid < 0) return Napi::Number::New(env, errno);
  int status = 0;
  while (waitpid(static_cast<pid_t>(pid), &status, __WALL) < 0) {
    if (errno != EINTR) throw sys_error(env, "waitpid", errno);
  }
  return Napi::Number::New(env, WIFEXITED(status) ? WEXITSTATUS(status) : EPERM);
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  const StandardStreams streams;
  // The environment owns it.
  env.SetInstanceData(std::make_unique<Belongings>().release());
  exports.Set("execLauncher", Napi::Function::New(env, [streams](const Napi::CallbackInfo& info) {
                return exec_launcher(info, streams);
              }));
  exports.Set("makePlanDescriptor", Napi::Function::New(env, make_plan_descriptor));
  exports.Set("sealPlan", Napi::Function::New(env, seal_kept_plan));
  exports.Set("makePipe", Napi::Function::New(env, make_pipe));
  exports.Set("closeDescriptor", Napi::Function::New(env, close_descriptor));
  exports.Set("releaseDescriptor", Napi::Function::New(env, release_descriptor));
  exports.Set("startLauncher", Napi::Function::New(env, start_launcher));
  exports.Set("reapLauncher", Napi::Function::New(env, reap_launcher));
  exports.Set("describeSocket", Napi::Function::New(env, describe_socket));
  exports.Set("landlockAbi", Napi::Function::New(env, landlock_abi));
  exports.Set("userNamespaceError", Napi::Function::New(env, user_namespace_error));
  return exports;
}

}  // namespace

NODE_API_MODULE(palisade, init)

}  // namespace palisade
