// Ends of a process that found itself broken. A fault, and not abort(3): pid 1 of a namespace gets no signal that it
// sends itself, and a filter may refuse kill(2), but nothing survives the trap.

// NOLINTBEGIN(bugprone-reserved-identifier): the compiler's names, and those of libc's headers
extern "C" {

[[noreturn]] void abort() {
  __builtin_trap();
}

// A canary is another than it was.
[[noreturn]] void __stack_chk_fail() {
  __builtin_trap();
}

// By this name code of i386 calls it that may lie anywhere.
[[noreturn, gnu::visibility("hidden")]] void __stack_chk_fail_local() {
  __builtin_trap();
}

// _FORTIFY_SOURCE: more than a buffer holds.
[[noreturn, gnu::visibility("hidden")]] void __chk_fail() {
  __builtin_trap();
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
