/*
 * jobs-runner FILE [TEXT]: runs what the file lists and prints TAP. With TEXT only the programs that one of whose points
 * has TEXT in its name. A line is words between tabs:
 *
 *   address ADDRESS                      of this host
 *   tcp ADDRESS PORT, udp ADDRESS PORT   a server that answers
 *   unix NAME                            the same at a UNIX address: a path, or an abstract name
 *   cgroup NAME UID                      given to UID: where programs run from here on; `-`: the root again
 *   layer NAME                           that the points below are about
 *   run UID PLAN INPUT ARGUMENT...       a program; PLAN: through the launcher, whose plan names the arguments; - is none
 *   act NAME EXPECTED                    of the last run: what its next act answered (probe batch), or one of A|B
 *   lines NAME FILE                      its output has these lines, each a pattern of `matches`
 *   has NAME TEXT                        this is somewhere in its output
 *   ends NAME EXPECTED                   how it ended: `exit 0`, `signal 9`
 *
 * In INPUT `{server}` stands for the process of the first server.
 */
#include "jobs.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

enum { words_max = 64 };

static struct outcome last;
static char* next_act;
static unsigned points;
static char* cgroup;

void give_up(const char* what) {
  fprintf(stderr, "jobs: %s: %s\n", what, strerror(errno));
  printf("Bail out! %s: %s\n", what, strerror(errno));
  exit(3);
}

char* read_file(const char* path) {
  FILE* const file = fopen(path, "re");
  if (file == NULL) give_up(path);
  size_t size = 0;
  char* text = NULL;
  if (getdelim(&text, &size, 0, file) < 0) text = strdup("");
  fclose(file);
  return text;
}

/* A YAML block: every line of a text, each indented. */
static void print_block(const char* key, const char* text) {
  printf("  %s: |\n", key);
  char* const copy = strdup(text);
  char* save = NULL;
  for (char* line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
    printf("    %s\n", line);
  free(copy);
}

static void point(int ok, const char* name, const char* expected, const char* found) {
  printf("%s %u - %s\n", ok ? "ok" : "not ok", ++points, name);
  if (ok) return;
  printf("  ---\n");
  print_block("expected", expected);
  print_block("found", found);
  print_block("stderr", last.errors == NULL ? "" : last.errors);
  printf("  ...\n");
}

/* `A|B`: one of them; `!A`: anything but A; `*` at the end: any more. */
static int matches(const char* pattern, const char* text) {
  if (*pattern == '!') return !matches(pattern + 1, text);
  for (const char* one = pattern;; one++) {
    const size_t length = strcspn(one, "|");
    const int any = length > 0 && one[length - 1] == '*';
    if (any ? strncmp(one, text, length - 1) == 0 : strlen(text) == length && strncmp(one, text, length) == 0) return 1;
    one += length;
    if (*one == 0) return 0;
  }
}

static const char* end_of(int status, int timed_out) {
  static char text[32];
  if (timed_out) return "timed out";
  if (WIFSIGNALED(status)) snprintf(text, sizeof text, "signal %d", WTERMSIG(status));
  else snprintf(text, sizeof text, "exit %d", WEXITSTATUS(status));
  return text;
}

/* What the next act said last, or how it ended if that was no exit with 0. */
static const char* answer_of_next(void) {
  static char answer[4096];
  snprintf(answer, sizeof answer, "no answer");
  while (next_act != NULL && *next_act != 0) {
    char* const line = next_act;
    next_act = strchr(line, '\n');
    if (next_act != NULL) *next_act++ = 0;
    if (strncmp(line, "end ", 4) != 0) {
      snprintf(answer, sizeof answer, "%s", line);
      continue;
    }
    const int status = atoi(line + 4);
    return status == 0 ? answer : end_of(status, 0);
  }
  return "nothing: the batch ended before";
}

static void compare_lines(const char* name, const char* path) {
  char* const patterns = read_file(path);
  char *save_pattern = NULL, *save_line = NULL;
  char* const output = strdup(last.output);
  char* pattern = strtok_r(patterns, "\n", &save_pattern);
  char* line = strtok_r(output, "\n", &save_line);
  unsigned number = 1, wrong = 0;
  char expected[1024] = "", found[1024] = "";
  for (; pattern != NULL || line != NULL; number++) {
    if (pattern == NULL || line == NULL || !matches(pattern, line)) {
      if (wrong++ == 0) {
        snprintf(expected, sizeof expected, "line %u: %s", number, pattern == NULL ? "the end" : pattern);
        snprintf(found, sizeof found, "%s", line == NULL ? "the end" : line);
      }
    }
    pattern = pattern == NULL ? NULL : strtok_r(NULL, "\n", &save_pattern);
    line = line == NULL ? NULL : strtok_r(NULL, "\n", &save_line);
  }
  if (wrong > 0) snprintf(found + strlen(found), sizeof found - strlen(found), "\n%u of %u lines differ", wrong, number - 1);
  point(wrong == 0, name, expected, found);
  free(patterns);
  free(output);
}

static void find_text(const char* name, const char* wanted) {
  point(strstr(last.output, wanted) != NULL, name, wanted, last.output);
}

static void run(char** words, char** arguments) {
  free(last.output);
  free(last.errors);
  const struct program program = {
      .uid = (uid_t)atoi(words[1]),
      .plan = strcmp(words[2], "-") == 0 ? NULL : words[2],
      .input = strcmp(words[3], "-") == 0 ? NULL : words[3],
      .cgroup = cgroup,
      .arguments = arguments,
  };
  last = run_program(&program);
  next_act = last.output;
}

static void enter_cgroup(const char* name, const char* uid) {
  free(cgroup);
  cgroup = strcmp(name, "-") == 0 ? NULL : make_cgroup(name, (uid_t)atoi(uid));
}

static void print_layer(const char* name) {
  printf("# layer %s\n", name);
}

static int is_point(const char* word) {
  static const char* const kinds[] = {"act", "lines", "has", "ends"};
  for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(word, kinds[i]) == 0) return 1;
  return 0;
}

