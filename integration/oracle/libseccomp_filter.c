/*
 * Makes a filter with libseccomp and writes its instructions to standard output, as an oracle for our compiler.
 * Standard input, one a line:
 *   arch (x86_64 | x86)                              what the filter is for; once or twice, before the rules
 *   rule NAME|NUMBER [ARGUMENT OPERATOR VALUE [MASK]]...    allows the call; operators: eq ne lt le gt ge masked
 *   errno ERRNO NAME|NUMBER [ARGUMENT OPERATOR VALUE [MASK]]...    answers the call with an error
 *   default ERRNO                                    what all other calls fail with, EPERM without it; comes first
 *   optimize LEVEL                                   SCMP_FLTATR_CTL_OPTIMIZE
 * Calls of another arch kill the process.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char* what, int error) {
  fprintf(stderr, "libseccomp_filter: %s: %s\n", what, strerror(error < 0 ? -error : error));
  exit(1);
}

static enum scmp_compare operator_of(const char* word) {
  static const struct {
    const char* word;
    enum scmp_compare operator;
  } operators[] = {
      {"eq", SCMP_CMP_EQ}, {"ne", SCMP_CMP_NE}, {"lt", SCMP_CMP_LT},           {"le", SCMP_CMP_LE},
      {"gt", SCMP_CMP_GT}, {"ge", SCMP_CMP_GE}, {"masked", SCMP_CMP_MASKED_EQ},
  };
  for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
    if (strcmp(word, operators[i].word) == 0) return operators[i].operator;
  }
  die(word, EINVAL);
  return SCMP_CMP_EQ;
}

static const char* next_word(char** save, const char* what) {
  const char* word = strtok_r(NULL, " \n", save);
  if (word == NULL) die(what, EINVAL);
  return word;
}

static void add_rule(scmp_filter_ctx context, uint32_t action, char** save) {
  const char* name = next_word(save, "name");
  char* end = NULL;
  int number = (int)strtol(name, &end, 10);
  if (*end != '\0') number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) die(name, ENOENT);
  struct scmp_arg_cmp tests[6];
  unsigned int count = 0;
  for (const char* word = strtok_r(NULL, " \n", save); word != NULL && count < 6; word = strtok_r(NULL, " \n", save)) {
    struct scmp_arg_cmp* test = &tests[count++];
    test->arg = (unsigned int)strtoul(word, NULL, 10);
    test->op = operator_of(next_word(save, "operator"));
    test->datum_a = strtoull(next_word(save, "value"), NULL, 0);
    test->datum_b = 0;
    if (test->op == SCMP_CMP_MASKED_EQ) {
      test->datum_b = test->datum_a;
      test->datum_a = strtoull(next_word(save, "mask"), NULL, 0);
    }
  }
  int error = seccomp_rule_add_array(context, action, number, count, tests);
  if (error != 0) die(name, error);
}

static uint16_t next_errno(char** save) {
  return (uint16_t)strtoul(next_word(save, "errno"), NULL, 10);
}

static void start(scmp_filter_ctx context) {
  int error = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (error != 0) die("attribute", error);
  error = seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
  if (error != 0) die("native arch", error);
}

static void read_line(scmp_filter_ctx context, const char* word, char** save) {
  int error = 0;
  if (strcmp(word, "rule") == 0) {
    add_rule(context, SCMP_ACT_ALLOW, save);
  } else if (strcmp(word, "errno") == 0) {
    uint16_t number = next_errno(save);
    add_rule(context, SCMP_ACT_ERRNO(number), save);
  } else if (strcmp(word, "default") == 0) {
    error = seccomp_reset(context, SCMP_ACT_ERRNO(next_errno(save)));
    if (error == 0) start(context);
  } else if (strcmp(word, "optimize") == 0) {
    error = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, (uint32_t)strtoul(next_word(save, "level"), NULL, 10));
  } else if (strcmp(word, "arch") == 0) {
    error = seccomp_arch_add(context, seccomp_arch_resolve_name(next_word(save, "arch")));
  } else {
    error = EINVAL;
  }
  if (error != 0) die(word, error);
}

int main(void) {
  scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (context == NULL) die("init", ENOMEM);
  start(context);
  char line[1024];
  while (fgets(line, sizeof line, stdin) != NULL) {
    char* save = NULL;
    const char* word = strtok_r(line, " \n", &save);
    if (word != NULL) read_line(context, word, &save);
  }
  int error = seccomp_export_bpf(context, STDOUT_FILENO);
  if (error != 0) die("export", error);
  seccomp_release(context);
  return 0;
}
