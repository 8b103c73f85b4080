import type { Definitions } from './grant.js'

/** The machine, what processes share, and further rights of the kernel. */
export const systemPromises = {
  settime: {
    means: 'set clocks',
    grants: [{ calls: 'settimeofday stime clock_settime clock_settime64 adjtimex clock_adjtime clock_adjtime64' }],
  },
  ps: {
    means: 'look at other processes',
    opens: { needs: ['read'], how: 'alone' },
    grants: [
      { calls: 'getpriority sched_getscheduler sched_getparam sched_getaffinity ioprio_get kcmp' },
      { calls: 'getdents getdents64 readlink readlinkat statx newfstatat fstatat64 stat stat64' },
    ],
  },
  vminfo: {
    means: 'read counters of the system',
    opens: { needs: ['read'], how: 'alone' },
    grants: [{ calls: 'sysinfo times syslog' }],
  },
  mlock: {
    means: 'lock memory',
    grants: [{ calls: 'mlock mlock2 mlockall munlock munlockall' }],
  },
  sysvipc: {
    means: 'System V and POSIX message queues, semaphores, shared memory',
    grants: [
      { calls: 'shmget shmdt shmctl semget semop semtimedop semtimedop_time64 semctl' },
      { calls: 'shmat', when: ['shmflg & SHM_EXEC == 0'] },
      // ipc(2) of 32-bit programs does all of these, and attaches memory as code too.
      { calls: 'shmat ipc', with: 'prot_exec' },
      { calls: 'msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedsend_time64' },
      { calls: 'mq_timedreceive mq_timedreceive_time64 mq_notify mq_getsetattr' },
    ],
  },
  aio: {
    means: 'asynchronous I/O of the kernel',
    grants: [{ calls: 'io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64' }],
  },
  iouring: {
    means: 'io_uring; what is submitted there passes no argument rule of this filter',
    grants: [{ calls: 'io_uring_setup io_uring_enter io_uring_register' }],
  },
  debug: {
    means: 'trace and inspect other processes',
    grants: [
      { calls: 'ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp process_madvise perf_event_open' },
      { calls: 'get_robust_list migrate_pages move_pages' },
    ],
  },
  numa: {
    means: 'memory policy',
    grants: [{ calls: 'mbind get_mempolicy set_mempolicy set_mempolicy_home_node migrate_pages move_pages' }],
  },
  mount: {
    means: 'change the mount tree',
    grants: [
      { calls: 'mount umount umount2 pivot_root chroot fchroot fsopen fsconfig fsmount fspick move_mount' },
      { calls: 'open_tree open_tree_attr mount_setattr statmount listmount listns' },
    ],
  },
  ns: {
    means: 'make and enter namespaces',
    grants: [{ calls: 'unshare setns clone clone3 sethostname setdomainname statmount listmount listns' }],
  },
  keyring: {
    means: 'keys of the kernel',
    grants: [{ calls: 'add_key request_key keyctl' }],
  },
  sandbox: {
    means: 'add further sandboxes',
    grants: [
      { calls: 'landlock_create_ruleset landlock_add_rule landlock_restrict_self lsm_set_self_attr' },
      {
        calls: 'seccomp',
        when: [
          'op in [SECCOMP_GET_ACTION_AVAIL, SECCOMP_GET_NOTIF_SIZES]',
          // The newest listener answers every notification: with one, a program could let its own execve pass.
          'op == SECCOMP_SET_MODE_FILTER and flags & SECCOMP_FILTER_FLAG_NEW_LISTENER == 0',
        ],
      },
      { calls: 'prctl', when: ['option in [PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP]'] },
    ],
  },
  admin: {
    means: 'administer the machine',
    grants: [
      { calls: 'reboot kexec_load kexec_file_load init_module finit_module delete_module swapon swapoff acct' },
      { calls: 'quotactl quotactl_fd iopl ioperm bpf fanotify_init fanotify_mark open_by_handle_at vhangup' },
      { calls: 'syslog personality modify_ldt userfaultfd nfsservctl lookup_dcookie vm86 vm86old sysfs' },
      { calls: 'pciconfig_read pciconfig_write pciconfig_iobase' },
    ],
  },
} as const satisfies Definitions
