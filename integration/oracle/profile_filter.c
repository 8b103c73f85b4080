/*
 * Makes a filter of a container runtime's profile with libseccomp, as runc does, and writes its instructions to
 * standard output. Standard input, one a line, the default first:
 *   default ACTION                                          SECCOMP_RET_* with its data, as a number
 *   arch NAME                                               x86_64, x86; the filter has no other
 *   rule ACTION NAME [ARGUMENT OPERATOR VALUE [MASK]]...    operators: EQ NE LT LE GT GE MASKED_EQ
 * A name that libseccomp does not know is left out. A rule that it refuses ends the program with its error.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char* what, int error) {
  fprintf(stderr, "profile_filter: %s: %s\n", what, strerror(error < 0 ? -error : error));
  exit(1);
}

static enum scmp_compare operator_of(const char* word) {
  static const struct {
    const char* word;
    enum scmp_compare operator;
  } operators[] = {
      {"EQ", SCMP_CMP_EQ}, {"NE", SCMP_CMP_NE}, {"LT", SCMP_CMP_LT},           {"LE", SCMP_CMP_LE},
      {"GT", SCMP_CMP_GT}, {"GE", SCMP_CMP_GE}, {"MASKED_EQ", SCMP_CMP_MASKED_EQ},
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

static uint32_t next_action(char** save) { return (uint32_t)strtoul(next_word(save, "action"), NULL, 0); }

static void add_rule(scmp_filter_ctx context, char** save) {
  uint32_t action = next_action(save);
  const char* name = next_word(save, "name");
  int number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) return;
  struct scmp_arg_cmp tests[6];
  unsigned int count = 0;
  for (const char* word = strtok_r(NULL, " \n", save); word != NULL && count < 6; word = strtok_r(NULL, " \n", save)) {
    struct scmp_arg_cmp* test = &tests[count++];
    test->arg = (unsigned int)strtoul(word, NULL, 10);
    test->op = operator_of(next_word(save, "operator"));
    test->datum_a = strtoull(next_word(save, "value"), NULL, 0);
    test->datum_b = test->op == SCMP_CMP_MASKED_EQ ? strtoull(next_word(save, "masked value"), NULL, 0) : 0;
  }
  int error = seccomp_rule_add_array(context, action, number, count, tests);
  if (error != 0) die(name, error);
}

int main(void) {
  char line[1024];
  char* save = NULL;
  if (fgets(line, sizeof line, stdin) == NULL || strcmp(strtok_r(line, " \n", &save), "default") != 0) return 1;
  scmp_filter_ctx context = seccomp_init(next_action(&save));
  if (context == NULL) die("init", EINVAL);
  int error = seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
  if (error != 0) die("native arch", error);
  while (fgets(line, sizeof line, stdin) != NULL) {
    const char* word = strtok_r(line, " \n", &save);
    if (word == NULL) continue;
    if (strcmp(word, "rule") == 0) {
      add_rule(context, &save);
      continue;
    }
    error = seccomp_arch_add(context, seccomp_arch_resolve_name(next_word(&save, "arch")));
    if (error != 0) die("arch", error);
  }
  error = seccomp_export_bpf(context, STDOUT_FILENO);
  if (error != 0) die("export", error);
  seccomp_release(context);
  return 0;
}
