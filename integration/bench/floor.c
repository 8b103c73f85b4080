/* floor [--veth] PROGRAM: what the kernel alone takes for the layers of a sandbox. It makes the calls that the launcher
 * makes for `read: [/usr], tmp: 16M`, with --veth also two net namespaces and a veth pair between them, and nothing
 * else: no plan, no checks, no relay, no Report, no error that is told. A policy that is measured beside it must ask
 * for no more. Started by root, like the launcher in the bench. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { instructions = 85, searched = 9, nobody = 65534, table_main = 254 };

static const char* program;
static int needs_veth;
static int pair[2];

static void must(long result, const char* call) {
  if (result >= 0) return;
  perror(call);
  _exit(1);
}

static void write_to(const char* path, const char* text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  must(file, path);
  must(write(file, text, strlen(text)), path);
  close(file);
}

static void map_ids(pid_t pid) {
  char path[64];
  for (int group = 0; group < 2; group++) {
    snprintf(path, sizeof path, "/proc/%d/%s", pid, group ? "gid_map" : "uid_map");
    write_to(path, "65534 65534 1");
  }
}

/* One message of rtnetlink(7) after another through one socket, each answered. */
struct request {
  struct nlmsghdr head;
  char body[512];
};

static void* add(struct request* request, int type, const void* data, size_t size) {
  struct rtattr* attribute = (struct rtattr*)((char*)request + NLMSG_ALIGN(request->head.nlmsg_len));
  attribute->rta_type = (unsigned short)type;
  attribute->rta_len = (unsigned short)RTA_LENGTH(size);
  if (size > 0) memcpy(RTA_DATA(attribute), data, size);
  request->head.nlmsg_len = NLMSG_ALIGN(request->head.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
  return attribute;
}

static void close_nest(struct request* request, struct rtattr* nest) {
  nest->rta_len = (unsigned short)((char*)request + request->head.nlmsg_len - (char*)nest);
}

static struct request begin(int type, int flags, const void* head, size_t size) {
  struct request request = {.head = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(size),
                                     .nlmsg_type = (uint16_t)type,
                                     .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags)}};
  memcpy(request.body, head, size);
  return request;
}

static void ask(int socket, struct request* request, const char* what) {
  char answer[1024];
  must(send(socket, request, request->head.nlmsg_len, 0), what);
  must(recv(socket, answer, sizeof answer, 0), what);
  const struct nlmsgerr* error = NLMSG_DATA((struct nlmsghdr*)answer);
  if (error->error != 0) fprintf(stderr, "%s: %s\n", what, strerror(-error->error)), _exit(1);
}

static int netlink(void) {
  const int made = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  must(made, "socket");
  return made;
}

static void add_veth(int socket, pid_t peer) {
  const struct ifinfomsg none = {.ifi_family = AF_UNSPEC};
  struct request request = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &none, sizeof none);
  add(&request, IFLA_IFNAME, "veth0", 6);
  struct rtattr* info = add(&request, IFLA_LINKINFO, NULL, 0);
  add(&request, IFLA_INFO_KIND, "veth", 5);
  struct rtattr* data = add(&request, IFLA_INFO_DATA, NULL, 0);
  struct rtattr* other = add(&request, VETH_INFO_PEER, &none, sizeof none);
  add(&request, IFLA_IFNAME, "eth0", 5);
  add(&request, IFLA_NET_NS_PID, &peer, sizeof peer);
  close_nest(&request, other);
  close_nest(&request, data);
  close_nest(&request, info);
  ask(socket, &request, "RTM_NEWLINK");
}

/* In a new namespace the loopback device is 1, and the first one that is made 2. */
static void set_up_end(int socket, const char* address, const char* destination) {
  const unsigned index = 2;
  struct in_addr own, to;
  inet_pton(AF_INET, address, &own);
  inet_pton(AF_INET, destination, &to);
  const struct ifaddrmsg at = {.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = index};
  struct request request = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &at, sizeof at);
  add(&request, IFA_LOCAL, &own, sizeof own);
  ask(socket, &request, "RTM_NEWADDR");
  const struct ifinfomsg up = {.ifi_index = (int)index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  request = begin(RTM_NEWLINK, 0, &up, sizeof up);
  ask(socket, &request, "RTM_NEWLINK up");
  const struct rtmsg route = {.rtm_family = AF_INET,
                              .rtm_dst_len = 32,
                              .rtm_table = table_main,
                              .rtm_protocol = RTPROT_STATIC,
                              .rtm_scope = RT_SCOPE_LINK,
                              .rtm_type = RTN_UNICAST};
  request = begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof route);
  add(&request, RTA_DST, &to, sizeof to);
  add(&request, RTA_OIF, &index, sizeof index);
  ask(socket, &request, "RTM_NEWROUTE");
}

/* The gateway's namespace is init's first, the sandbox's its second; the pair reaches from one to the other. */
static void make_network(void) {
  const int gateway = netlink();
  must(unshare(CLONE_NEWNET), "unshare");
  add_veth(gateway, getpid());
  const int sandbox = netlink();
  set_up_end(sandbox, "198.18.255.254", "203.0.113.10");
  set_up_end(gateway, "203.0.113.10", "198.18.255.254");
  close(gateway);
  close(sandbox);
}

