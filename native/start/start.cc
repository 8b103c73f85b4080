#include "start/start.h"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/decimal.h"
#include "core/join.h"
#include "launcher/launch_plan.h"
#include "launcher/message.h"
#include "plan/kept.h"
#include "start/directory.h"
#include "start/expectations.h"
#include "start/run.h"
#include "sys/files.h"
#include "sys/host.h"
#include "sys/keys.h"
#include "sys/processes.h"

namespace palisade {
namespace {

// All of it, once, in private memory: nobody can change it after it was checked.
Result<plan::Bytes> read_file(const FileFd& file) {
  const Result<std::span<std::byte>> memory = reserve(plan::kPlanBytesMax + plan::kSealedHeaderBytes + 1, MAP_PRIVATE);
  if (memory.failed()) return memory.status().error();
  const std::span<std::uint8_t> buffer(reinterpret_cast<std::uint8_t*>(memory.value().data()), memory.value().size());
  const Result<std::size_t> size = sys::read_all(file.number(), buffer);
  if (size.failed()) return size.error();
  return plan::Bytes(buffer.first(size.value()));
}

Result<Decoded> read_plan(const FileFd& file, Launch& launch) {
  const Result<plan::Bytes> bytes = read_file(file);
  if (bytes.failed()) return bytes.error();
  const plan::Bytes kept = plan::kept_plan(bytes.value());
  return kept.empty() ? Decoded::no_plan : decode_plan(kept, launch);
}

// Of a place where others may have written too.
Result<Decoded> read_sealed_plan(const FileFd& file, Launch& launch) {
  const Result<plan::Bytes> bytes = read_file(file);
  if (bytes.failed()) return bytes.error();
  std::uint8_t key[kSipBytes];
  const Status got = sys::read_plan_key(key);
  const plan::Bytes kept = got.failed() ? plan::Bytes() : plan::sealed_plan(bytes.value(), key);
  // init will have a copy of this memory.
  ::explicit_bzero(key, sizeof key);
  return kept.empty() ? Decoded::no_plan : decode_plan(kept, launch);
}

// The kept plan of these words in `launch`; false: there is none, or it is not for now.
bool open_kept_plan(const Caller& caller, Launch& launch) {
  char name[kKeptNameBytes];
  name_of_kept(caller.words, caller.directory, name);
  const char* const named = caller.words.plans;
  const FileFd file = named == nullptr ? open_kept_by_default(caller.environment, name) : open_kept(named, name);
  if (!file.is_open()) return false;
  const Result<Decoded> decoded = named == nullptr ? read_sealed_plan(file, launch) : read_plan(file, launch);
  return !decoded.failed() && decoded.value() == Decoded::yes;
}

int refuse(const char* name, const char* why) {
  char what[4200];
  join(what, {"--plan ", name});
  return say(what, why, kFailed);
}

// What others can write they can make a plan of that lets everything through.
bool is_trusted(const FileFd& file) {
  const Result<sys::Node> node = sys::look_at(file.number());
  if (node.failed() || !S_ISREG(node.value().mode) || (node.value().mode & 022U) != 0) return false;
  return node.value().uid == 0 || node.value().uid == sys::ids().uid;
}

// The plan of that file in `launch`: 0, or the exit status after a word of why not.
int open_compiled(const char* name, const Caller& caller, Launch& launch) {
  Result<FileFd> file = sys::open_still(caller.plan);
  if (file.failed()) return refuse(name, ErrnoName(file.error().error).text);
  if (!is_trusted(file.value()))
    return refuse(name, "it must be a file of the caller's or root's that no one else can write: chmod go-w");
  const Result<Decoded> decoded = read_plan(file.value(), launch);
  if (decoded.failed()) return refuse(name, ErrnoName(decoded.error().error).text);
  if (decoded.value() == Decoded::other_arch) return refuse(name, "it was compiled for another architecture");
  if (decoded.value() != Decoded::yes)
    return refuse(name, "it is no whole plan of this version: write it with `sandbox-exec compile`");
  char why[4200];
  const auto* const place = launch.plan.find<plan::StartExpectPlace>();
  if (place != nullptr && place->file.size > 0 && std::strcmp(place->file.data, caller.plan) != 0) {
    join(why, {"run it as ", place->file.data, ": the file of that name is protected from its program"});
    return refuse(name, why);
  }
  return 0;
}

// `name`, as it is from the working directory.
bool make_absolute(const char* name, const char* directory, std::span<char> absolute) {
  return name[0] == '/' ? join(absolute, {name}) : join(absolute, {directory, "/", name});
}

int run_compiled(const char* name, Caller& caller, char** argv, Begun begun) {
  char file[8192];
  if (name[0] != '/' && caller.directory[0] == '\0') return refuse(name, "the working directory has been removed");
  if (!make_absolute(name, caller.directory, file)) return refuse(name, "its name is too long");
  caller.plan = file;
  Launch launch;
  launch.begun = begun;
  const int status = open_compiled(name, caller, launch);
  if (status != 0) return status;
  const auto& execute = *launch.plan.find<plan::ProcessExecute>();
  const std::span<const char* const> program = caller.words.program;
  if (!program.empty() && std::strcmp(program[0], execute.arguments[0].data) != 0) {
    char why[4200];
    join(why, {"it was compiled for the program ", execute.arguments[0].data});
    return refuse(name, why);
  }
  const Ran ran = run_kept(launch, caller, argv, changed_since_compiled);
  if (ran.changed != nullptr) {
    char why[4200];
    join(why, {ran.changed, " is not as it was when this was compiled: compile it again"});
    return refuse(name, why);
  }
  if (ran.lacks_files) {
    return refuse(
        name, "0, 1, 2 and the descriptors that it passes on must be open and no directories, and its Report writable");
  }
  return ran.status;
}

constexpr char kCompiler[] = "/dist/cli/main.cjs";
using RootPath = char[4096];

// Of ROOT/build/Release/palisade-launcher, with room for the compiler's name behind it.
bool find_root(RootPath& root) {
  const std::size_t room = sizeof root - sizeof kCompiler;
  const Result<std::size_t> size = sys::read_link("/proc/self/exe", std::span(root).first(room));
  if (size.failed() || size.value() == room) return false;
  root[size.value()] = '\0';
  for (int parts = 0; parts < 3; ++parts) {
    char* const slash = std::strrchr(root, '/');
    if (slash == nullptr) return false;
    *slash = '\0';
  }
  return true;
}

// Becomes the Node that env(1) of the compiler's first line would find (execvp(3)). Returns whether there is one: if
// so, it could not be started.
bool become_node(const char* path, const char* const* words, char** environment) {
  constexpr char kNode[] = "/node";
  char name[4096];
  bool is_there = false;
  for (const char* entry = path == nullptr ? "/bin:/usr/bin" : path;; ++entry) {
    const std::size_t size = std::strcspn(entry, ":");
    if (size + sizeof kNode <= sizeof name) {
      std::memcpy(name, entry, size);
      std::memcpy(name + size, kNode, sizeof kNode);
      // An empty entry is the working directory.
      const char* const node = size == 0 ? name + 1 : name;
      if (sys::may_execute(node)) {
        is_there = true;
        static_cast<void>(sys::execute(node, words, environment));
      }
    }
    entry += size;
    if (*entry == '\0') return is_there;
  }
}

// node main.cjs --started-as=CALLER:NAME WORDS...
int compile(RootPath& path, char** argv, char** environment, sys::Pid caller) {
  std::strcat(path, kCompiler);
  std::size_t count = 1;
  while (argv[0] != nullptr && argv[count] != nullptr) ++count;
  constexpr char kOption[] = "--started-as=";
  const auto* const name = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  const char* const started_as = name == nullptr ? "" : name;
  const Decimal parent(static_cast<std::uint64_t>(caller));
  const std::size_t option_bytes = sizeof kOption + std::strlen(parent.text()) + 1 + std::strlen(started_as);
  const Result<std::span<std::byte>> memory = reserve((count + 3) * sizeof(const char*) + option_bytes, MAP_PRIVATE);
  if (memory.failed()) return say("mmap", memory.status().error().error, kFailed);
  auto** const words = reinterpret_cast<const char**>(memory.value().data());
  auto* const option = reinterpret_cast<char*>(words + count + 3);
  join({option, option_bytes}, {kOption, parent.text(), ":", started_as});
  words[0] = "node";
  words[1] = path;
  words[2] = option;
  for (std::size_t index = 1; index < count; ++index) words[index + 2] = argv[index];
  // Node and env(1) would end with a status that says something of the sandboxed program.
  if (sys::exists(path) && !become_node(variable(environment, "PATH"), words, environment))
    return say("cannot start Node: PATH has no node; install Node 20 or later, or add its directory", kFailed);
  const Status executed = sys::execute(path, words + 1, environment);
  char what[4200];
  join(what, {"cannot start ", path, ": execve"});
  return say(what, executed.error().error, kFailed);
}

}  // namespace

int start(char** argv, char** environment, Begun begun) {
  RootPath root;
  if (!find_root(root)) return say("cannot find the compiler: /proc/self/exe says nothing; mount /proc", kFailed);
  Caller caller{{}, "", root, "", environment};
  char directory[4096] = {};
  const bool is_somewhere = !sys::working_directory(directory).failed();
  caller.directory = directory;
  if (const char* const name = read_plan_words(argv, caller.words)) return run_compiled(name, caller, argv, begun);
  Launch launch;
  launch.begun = begun;
  if (is_somewhere && read_words(argv, caller.words) && open_kept_plan(caller, launch)) {
    const Ran ran = run_kept(launch, caller, argv, changed_since);
    if (ran.changed == nullptr && !ran.lacks_files) return ran.status;
  }
  return compile(root, argv, environment, begun.caller);
}

}  // namespace palisade
