/*
 * Makes many filters with libseccomp in one process, as an oracle for our compiler.
 *
 *   libseccomp_batch names       reads `ARCH NAME` lines and prints the number that libseccomp has for each; negative:
 *                                none
 *   libseccomp_batch filters     reads, one a line:
 *       filter ARCH ACTION       begins a filter for one arch; all other calls get the action, other arches are killed
 *       rule ACTION NAME [ARGUMENT OPERATOR VALUE [MASK]]...    a name, or a number of the native arch
 *       end                      writes the filter: its size in bytes as 32 bits, then its instructions
 *
 * Actions are SECCOMP_RET_* values in hexadecimal; operators eq ne lt le gt ge masked. Rules are exact: what libseccomp
 * would have to rewrite ends the process with an error, as does everything else that goes wrong.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void die(const char* what, int error) {
  fprintf(stderr, "libseccomp_batch: %s: %s\n", what, strerror(error < 0 ? -error : error));
  exit(1);
}

static const char* next_word(char** save) {
  const char* word = strtok_r(NULL, " \n", save);
  if (word == NULL) die("a word is missing", EINVAL);
  return word;
}

static uint32_t action_of(const char* word) {
  return (uint32_t)strtoul(word, NULL, 16);
}

static enum scmp_compare operator_of(const char* word) {
  static const char* const words[] = {"ne", "lt", "le", "eq", "ge", "gt", "masked"};
  static const enum scmp_compare operators[] = {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,       SCMP_CMP_EQ,
                                                SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (strcmp(word, words[i]) == 0) return operators[i];
  }
  die(word, EINVAL);
  return SCMP_CMP_EQ;
}

static scmp_filter_ctx begin(char** save) {
  uint32_t arch = seccomp_arch_resolve_name(next_word(save));
  scmp_filter_ctx context = seccomp_init(action_of(next_word(save)));
  if (context == NULL) die("init", ENOMEM);
  int error = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (error != 0) die("attribute", error);
  if (arch != seccomp_arch_native()) {
    error = seccomp_arch_add(context, arch);
    if (error != 0) die("arch", error);
    error = seccomp_arch_remove(context, seccomp_arch_native());
    if (error != 0) die("native arch", error);
  }
  return context;
}

static void add_rule(scmp_filter_ctx context, char** save) {
  uint32_t action = action_of(next_word(save));
  const char* name = next_word(save);
  char* end = NULL;
  int number = (int)strtol(name, &end, 10);
  if (*end != '\0') number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) die(name, ENOENT);
  struct scmp_arg_cmp tests[6];
  unsigned int count = 0;
  for (const char* word = strtok_r(NULL, " \n", save); word != NULL && count < 6; word = strtok_r(NULL, " \n", save)) {
    struct scmp_arg_cmp* test = &tests[count++];
    test->arg = (unsigned int)strtoul(word, NULL, 10);
    test->op = operator_of(next_word(save));
    test->datum_a = strtoull(next_word(save), NULL, 0);
    test->datum_b = 0;
    if (test->op != SCMP_CMP_MASKED_EQ) continue;
    test->datum_b = test->datum_a;
    test->datum_a = strtoull(next_word(save), NULL, 0);
  }
  int error = seccomp_rule_add_exact_array(context, action, number, count, tests);
  if (error != 0) die(name, error);
}

/* seccomp_export_bpf wants a descriptor, and its size first would need a second one. */
static void finish(scmp_filter_ctx context, int memory) {
  if (ftruncate(memory, 0) != 0 || lseek(memory, 0, SEEK_SET) != 0) die("memory", errno);
  int error = seccomp_export_bpf(context, memory);
  if (error != 0) die("export", error);
  static char program[4096 * 8];
  ssize_t size = pread(memory, program, sizeof program, 0);
  if (size <= 0) die("program", errno);
  uint32_t length = (uint32_t)size;
  if (fwrite(&length, sizeof length, 1, stdout) != 1 || fwrite(program, length, 1, stdout) != 1) die("write", errno);
  seccomp_release(context);
}

static void make_filters(void) {
  int memory = memfd_create("filter", MFD_CLOEXEC);
  if (memory < 0) die("memory", errno);
  scmp_filter_ctx context = NULL;
  static char line[1 << 16];
  while (fgets(line, sizeof line, stdin) != NULL) {
    char* save = NULL;
    const char* word = strtok_r(line, " \n", &save);
    if (word == NULL) continue;
    if (strcmp(word, "filter") == 0)
      context = begin(&save);
    else if (strcmp(word, "rule") == 0)
      add_rule(context, &save);
    else if (strcmp(word, "end") == 0)
      finish(context, memory);
    else
      die(word, EINVAL);
  }
}

static void print_names(void) {
  char line[256];
  while (fgets(line, sizeof line, stdin) != NULL) {
    char* save = NULL;
    const char* arch = strtok_r(line, " \n", &save);
    if (arch == NULL) continue;
    printf("%d\n", seccomp_syscall_resolve_name_arch(seccomp_arch_resolve_name(arch), next_word(&save)));
  }
}

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  if (strcmp(argv[1], "names") == 0)
    print_names();
  else
    make_filters();
  return fflush(stdout) == 0 ? 0 : 1;
}
