/* Acts on paths. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

static int read_file(char** arguments) {
  char byte = 0;
  const int fd = open(text(arguments, 0), O_RDONLY | O_CLOEXEC);
  return fd < 0 || read(fd, &byte, 1) < 0 ? -1 : 0;
}

static int show(char** arguments) {
  FILE* const file = fopen(text(arguments, 0), "re");
  if (!file) return -1;
  for (int byte = fgetc(file); byte != EOF; byte = fgetc(file)) putchar(byte);
  return ferror(file) ? -1 : 0;
}

static int open_write(const char* path, const char* content, int flags) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
  if (fd < 0) return -1;
  const size_t length = strlen(content);
  return write(fd, content, length) == (ssize_t)length ? 0 : -1;
}

/* Over an existing file, without making one. */
static int write_file(char** arguments) {
  return open_write(text(arguments, 0), text(arguments, 1), 0);
}
static int create_file(char** arguments) {
  return open_write(text(arguments, 0), "", O_CREAT | O_EXCL);
}

static int list(char** arguments) {
  DIR* const directory = opendir(text(arguments, 0));
  if (!directory) return -1;
  for (const struct dirent* entry = readdir(directory); entry; entry = readdir(directory)) puts(entry->d_name);
  return 0;
}

static int status(char** arguments) {
  struct stat found;
  return stat(text(arguments, 0), &found);
}

static int remove_file(char** arguments) {
  return unlink(text(arguments, 0));
}
static int remove_directory(char** arguments) {
  return rmdir(text(arguments, 0));
}
static int make_directory(char** arguments) {
  return mkdir(text(arguments, 0), 0755);
}
static int move(char** arguments) {
  return rename(text(arguments, 0), text(arguments, 1));
}
static int make_link(char** arguments) {
  return link(text(arguments, 0), text(arguments, 1));
}
static int make_symlink(char** arguments) {
  return symlink(text(arguments, 0), text(arguments, 1));
}
static int change_mode(char** arguments) {
  return chmod(text(arguments, 0), (mode_t)number(arguments, 1));
}
static int cut(char** arguments) {
  return truncate(text(arguments, 0), 0);
}
static int make_device(char** arguments) {
  return mknod(text(arguments, 0), S_IFCHR | 0666, (dev_t)(number(arguments, 1) << 8 | number(arguments, 2)));
}

/* ioctl-at PATH COMMAND: of a device that is opened here. */
static int ioctl_at(char** arguments) {
  char buffer[256] = {0};
  const int fd = open(text(arguments, 0), O_RDWR | O_CLOEXEC);
  return fd < 0 ? -1 : ioctl(fd, (unsigned long)number(arguments, 1), buffer);
}

/* RENAME_EXCHANGE swaps a denied name with a granted one. */
static int exchange(char** arguments) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, text(arguments, 0), AT_FDCWD, text(arguments, 1), 2);
}

static int map_code(char** arguments) {
  const int fd = open(text(arguments, 0), O_RDONLY | O_CLOEXEC);
  return fd < 0 || mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0;
}

static int mount_tmpfs(char** arguments) {
  return mount("none", text(arguments, 0), "tmpfs", 0, NULL);
}
static int unmount(char** arguments) {
  return umount2(text(arguments, 0), MNT_DETACH);
}
static int remount_writable(char** arguments) {
  return mount(NULL, text(arguments, 0), NULL, MS_REMOUNT | MS_BIND, NULL);
}
static int pivot(char** arguments) {
  return (int)syscall(SYS_pivot_root, text(arguments, 0), text(arguments, 0));
}

const struct act filesystem_acts[] = {
    {"read", read_file}, {"show", show},    {"write", write_file},   {"create", create_file},       {"list", list},
    {"stat", status},       {"unlink", remove_file}, {"rmdir", remove_directory},   {"mkdir", make_directory},
    {"rename", move},       {"exchange", exchange},  {"link", make_link},           {"symlink", make_symlink},
    {"chmod", change_mode}, {"truncate", cut},       {"mknod", make_device},        {"map-code", map_code},
    {"ioctl-at", ioctl_at},
    {"mount", mount_tmpfs}, {"umount", unmount},     {"remount", remount_writable}, {"pivot-root", pivot},
    {NULL, NULL},
};