static void perform(char** words, int count) {
  const char* const what = words[0];
  if (strcmp(what, "run") == 0 && count >= 4) return run(words, words + 4);
  if (strcmp(what, "address") == 0 && count == 2) return add_address(words[1]);
  if (strcmp(what, "unix") == 0 && count == 2) return start_server(what, words[1], "");
  if (strcmp(what, "layer") == 0 && count == 2) return print_layer(words[1]);
  if (count != 3) give_up(what);
  if (strcmp(what, "cgroup") == 0) return enter_cgroup(words[1], words[2]);
  if (strcmp(what, "has") == 0) return find_text(words[1], words[2]);
  if (strcmp(what, "tcp") == 0 || strcmp(what, "udp") == 0) return start_server(what, words[1], words[2]);
  if (strcmp(what, "lines") == 0) return compare_lines(words[1], words[2]);
  if (strcmp(what, "ends") != 0 && strcmp(what, "act") != 0) give_up(what);
  const char* const found = strcmp(what, "act") == 0 ? answer_of_next() : end_of(last.status, last.timed_out);
  point(matches(words[2], found), words[1], words[2], found);
}

/* What the reviewed matrix is compared with. */
static void print_facts(void) {
  struct utsname name;
  uname(&name);
  const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  const long errata = syscall(SYS_landlock_create_ruleset, NULL, 0, 2);
  printf("# fact release %s\n# fact machine %s\n# fact landlock %ld %ld\n", name.release, name.machine, abi,
         errata < 0 ? 0 : errata);
}

enum { lines_max = 1 << 16 };

static int starts_with_word(const char* line, const char* word) {
  const size_t length = strlen(word);
  return strncmp(line, word, length) == 0 && (line[length] == '\t' || line[length] == 0);
}

static int is_point_line(const char* line) {
  char word[16];
  snprintf(word, sizeof word, "%.*s", (int)strcspn(line, "\t"), line);
  return is_point(word);
}

static int name_has(const char* line, const char* text) {
  const char* const name = line + strcspn(line, "\t");
  char copy[1024];
  snprintf(copy, sizeof copy, "%.*s", *name == 0 ? 0 : (int)strcspn(name + 1, "\t"), name + 1);
  return strstr(copy, text) != NULL;
}

/* Whether one of the points of the program at `lines[0]` has the text in its name. */
static int is_wanted(char* const* lines, const char* text) {
  for (char* const* line = lines + 1; *line != NULL && !starts_with_word(*line, "run"); line++)
    if (is_point_line(*line) && name_has(*line, text)) return 1;
  return 0;
}

/* Leaves out programs that nobody asks for, and their points. */
static void keep_wanted(char** lines, const char* text) {
  char** kept = lines;
  int wanted = 1;
  for (char** line = lines; *line != NULL; line++) {
    const int is_run = starts_with_word(*line, "run");
    if (is_run) wanted = is_wanted(line, text);
    if (wanted || (!is_run && !is_point_line(*line))) *kept++ = *line;
  }
  *kept = NULL;
}

static void perform_line(char* line) {
  char* words[words_max + 1] = {NULL};
  int used = 0;
  char* save = NULL;
  for (char* word = strtok_r(line, "\t", &save); word != NULL && used < words_max; word = strtok_r(NULL, "\t", &save))
    words[used++] = word;
  if (used == words_max) give_up("too many words");
  perform(words, used);
}

int main(int count, char** arguments) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (count < 2 || count > 3) give_up("usage: jobs-runner FILE [TEXT]");
  static char* lines[lines_max];
  unsigned used = 0;
  char* save = NULL;
  for (char* line = strtok_r(read_file(arguments[1]), "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
    if (used == lines_max - 1) give_up("too many lines");
    lines[used++] = line;
  }
  if (count == 3) keep_wanted(lines, arguments[2]);
  unsigned expected = 0;
  for (char** line = lines; *line != NULL; line++) expected += (unsigned)is_point_line(*line);
  printf("TAP version 14\n1..%u\n", expected);
  print_facts();
  for (char** line = lines; *line != NULL; line++) perform_line(*line);
  return 0;
}
