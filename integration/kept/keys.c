// keys tell: as a caller outside of a sandbox gets at the key of kept plans; prints the numbers of that key,
// of the persistent keyring, and of the user keyring, into which it puts a key `palisade:trial`.
// keys forget plans|trial: takes one of the two away from there, as a caller may.
// keys try KEY PERSISTENT USER: all that a program knows to do to get at them, a line each: what, and ok or an errno.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define keyctl(...) syscall(SYS_keyctl, __VA_ARGS__)

static const char plans[] = "palisade:plans";
static const char trial[] = "palisade:trial";

static long tell(const char* what, long result) {
  printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "ok");
  return result;
}

static long search(long ring, const char* description, long into) {
  return keyctl(KEYCTL_SEARCH, ring, "user", description, into);
}

static long read_key(long key) {
  char bytes[16];
  return keyctl(KEYCTL_READ, key, bytes, sizeof bytes);
}

static long add(const char* description, long ring) {
  return syscall(SYS_add_key, "user", description, "0123456789abcdef", 16L, ring);
}

static int forget(const char* which) {
  const long persistent = keyctl(KEYCTL_GET_PERSISTENT, -1L, KEY_SPEC_PROCESS_KEYRING);
  const int is_trial = strcmp(which, "trial") == 0;
  const long ring = is_trial ? KEY_SPEC_USER_KEYRING : persistent;
  return keyctl(KEYCTL_UNLINK, search(ring, is_trial ? trial : plans, 0), ring) == 0 ? 0 : 1;
}

static int tell_numbers(void) {
  const long persistent = keyctl(KEYCTL_GET_PERSISTENT, -1L, KEY_SPEC_PROCESS_KEYRING);
  const long key = search(persistent, plans, 0);
  const long user = keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1L);
  // As that of kept plans: for the possessor alone, and never changed.
  if (search(user, trial, 0) < 0 && keyctl(KEYCTL_SETPERM, add(trial, user), 0x0b000000L) != 0) return 1;
  if (read_key(key) != 16) return 1;
  printf("%ld %ld %ld\n", key, persistent, user);
  return 0;
}

// What has no number of its own: by the names that the kernel has for keyrings of the caller's.
static void try_names(void) {
  static const struct {
    const char* name;
    long ring;
  } own[] = {
      {"thread", KEY_SPEC_THREAD_KEYRING},
      {"process", KEY_SPEC_PROCESS_KEYRING},
      {"session", KEY_SPEC_SESSION_KEYRING},
      {"user", KEY_SPEC_USER_KEYRING},
      {"user session", KEY_SPEC_USER_SESSION_KEYRING},
      {"group", KEY_SPEC_GROUP_KEYRING},
  };
  char what[80];
  for (size_t index = 0; index < sizeof own / sizeof *own; index++) {
    snprintf(what, sizeof what, "search own %s", own[index].name);
    tell(what, search(own[index].ring, plans, 0));
  }
  tell("search own persistent", search(keyctl(KEYCTL_GET_PERSISTENT, -1L, KEY_SPEC_PROCESS_KEYRING), plans, 0));
  tell("request", syscall(SYS_request_key, "user", plans, NULL, KEY_SPEC_PROCESS_KEYRING));
  tell("request with a callout", syscall(SYS_request_key, "user", plans, "x", KEY_SPEC_PROCESS_KEYRING));
  static const char* const sessions[] = {"_persistent.%u", "_uid.%u", "_uid_ses.%u", "_ses", "_pid"};
  for (size_t index = 0; index < sizeof sessions / sizeof *sessions; index++) {
    char name[40];
    snprintf(name, sizeof name, sessions[index], getuid());
    snprintf(what, sizeof what, "search session named %s", sessions[index]);
    keyctl(KEYCTL_JOIN_SESSION_KEYRING, name);
    tell(what, search(KEY_SPEC_SESSION_KEYRING, plans, 0));
  }
}

static void try_key(long key) {
  char text[200];
  tell("read", read_key(key));
  tell("describe", keyctl(KEYCTL_DESCRIBE, key, text, sizeof text));
  tell("link", keyctl(KEYCTL_LINK, key, KEY_SPEC_PROCESS_KEYRING));
  tell("setperm", keyctl(KEYCTL_SETPERM, key, 0x3f3f3f3fL));
  tell("chown", keyctl(KEYCTL_CHOWN, key, (long)getuid(), -1L));
  tell("update", keyctl(KEYCTL_UPDATE, key, "0123456789abcdef", 16L));
  tell("set timeout", keyctl(KEYCTL_SET_TIMEOUT, key, 1L));
  tell("revoke", keyctl(KEYCTL_REVOKE, key));
  tell("invalidate", keyctl(KEYCTL_INVALIDATE, key));
  tell("security", keyctl(KEYCTL_GET_SECURITY, key, text, sizeof text));
}

static void try_ring(long ring, long key) {
  tell("ring: search", search(ring, plans, 0));
  tell("ring: search and link", search(ring, plans, KEY_SPEC_PROCESS_KEYRING));
  tell("ring: link", keyctl(KEYCTL_LINK, ring, KEY_SPEC_PROCESS_KEYRING));
  tell("ring: link to session", keyctl(KEYCTL_LINK, ring, KEY_SPEC_SESSION_KEYRING));
  tell("ring: add", add(plans, ring));
  tell("ring: link into", keyctl(KEYCTL_LINK, KEY_SPEC_PROCESS_KEYRING, ring));
  tell("ring: unlink", keyctl(KEYCTL_UNLINK, key, ring));
  tell("ring: move", keyctl(30 /* KEYCTL_MOVE */, key, ring, KEY_SPEC_PROCESS_KEYRING, 0L));
  tell("ring: clear", keyctl(KEYCTL_CLEAR, ring));
  tell("ring: setperm", keyctl(KEYCTL_SETPERM, ring, 0x3f3f3f3fL));
  tell("ring: chown", keyctl(KEYCTL_CHOWN, ring, (long)getuid(), -1L));
  tell("ring: revoke", keyctl(KEYCTL_REVOKE, ring));
  tell("ring: invalidate", keyctl(KEYCTL_INVALIDATE, ring));
}

// Why the key is not in the user keyring: by its number whoever has the user's id may link that, and then possesses
// what is in it.
static void try_user_keyring(long user) {
  keyctl(KEYCTL_LINK, user, KEY_SPEC_PROCESS_KEYRING);
  const long found = search(user, trial, 0);
  tell("user keyring by number: a key in it", found < 0 ? found : read_key(found));
}

int main(int count, char** words) {
  setvbuf(stdout, NULL, _IONBF, 0);
  if (count == 2 && strcmp(words[1], "tell") == 0) return tell_numbers();
  if (count == 3 && strcmp(words[1], "forget") == 0) return forget(words[2]);
  if (count != 5 || strcmp(words[1], "try") != 0) return 2;
  const long key = atol(words[2]), persistent = atol(words[3]), user = atol(words[4]);
  try_names();
  try_key(key);
  try_ring(persistent, key);
  try_user_keyring(user);
  tell("read at last", read_key(key));
  return 0;
}
