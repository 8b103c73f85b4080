import type { Definitions } from './grant.js'
import { statByPath } from './shared.js'

/** Files by path. */
export const filePromises = {
  rpath: {
    means: 'read files and metadata by path',
    opens: { needs: ['read'], how: 'joined' },
    grants: [
      { calls: `${statByPath} oldstat oldlstat oldfstat getcwd chdir fchdir getdents getdents64 readdir` },
      { calls: 'statfs statfs64 fstatfs fstatfs64 ustat getxattr lgetxattr fgetxattr getxattrat' },
      { calls: 'listxattr llistxattr flistxattr listxattrat file_getattr name_to_handle_at' },
      { calls: 'inotify_init inotify_init1 inotify_add_watch inotify_rm_watch' },
      { calls: 'ioctl', when: ['cmd in [FS_IOC_GETFLAGS, FS_IOC_FIEMAP, FIGETBSZ, FIOQSIZE, FS_IOC_FSGETXATTR]'] },
    ],
  },
  wpath: {
    means: 'open existing files for writing, truncate them',
    opens: { needs: ['write'], how: 'joined' },
    grants: [
      { calls: `truncate truncate64 ftruncate ftruncate64 fallocate ${statByPath} getcwd sync syncfs` },
      { calls: 'ioctl', when: ['cmd in [FICLONE, FICLONERANGE, FIDEDUPERANGE]'] },
    ],
  },
  cpath: {
    means: 'create, rename, link and remove files',
    opens: { needs: ['create'], how: 'joined' },
    grants: [{ calls: 'rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir' }],
  },
  dpath: {
    means: 'make fifos and sockets in the file system',
    grants: [{ calls: 'mknod mknodat', when: ['mode & S_IFMT in [S_IFIFO, S_IFREG, S_IFSOCK, 0]'] }],
  },
  mkdev: {
    means: 'make device nodes',
    grants: [{ calls: 'mknod mknodat' }],
  },
  tmppath: {
    means: 'make, use and remove temporary files; the file system layer says where',
    opens: { needs: ['read', 'write', 'create'], how: 'alone' },
    grants: [
      { calls: 'lstat lstat64 stat stat64 newfstatat fstatat64 statx access faccessat faccessat2' },
      { calls: 'unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir' },
    ],
  },
  fattr: {
    means: 'change mode, times and flags of files',
    grants: [
      { calls: 'chmod fchmod fchmodat fchmodat2', when: ['mode & (S_ISUID | S_ISGID | S_ISVTX) == 0'] },
      { calls: 'utime utimes futimesat utimensat utimensat_time64 file_setattr' },
      { calls: 'setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat' },
      { calls: 'ioctl', when: ['cmd in [FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR]'] },
    ],
  },
  chown: {
    means: 'change the owner of files',
    grants: [{ calls: 'chown chown32 lchown lchown32 fchown fchown32 fchownat' }],
  },
  flock: {
    means: 'lock files',
    grants: [
      { calls: 'flock' },
      {
        calls: 'fcntl fcntl64',
        when: [
          'cmd in [F_GETLK, F_SETLK, F_SETLKW, F_GETLK64, F_SETLK64, F_SETLKW64, F_OFD_GETLK, F_OFD_SETLK, ' +
            'F_OFD_SETLKW, F_GETLEASE, F_SETLEASE]',
        ],
      },
    ],
  },
} as const satisfies Definitions
