// Properties of check_notice on messages that libFuzzer makes: what is left is what a second reader leaves, by
// patterns.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <regex>
#include <string>
#include <vector>

#include "fuzz/require.h"
#include "launcher/notice.h"

namespace {

using palisade::fuzz::require;

const std::regex kOnes("(READY|RELOADING|STOPPING|FDSTORE|FDSTOREREMOVE|BARRIER)=1");
const std::regex kNumbers("(MONOTONIC_USEC|ERRNO|EXIT_STATUS|WATCHDOG_USEC|EXTEND_TIMEOUT_USEC)=[0-9]{1,20}");
const std::regex kOthers(
    "(STATUS|BUSERROR|VARLINKERROR)=[^\\x00-\\x1f\\x7f]*|FDNAME=[ -9;-~]{1,255}|FDPOLL=[01]|WATCHDOG=(1|trigger)");
const std::regex kMainPid("MAINPID=([0-9]{1,7})");

struct Expected {
  std::string text;
  std::uint32_t refused = 0;
  std::uint64_t main_pid = 0;
};

Expected expected(const std::string& message) {
  Expected result;
  for (std::size_t begin = 0; begin < message.size();) {
    const std::size_t end = std::min(message.find('\n', begin), message.size());
    const std::string line = message.substr(begin, end - begin);
    begin = end + 1;
    std::smatch match;
    if (line.empty()) continue;
    if (std::regex_match(line, match, kMainPid) && std::stoull(match[1]) > 1) {
      result.main_pid = std::stoull(match[1]);
    } else if ((std::regex_match(line, kOnes) || std::regex_match(line, kNumbers) || std::regex_match(line, kOthers)) &&
               result.text.size() + line.size() + 1 <= palisade::kNoticeBytesMax) {
      result.text += line + '\n';
    } else {
      ++result.refused;
    }
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // std::regex calls itself for each character.
  if (size > palisade::kNoticeBytesMax) return 0;
  const std::string message(reinterpret_cast<const char*>(data), size);
  // Exactly as large as its content, so that a step beyond either end is seen.
  const std::vector<char> bytes(message.begin(), message.end());
  static palisade::Notice notice;
  check_notice(bytes, notice);
  const Expected wanted = expected(message);
  require(std::string(notice.text, notice.size) == wanted.text, "the lines that a service may say, and no others");
  require(notice.refused == wanted.refused, "every other line is counted");
  require(notice.main_pid == wanted.main_pid, "the last MAINPID=");
  const bool takes = std::regex_search("\n" + wanted.text, std::regex("\n(FDSTORE|BARRIER)=1\n"));
  require(notice.takes_descriptors == takes, "descriptors go with what stores them or waits for them");
  const std::size_t before = notice.size;
  const bool added = add_main_pid(notice, 4194304);
  require(added == (before + 16 <= palisade::kNoticeBytesMax), "a process is added where there is room");
  require(std::string(notice.text, notice.size) == wanted.text + (added ? "MAINPID=4194304\n" : ""),
          "behind the others");
  return 0;
}
