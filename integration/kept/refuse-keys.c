// refuse-keys keys|persistent PROGRAM ARGUMENT...: runs it as on a kernel that has no keys at all (ENOSYS), or no
// persistent keyrings (EOPNOTSUPP).
#include <errno.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Of a small number the lower half says it all: the first one on machines that are little-endian.
#define OPERATION offsetof(struct seccomp_data, args[0])

int main(int count, char** words) {
  struct sock_filter no_keys[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_keyctl, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_add_key, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
  struct sock_filter no_persistent[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_keyctl, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, OPERATION),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KEYCTL_GET_PERSISTENT, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof no_keys / sizeof *no_keys, no_keys};
  if (count < 3) return 2;
  if (strcmp(words[1], "persistent") == 0)
    program = (struct sock_fprog){sizeof no_persistent / sizeof *no_persistent, no_persistent};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 2;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return 2;
  execv(words[2], words + 2);
  return 2;
}
