// What _FORTIFY_SOURCE makes of a copy into a buffer whose size the compiler knows (glibc's headers, debug/).
#include <cstddef>

// NOLINTBEGIN(bugprone-reserved-identifier): the headers' names
extern "C" {

void* memcpy(void* to, const void* from, std::size_t size);
void* memmove(void* to, const void* from, std::size_t size);
void* memset(void* place, int value, std::size_t size);
void explicit_bzero(void* place, std::size_t size);
std::size_t strlen(const char* text);
char* strncpy(char* to, const char* from, std::size_t size);
char* stpcpy(char* to, const char* from);
[[noreturn, gnu::visibility("hidden")]] void __chk_fail();

void* __memcpy_chk(void* to, const void* from, std::size_t size, std::size_t room) {
  if (size > room) __chk_fail();
  return memcpy(to, from, size);
}

void* __memmove_chk(void* to, const void* from, std::size_t size, std::size_t room) {
  if (size > room) __chk_fail();
  return memmove(to, from, size);
}

void* __memset_chk(void* place, int value, std::size_t size, std::size_t room) {
  if (size > room) __chk_fail();
  return memset(place, value, size);
}

void __explicit_bzero_chk(void* place, std::size_t size, std::size_t room) {
  if (size > room) __chk_fail();
  explicit_bzero(place, size);
}

char* __strncpy_chk(char* to, const char* from, std::size_t size, std::size_t room) {
  if (size > room) __chk_fail();
  return strncpy(to, from, size);
}

char* __stpcpy_chk(char* to, const char* from, std::size_t room) {
  if (strlen(from) >= room) __chk_fail();
  return stpcpy(to, from);
}

char* __strcpy_chk(char* to, const char* from, std::size_t room) {
  __stpcpy_chk(to, from, room);
  return to;
}

char* __strcat_chk(char* to, const char* from, std::size_t room) {
  const std::size_t used = strlen(to);
  if (used > room) __chk_fail();
  __stpcpy_chk(to + used, from, room - used);
  return to;
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
