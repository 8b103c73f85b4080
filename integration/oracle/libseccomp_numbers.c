/*
 * libseccomp's own tables, as an oracle for ours. Standard input, one a line, with its names of the arches:
 *   name ARCH NAME      its number on that arch; negative: none there, -1: it has never heard of the name
 *   number ARCH NUMBER  its name; `-`: none
 */
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char kind[8], arch[16], word[64];
  while (scanf("%7s %15s %63s", kind, arch, word) == 3) {
    const uint32_t token = seccomp_arch_resolve_name(arch);
    if (token == 0) {
      fprintf(stderr, "libseccomp_numbers: no arch %s\n", arch);
      return 1;
    }
    if (strcmp(kind, "name") == 0) {
      printf("%d\n", seccomp_syscall_resolve_name_arch(token, word));
      continue;
    }
    char* name = seccomp_syscall_resolve_num_arch(token, atoi(word));
    printf("%s\n", name == NULL ? "-" : name);
    free(name);
  }
  return ferror(stdin) ? 1 : 0;
}