static void bind_at(const char* source, const char* target, uint64_t attributes) {
  const int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  must(tree, source);
  const struct mount_attr set = {.attr_set = attributes};
  must(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &set, sizeof set), "mount_setattr");
  must(syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH), "move_mount");
  close(tree);
}

static void make_view(void) {
  static const char* const devices[] = {"null", "zero", "full", "random", "urandom"};
  static const char* const links[][2] = {{"usr/bin", "bin"}, {"usr/lib", "lib"}, {"usr/lib64", "lib64"}};
  char path[256], source[64];
  must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount");
  must(mount("none", "/proc", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m"), "mount");
  must(chdir("/proc"), "chdir");
  for (const char* const* name = (const char*[]){"usr", "dev", "proc", "tmp", NULL}; *name != NULL; name++)
    mkdir(*name, 0755);
  for (unsigned i = 0; i < sizeof links / sizeof *links; i++) must(symlink(links[i][0], links[i][1]), "symlink");
  const uint64_t locked = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  bind_at("/usr", "usr", locked);
  for (unsigned i = 0; i < sizeof devices / sizeof *devices; i++) {
    snprintf(path, sizeof path, "dev/%s", devices[i]);
    snprintf(source, sizeof source, "/dev/%s", devices[i]);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    bind_at(source, path, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  }
  close(open("program", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  bind_at(program, "program", locked);
  must(mount("none", "tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=16m"), "mount");
  must(mount("none", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=invisible,subset=pid"), "mount proc");
  must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
  must(umount2(".", MNT_DETACH), "umount2");
  must(chdir("/"), "chdir");
  must(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL), "remount");
}

static void restrict_self(void) {
  const struct landlock_ruleset_attr handled = {.handled_access_fs = 0x7fff};
  const int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
  must(ruleset, "landlock_create_ruleset");
  static const struct {
    const char* path;
    uint64_t access;
  } rules[] = {{"/usr", 0xd}, {"/tmp", 0x7ffe}, {"/proc", 0xc}, {"/program", 0x5}};
  for (unsigned i = 0; i < sizeof rules / sizeof *rules; i++) {
    const int path = open(rules[i].path, O_PATH | O_CLOEXEC);
    must(path, rules[i].path);
    struct stat seen;
    fstat(path, &seen);
    const uint64_t access = S_ISDIR(seen.st_mode) ? rules[i].access : rules[i].access & 0x7;
    const struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = path};
    must(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0), "landlock_add_rule");
    close(path);
  }
  must(syscall(SYS_landlock_restrict_self, ruleset, 0), "landlock_restrict_self");
  close(ruleset);
}

/* A search among the calls of one architecture, in size and depth, that lets everything through: attaching is what takes
 * time. The kernel runs it for every call that there is (seccomp.c, seccomp_cache_prepare): what is never run costs less.
 */
static void load_filter(void) {
  struct sock_filter filter[instructions];
  for (int i = 0; i < instructions - 1; i++)
    filter[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  filter[searched - 1] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, instructions - 1 - searched);
  filter[instructions - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const struct sock_fprog loaded = {instructions, filter};
  must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded), "seccomp");
}

static void drop_capabilities(void) {
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  const struct __user_cap_data_struct none[2] = {{0}};
  must(syscall(SYS_capset, &head, none), "capset");
}

static void sandboxee(void) {
  must(setsid(), "setsid");
  must(syscall(SYS_close_range, 3U, ~0U, 0), "close_range");
  const struct rlimit core = {0, 0}, files = {1024, 1024};
  must(setrlimit(RLIMIT_CORE, &core), "setrlimit");
  must(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
  drop_capabilities();
  restrict_self();
  load_filter();
  execve("/program", (char*[]){"/program", NULL}, (char*[]){NULL});
  must(-1, "execve");
}

static void init(void) {
  char byte;
  must(read(pair[0], &byte, 1), "read");
  must(setgroups(0, NULL), "setgroups");
  must(setresgid(nobody, nobody, nobody), "setresgid");
  must(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl");
  must(setresuid(nobody, nobody, nobody), "setresuid");
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  const struct __user_cap_data_struct all[2] = {{~0U, ~0U, 0}, {0x1ff, 0x1ff, 0}};
  must(syscall(SYS_capset, &head, all), "capset");
  must(sethostname("sandbox", 7), "sethostname");
  if (needs_veth) make_network();
  make_view();
  const pid_t pid = fork();
  must(pid, "fork");
  if (pid == 0) sandboxee();
  int status = 0;
  must(waitpid(pid, &status, 0), "waitpid");
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

int main(int count, char** arguments) {
  needs_veth = count == 3 && strcmp(arguments[1], "--veth") == 0;
  if (count != 2 + needs_veth) return 2;
  program = arguments[1 + needs_veth];
  must(pipe2(pair, O_CLOEXEC), "pipe2");
  const struct clone_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
  } asked = {.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                      CLONE_NEWCGROUP,
             .exit_signal = SIGCHLD};
  const pid_t pid = (pid_t)syscall(SYS_clone3, &asked, sizeof asked);
  must(pid, "clone3");
  if (pid == 0) init();
  map_ids(pid);
  must(write(pair[1], "", 1), "write");
  int status = 0;
  must(waitpid(pid, &status, 0), "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
