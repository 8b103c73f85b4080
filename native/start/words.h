// The words of sandbox-exec's command line, as far as a kept plan needs them. What they mean the compiler knows.
#pragma once

#include <cstdint>
#include <span>

namespace palisade {

struct Words {
  const char* started_as = "";
  std::span<const char* const> ours;     // up to and with the program's name
  std::span<const char* const> program;  // its name and its arguments
  const char* plans = nullptr;           // where plans are kept, if the caller has said so
};

// The words of a start of a compiled plan, `[run] --plan FILE [-- PROGRAM [ARGUMENT...]]`: FILE; null: they are others.
const char* read_plan_words(char** argv, Words& words);

// False when they run no program, want no kept plan, or one of them is not UTF-8: the compiler says what is wrong.
[[nodiscard]] bool read_words(char** argv, Words& words);

inline constexpr std::size_t kKeptNameBytes = 17;
// The name of the file in which src/launch/keep.ts keeps the plan of these words.
void name_of_kept(const Words& words, const char* directory, char (&name)[kKeptNameBytes]);

[[nodiscard]] bool is_utf8(const char* text);

}  // namespace palisade
