/*
 * Process 1 of a guest: mounts, modules, a root that pivot_root(2) can leave, then one program, whose output goes to the
 * virtio port, then power off. What goes wrong is told on the console.
 *
 * Kernel command line: palisade.run=PROGRAM,ARGUMENT,... what to run; palisade.root=erofs: the root is the first virtio
 * disk under an overlay, the initramfs's /above lies over it, and /payload is at /payload; palisade.shell: a shell on the console in place of the
 * program; palisade.init=PATH: becomes process 1 in its place.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char port[] = "/dev/vport0p1";
static char command_line[4096];

static void complain(const char* what, const char* about) {
  printf("guest: %s %s: %s\n", what, about, strerror(errno));
}

static void mount_at(const char* type, const char* place, const char* options) {
  mkdir(place, 0755);
  if (mount(type, place, type, 0, options) != 0) complain("mount", place);
}

/* The value of `key=` on the kernel command line, or NULL. */
static char* parameter(const char* key) {
  static char value[1024];
  const char* const at = strstr(command_line, key);
  if (at == NULL) return NULL;
  snprintf(value, sizeof value, "%s", at + strlen(key));
  value[strcspn(value, " \n")] = 0;
  return value;
}

static int by_name(const struct dirent** one, const struct dirent** other) {
  return strcmp((*one)->d_name, (*other)->d_name);
}

static void load_modules(void) {
  struct dirent** names = NULL;
  const int count = scandir("/modules", &names, NULL, by_name);
  for (int i = 0; i < count; i++) {
    if (names[i]->d_name[0] == '.') continue;
    char path[512];
    snprintf(path, sizeof path, "/modules/%s", names[i]->d_name);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    /* crc32c-intel and its like are for processors that the emulated one need not be. */
    if (file < 0 || (syscall(SYS_finit_module, file, "", 0) != 0 && errno != EEXIST && errno != ENODEV))
      complain("load", path);
    close(file);
  }
}

static void move_mounts(const char* root) {
  static const char* const places[] = {"/proc", "/sys", "/dev", "/run", "/tmp"};
  for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
    char to[64];
    snprintf(to, sizeof to, "%s%s", root, places[i]);
    mkdir(to, 0755);
    if (mount(places[i], to, NULL, MS_MOVE, NULL) != 0) complain("move", places[i]);
  }
}

static void enter(const char* root) {
  if (chdir(root) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0)
    complain("enter", root);
}

/* pivot_root(2) is EINVAL while the root is the initramfs itself: a bind mount of it is none. */
static void leave_initramfs(void) {
  mkdir("/newroot", 0755);
  if (mount("/", "/newroot", NULL, MS_BIND, NULL) != 0) complain("bind", "/");
  move_mounts("/newroot");
  enter("/newroot");
}

static void enter_image(const char* type) {
  mkdir("/image", 0755);
  mkdir("/changes", 0755);
  mkdir("/newroot", 0755);
  for (int tries = 0; tries < 100 && access("/dev/vda", R_OK) != 0; tries++) usleep(20000);
  if (mount("/dev/vda", "/image", type, MS_RDONLY, NULL) != 0) complain("mount", "/dev/vda");
  mount_at("tmpfs", "/changes", "mode=0755");
  mkdir("/changes/upper", 0755);
  mkdir("/changes/work", 0755);
  mkdir("/above", 0755);
  const char options[] = "lowerdir=/above:/image,upperdir=/changes/upper,workdir=/changes/work";
  if (mount("overlay", "/newroot", "overlay", 0, options) != 0) complain("mount", "overlay");
  mkdir("/newroot/payload", 0755);
  if (mount("/payload", "/newroot/payload", NULL, MS_BIND, NULL) != 0) complain("bind", "/payload");
  move_mounts("/newroot");
  enter("/newroot");
}

/* What systemd gives its services; the kernel's own 4096 is less than a relay of 1000 connections needs. */
static void raise_limits(void) {
  const struct rlimit files = {.rlim_cur = 1024, .rlim_max = 524288};
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) complain("setrlimit", "RLIMIT_NOFILE");
}

static void open_console(void) {
  const int console = open("/dev/console", O_RDWR);
  for (int fd = 0; console >= 0 && fd < 3; fd++) dup2(console, fd);
  if (console > 2) close(console);
  setvbuf(stdout, NULL, _IONBF, 0);
}

static void read_command_line(void) {
  const int file = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, command_line, sizeof command_line - 1) < 0) complain("read", "/proc/cmdline");
  close(file);
}

/* Runs it to its end, with whatever it leaves behind; its stdout is the port, its stderr the console. */
static int run(char* words, const char* output) {
  const pid_t child = fork();
  if (child == 0) {
    const int out = open(output, O_WRONLY | O_NOCTTY);
    if (out < 0) complain("open", output);
    dup2(out, 1);
    char* arguments[32] = {NULL};
    int count = 0;
    for (char* word = strtok(words, ","); word != NULL && count < 31; word = strtok(NULL, ",")) arguments[count++] = word;
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    execv(arguments[0], arguments);
    complain("start", arguments[0]);
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) != child)
    if (errno != EINTR) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/*
 * Behind the program's output, so that a guest that lost some of it is not taken for one that has finished. The port
 * has one user at a time: whatever the program left behind must let go of it.
 */
static void say_end(int status) {
  kill(-1, SIGKILL);
  while (wait(NULL) > 0 || errno == EINTR) continue;
  const int out = open(port, O_WRONLY | O_NOCTTY);
  char text[64];
  const int length = snprintf(text, sizeof text, "# guest ended with %d\n", status);
  if (out < 0 || write(out, text, (size_t)length) != length) complain("write", port);
  close(out);
}

int main(void) {
  mount_at("proc", "/proc", NULL);
  mount_at("sysfs", "/sys", NULL);
  mount_at("devtmpfs", "/dev", NULL);
  open_console();
  mount_at("devpts", "/dev/pts", "ptmxmode=0666");
  mount_at("tmpfs", "/tmp", "mode=1777");
  mount_at("tmpfs", "/run", "mode=0755");
  read_command_line();
  load_modules();
  raise_limits();
  const char* const root = parameter("palisade.root=");
  if (root != NULL) enter_image(root);
  else leave_initramfs();
  char* const init = parameter("palisade.init=");
  if (init != NULL) {
    execl(init, init, NULL);
    complain("start", init);
  }
  /* Not before: systemd mounts it with options of its own. */
  if (mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL) != 0) complain("mount", "/sys/fs/cgroup");
  char* const words = parameter("palisade.run=");
  if (strstr(command_line, "palisade.shell") != NULL) {
    char shell[] = "/payload/busybox,sh";
    for (char* comma = words; comma != NULL && (comma = strchr(comma, ',')) != NULL;) *comma = ' ';
    printf("guest: what it is for: %s\n", words == NULL ? "" : words);
    run(shell, "/dev/console");
  } else if (words != NULL) {
    for (int tries = 0; tries < 100 && access(port, W_OK) != 0; tries++) usleep(20000);
    say_end(run(words, port));
  }
  sync();
  reboot(RB_POWER_OFF);
  return 1;
}
