#include "launcher/report.h"

#include <sys/wait.h>

#include <csignal>
#include <cstring>

#include "launcher/json.h"
#include "launcher/message.h"
#include "launcher/report_network.h"

namespace palisade {
namespace {

void write_failure(Json& json, const Launch& launch, const Failure& failure) {
  json.raw(",\"failure\":{");
  if (failure.step < launch.plan.steps.size()) {
    const plan::Step& step = launch.plan.steps[failure.step];
    json.raw("\"key\":").text(key_of(step, failure)).raw(",\"step\":").text(step.op()).raw(",");
  }
  json.raw("\"syscall\":")
      .text(failure.error.call)
      .raw(",\"errno\":")
      .text(ErrnoName(failure.error.error).text)
      .raw("}");
}

void write_command(Json& json, const Launch& launch) {
  json.raw(",\"command\":[");
  for (const char* const* word = launch.arguments; *word != nullptr; ++word) {
    if (word != launch.arguments) json.raw(",");
    json.text(*word);
  }
  json.raw("]");
}

// Number and arch, and the plan's words for that call. A SIGSYS without such words is one that the program sent.
void write_kill(Json& json, const Launch& launch, const Kill& kill) {
  const auto* const watch = launch.plan.find<plan::ReportWatchKills>();
  for (std::size_t index = 0; watch != nullptr && index < watch->calls.size(); ++index) {
    const plan::ReportWatchKillsCalls& call = watch->calls[index];
    if (call.audit_arch != kill.audit_arch || call.number != kill.number) continue;
    json.raw(",\"killedFor\":{\"auditArch\":").number(kill.audit_arch).raw(",\"number\":").number(kill.number);
    json.raw(",").raw(call.words.data).raw("}");
  }
}

// The limits that ended the program, in the policy's words. The others make calls fail, which the program may survive.
void write_limits(Json& json, const Outcome& outcome) {
  const int signal = outcome.exited && WIFSIGNALED(outcome.wait_status) ? WTERMSIG(outcome.wait_status) : 0;
  const char* limit = "";
  if (outcome.usage.out_of_memory()) {
    limit = "\"limits.memory\"";
  } else if (outcome.timed_out) {
    limit = "\"limits.wall\"";
  } else if (signal == SIGXCPU) {
    limit = "\"limits.cpu\"";
  } else if (signal == SIGXFSZ) {
    limit = "\"limits.file-size\"";
  }
  json.raw(",\"limitsHit\":[").raw(limit).raw("]");
}

// What the sandbox's cgroup counted.
void write_usage(Json& json, const Usage& usage) {
  if (!usage.known) return;
  json.raw(",\"usage\":{\"cpuMs\":").number(usage.cpu_us / 1000);
  json.raw(",\"throttledMs\":").number(usage.throttled_us / 1000);
  json.raw(",\"memoryPeakBytes\":").number(usage.memory_peak);
  json.raw(",\"pidsRefused\":").number(usage.pids_refused).raw("}");
}

// What the program told its service manager.
void write_notices(Json& json, const Launch& launch, const NoticeCounts& counts) {
  if (launch.plan.find<plan::ServicePassNotices>() == nullptr) return;
  json.raw(",\"service\":{\"notices\":").number(counts.passed);
  json.raw(",\"refusedLines\":").number(counts.refused);
  json.raw(",\"lostNotices\":").number(counts.lost).raw("}");
}

}  // namespace

bool write_report(const Launch& launch, const Outcome& outcome) {
  const auto* const step = launch.plan.find<plan::ReportWrite>();
  if (step == nullptr) return true;
  Json json(launch.report);
  json.raw("{").bytes(step->head.data, step->head.size);
  write_command(json, launch);
  json.raw(",\"status\":").number(static_cast<std::uint64_t>(outcome.status));
  if (outcome.exited && WIFSIGNALED(outcome.wait_status)) {
    json.raw(",\"signal\":").number(static_cast<std::uint64_t>(WTERMSIG(outcome.wait_status)));
  } else if (outcome.exited) {
    json.raw(",\"exit\":").number(static_cast<std::uint64_t>(WEXITSTATUS(outcome.wait_status)));
  }
  if (const Failure* const failure = launch.shared->failed()) write_failure(json, launch, *failure);
  if (launch.shared->killed) write_kill(json, launch, launch.shared->kill);
  write_network(json, launch, outcome.ended_at);
  write_notices(json, launch, outcome.notices);
  write_limits(json, outcome);
  write_usage(json, outcome.usage);
  json.raw(",\"processes\":{\"cpuMs\":").number(outcome.processes.cpu_us / 1000);
  json.raw(",\"residentPeakBytes\":").number(outcome.processes.resident_peak).raw("}");
  write_timings(json, launch);
  json.raw(",\"timedOut\":").raw(outcome.timed_out ? "true" : "false");
  const std::uint64_t duration = outcome.started_at == 0 ? 0 : outcome.ended_at - outcome.started_at;
  json.raw(",\"durationMs\":").number(duration).raw("}\n");
  const Status written = json.finish();
  if (!written.failed()) return true;
  say("report: write", written.error().error, kFailed);
  return false;
}

}  // namespace palisade
