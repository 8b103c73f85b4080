// The launcher starts with an empty environment, so what a sanitizer should do is compiled in.
extern "C" const char* __asan_default_options();   // NOLINT: the sanitizer's name for it
extern "C" const char* __asan_default_options() {  // NOLINT
  // Leaks: pid 1 and the relay end without returning from main, and ptrace, which the search needs, is refused there.
  return "detect_leaks=0:abort_on_error=0:exitcode=99";
}
