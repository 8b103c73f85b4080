#include "start/start.h"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "launcher/launch_plan.h"
#include "launcher/message.h"
#include "plan/kept.h"
#include "start/directory.h"
#include "start/expectations.h"
#include "sys/files.h"
#include "sys/host.h"
#include "sys/processes.h"

namespace palisade {
namespace {

// The kept plan of these words in `launch`; false: there is none, or it is not for now.
bool open_kept_plan(const Caller& caller, Launch& launch) {
  char name[kKeptNameBytes];
  name_of_kept(caller.words, caller.directory, name);
  const FileFd file = open_kept(caller.words.plans, name);
  if (!file.is_open()) return false;
  // Read once into private memory: nobody can change it after it was checked.
  const Result<std::span<std::byte>> memory = reserve(plan::kPlanBytesMax + plan::kKeptHeaderBytes + 1, MAP_PRIVATE);
  if (memory.failed()) return false;
  const std::span<std::uint8_t> buffer(reinterpret_cast<std::uint8_t*>(memory.value().data()), memory.value().size());
  const Result<std::size_t> size = sys::read_all(file.number(), buffer);
  if (size.failed()) return false;
  const plan::Bytes bytes = plan::kept_plan(buffer.first(size.value()));
  if (bytes.empty()) return false;
  const Result<Decoded> decoded = decode_plan(bytes, launch);
  return !decoded.failed() && decoded.value() == Decoded::yes && changed_since(launch.plan, caller) == nullptr;
}

// Names are looked up from a directory's descriptor as the host has them, past every mount of the view. What has no
// type (epoll, signalfd and kin) the compiler judges.
bool can_be_passed(int fd) {
  const Result<std::uint32_t> type = sys::file_type(fd);
  return !type.failed() && type.value() != S_IFDIR && type.value() != 0;
}

bool descriptors_are_there(const Launch& launch) {
  for (int fd = 0; fd <= 2; ++fd) {
    if (!can_be_passed(fd)) return false;
  }
  const auto* const step = launch.plan.find<plan::ProcessCloseDescriptors>();
  if (step == nullptr) return false;
  for (const std::uint32_t number : step->keep) {
    if (!can_be_passed(static_cast<int>(number))) return false;
  }
  const bool writes = launch.plan.find<plan::ReportWrite>() != nullptr;
  const bool opens = launch.plan.find<plan::StartOpenReport>() != nullptr;
  return !writes || opens || sys::is_open(launch.report);
}

bool open_report(Launch& launch, FileFd& report) {
  const auto* const step = launch.plan.find<plan::StartOpenReport>();
  if (step == nullptr) return true;
  Result<FileFd> opened = sys::open_output(step->file.data);
  if (opened.failed()) return false;
  report = std::move(opened.value());
  launch.report = report.number();
  return true;
}

// What the caller has open is not for the sandbox's processes, but for what the plan passes on.
Status close_others(const Launch& launch) {
  const auto& passed = launch.plan.find<plan::ProcessCloseDescriptors>()->keep;
  const Result<std::span<std::byte>> memory = reserve((passed.size() + 4) * sizeof(int), MAP_PRIVATE);
  if (memory.failed()) return memory.status();
  auto* const kept = reinterpret_cast<int*>(memory.value().data());
  std::size_t count = 0;
  for (int fd = 0; fd <= 2; ++fd) kept[count++] = fd;
  for (const std::uint32_t number : passed) kept[count++] = static_cast<int>(number);
  if (launch.report > 2) kept[count++] = launch.report;
  return sys::close_all_but({kept, count});
}

// The program's words where they outlive what is wiped.
Result<std::span<const char* const>> copy_words(std::span<const char* const> words) {
  std::size_t size = words.size() * sizeof(const char*);
  for (const char* const word : words) size += std::strlen(word) + 1;
  const Result<std::span<std::byte>> memory = reserve(size, MAP_PRIVATE);
  if (memory.failed()) return memory.status().error();
  auto** const copies = reinterpret_cast<const char**>(memory.value().data());
  auto* next = reinterpret_cast<char*>(copies + words.size());
  for (std::size_t index = 0; index < words.size(); ++index) {
    copies[index] = next;
    const std::size_t length = std::strlen(words[index]) + 1;
    std::memcpy(next, words[index], length);
    next += length;
  }
  return std::span<const char* const>(copies, words.size());
}

void wipe(char** texts) {
  for (; *texts != nullptr; ++texts) std::memset(*texts, 0, std::strlen(*texts));
}

// Secrets of the caller's environment, and the host's paths in the words, are not for pid 1 of the sandbox, which has a
// copy of all that this process has.
void forget_caller(char** argv, char** environment) {
  constexpr char kName[] = "sandbox-exec";
  const std::size_t room = std::strlen(argv[0]);
  wipe(argv);
  wipe(environment);
  std::memcpy(argv[0], kName, room < sizeof kName - 1 ? room : sizeof kName - 1);
}

int fail(SysError error) {
  return say(error.call, error.error, kFailed);
}

int run_kept(Launch& launch, const Caller& caller, char** argv) {
  const Status closed = close_others(launch);
  if (closed.failed()) return fail(closed.error());
  // As the compiler leaves them: the caller may ignore what we wait for.
  const Status reset = sys::reset_signals();
  if (reset.failed()) return fail(reset.error());
  // As Node does at its start: a plan may need many descriptors at once.
  const Status raised = sys::raise_descriptor_limit();
  if (raised.failed()) return fail(raised.error());
  const Result<std::span<const char* const>> command = copy_words(caller.words.program);
  if (command.failed()) return fail(command.error());
  const Status room = make_room(launch, command.value());
  if (room.failed()) return fail(room.error());
  forget_caller(argv, caller.environment);
  return supervise(launch);
}

constexpr char kCompiler[] = "/dist/cli/main.js";
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

// As env(1) of the compiler's first line looks for it: execvp(3).
bool has_node(const char* path) {
  constexpr char kNode[] = "/node";
  char name[4096];
  for (const char* entry = path == nullptr ? "/bin:/usr/bin" : path;; ++entry) {
    const std::size_t size = std::strcspn(entry, ":");
    if (size + sizeof kNode <= sizeof name) {
      std::memcpy(name, entry, size);
      std::memcpy(name + size, kNode, sizeof kNode);
      // An empty entry is the working directory.
      if (sys::may_execute(size == 0 ? name + 1 : name)) return true;
    }
    entry += size;
    if (*entry == '\0') return false;
  }
}

// main.js --started-as=NAME WORDS...
int compile(RootPath& path, char** argv, char** environment) {
  std::strcat(path, kCompiler);
  // env(1) would end with a status that says that there is no such program as the sandboxed one.
  if (sys::exists(path) && !has_node(variable(environment, "PATH")))
    return say("cannot start Node: PATH has no node; install Node 20 or later, or add its directory", kFailed);
  std::size_t count = 1;
  while (argv[0] != nullptr && argv[count] != nullptr) ++count;
  constexpr char kOption[] = "--started-as=";
  const auto* const name = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  const char* const started_as = name == nullptr ? "" : name;
  const std::size_t option_bytes = sizeof kOption + std::strlen(started_as);
  const Result<std::span<std::byte>> memory = reserve((count + 2) * sizeof(const char*) + option_bytes, MAP_PRIVATE);
  if (memory.failed()) return fail(memory.status().error());
  auto** const words = reinterpret_cast<const char**>(memory.value().data());
  auto* const option = reinterpret_cast<char*>(words + count + 2);
  std::memcpy(option, kOption, sizeof kOption);
  std::strcat(option, started_as);
  words[0] = path;
  words[1] = option;
  for (std::size_t index = 1; index < count; ++index) words[index + 1] = argv[index];
  const Status executed = sys::execute(path, words, environment);
  char what[4200];
  std::snprintf(what, sizeof what, "cannot start %s: execve", path);
  return say(what, executed.error().error, kFailed);
}

}  // namespace

int start(char** argv, char** environment) {
  RootPath root;
  if (!find_root(root)) return say("cannot find the compiler: /proc/self/exe says nothing; mount /proc", kFailed);
  Launch launch;
  FileFd report;
  Caller caller{{}, "", root, environment};
  char directory[4096] = {};
  const bool is_known = read_words(argv, caller.words) && !sys::working_directory(directory).failed();
  caller.directory = directory;
  if (is_known && open_kept_plan(caller, launch) && descriptors_are_there(launch) && open_report(launch, report))
    return run_kept(launch, caller, argv);
  return compile(root, argv, environment);
}

}  // namespace palisade
