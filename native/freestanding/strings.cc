// The functions of C on strings that the launcher uses, byte by byte: what it works on are names and lines.
#include <cstddef>

#include "freestanding/loop.h"

namespace palisade::freestanding {

extern "C" {

std::size_t strlen(const char* text) {
  const char* end = text;
  for (; *end != '\0'; ++end) step();
  return static_cast<std::size_t>(end - text);
}

std::size_t strnlen(const char* text, std::size_t most) {
  std::size_t size = 0;
  while (size < most && text[size] != '\0') ++size;
  return size;
}

int strncmp(const char* one, const char* other, std::size_t most) {
  for (; most > 0 && *one == *other && *one != '\0'; --most, ++one, ++other) continue;
  return most == 0 ? 0 : static_cast<unsigned char>(*one) - static_cast<unsigned char>(*other);
}

int strcmp(const char* one, const char* other) {
  return strncmp(one, other, static_cast<std::size_t>(-1));
}

char* strchr(const char* text, int letter) {
  const auto wanted = static_cast<char>(letter);
  while (*text != wanted && *text != '\0') ++text;
  return *text == wanted ? const_cast<char*>(text) : nullptr;
}

char* strrchr(const char* text, int letter) {
  const auto wanted = static_cast<char>(letter);
  const char* last = nullptr;
  do {
    if (*text == wanted) last = text;
  } while (*text++ != '\0');
  return const_cast<char*>(last);
}

std::size_t strcspn(const char* text, const char* enders) {
  // Most callers have one: it is not looked for among others at each letter.
  const char first = enders[0];
  const bool is_one = first != '\0' && enders[1] == '\0';
  std::size_t size = 0;
  while (text[size] != '\0' && text[size] != first && (is_one || strchr(enders, text[size]) == nullptr)) ++size;
  return size;
}

char* stpcpy(char* to, const char* from) {
  while ((*to = *from++) != '\0') ++to;
  return to;
}

char* strcpy(char* to, const char* from) {
  stpcpy(to, from);
  return to;
}

char* strcat(char* to, const char* from) {
  stpcpy(to + strlen(to), from);
  return to;
}

// Zeros behind the copy, and none where there is no room for one.
char* strncpy(char* to, const char* from, std::size_t size) {
  std::size_t done = 0;
  for (; done < size && from[done] != '\0'; ++done) to[done] = from[done];
  for (; done < size; ++done) to[done] = '\0';
  return to;
}

char* strtok_r(char* text, const char* enders, char** rest) {
  if (text == nullptr) text = *rest;
  while (*text != '\0' && strchr(enders, *text) != nullptr) ++text;
  char* const end = text + strcspn(text, enders);
  *rest = *end == '\0' ? end : end + 1;
  if (end == text) return nullptr;
  *end = '\0';
  return text;
}

}  // extern "C"
}  // namespace palisade::freestanding
