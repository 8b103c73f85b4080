// Generated from src/layers/seccomp/data by src/tools/generate-seccomp-tables.ts. Do not edit.
// System calls of riscv64, Linux 7.3.4 (Debian linux-libc-dev 7.3.4-1~bpo13+1).

/** Lines of `name number since argument:class...`; the classes are in tables.ts; `!`: the kernel has no body. */
export const calls = `
io_setup 0 2.6 nr_events:w ctxp:p
io_destroy 1 2.6 ctx:W
io_submit 2 2.6 ctx_id:W nr:S iocbpp:p
io_cancel 3 2.6 ctx_id:W iocb:p result:p
io_getevents 4 2.6 ctx_id:W min_nr:S nr:S events:p timeout:p
setxattr 5 2.6 pathname:p name:p value:p size:W flags:s
lsetxattr 6 2.6 pathname:p name:p value:p size:W flags:s
fsetxattr 7 2.6 fd:s name:p value:p size:W flags:s
getxattr 8 2.6 pathname:p name:p value:p size:W
lgetxattr 9 2.6 pathname:p name:p value:p size:W
fgetxattr 10 2.6 fd:s name:p value:p size:W
listxattr 11 2.6 pathname:p list:p size:W
llistxattr 12 2.6 pathname:p list:p size:W
flistxattr 13 2.6 fd:s list:p size:W
removexattr 14 2.6 pathname:p name:p
lremovexattr 15 2.6 pathname:p name:p
fremovexattr 16 2.6 fd:s name:p
getcwd 17 2.2 buf:p size:W
lookup_dcookie 18 2.6 !
eventfd2 19 2.6.27 count:w flags:s
epoll_create1 20 2.6.27 flags:s
epoll_ctl 21 2.6 epfd:s op:s fd:s event:p
epoll_pwait 22 2.6.19 epfd:s events:p maxevents:s timeout:s sigmask:p sigsetsize:W
dup 23 1.0 fildes:w
dup3 24 2.6.27 oldfd:w newfd:w flags:s
fcntl 25 1.0 fd:w cmd:w arg:M
inotify_init1 26 2.6.27 flags:s
inotify_add_watch 27 2.6.13 fd:s pathname:p mask:w
inotify_rm_watch 28 2.6.13 fd:s wd:s
ioctl 29 1.0 fd:w cmd:w arg:M
ioprio_set 30 2.6.13 which:s who:s ioprio:s
ioprio_get 31 2.6.13 which:s who:s
flock 32 2.0 fd:w cmd:w
mknodat 33 2.6.16 dfd:s filename:p mode:h dev:w
mkdirat 34 2.6.16 dfd:s pathname:p mode:h
unlinkat 35 2.6.16 dfd:s pathname:p flag:s
symlinkat 36 2.6.16 oldname:p newdfd:s newname:p
linkat 37 2.6.16 olddfd:s oldname:p newdfd:s newname:p flags:s
umount2 39 2.2 name:p flags:s
mount 40 1.0 dev_name:p dir_name:p type:p flags:W data:p
pivot_root 41 2.4 new_root:p put_old:p
nfsservctl 42 2.2 !
statfs 43 1.0 pathname:p buf:p
fstatfs 44 1.0 fd:w buf:p
truncate 45 1.0 path:p length:S
ftruncate 46 1.0 fd:w length:S
fallocate 47 2.6.23 fd:s mode:s offset:S len:S
faccessat 48 2.6.16 dfd:s filename:p mode:s
chdir 49 1.0 filename:p
fchdir 50 1.0 fd:w
chroot 51 1.0 filename:p
fchmod 52 1.0 fd:w mode:h
fchmodat 53 2.6.16 dfd:s filename:p mode:h
fchownat 54 2.6.16 dfd:s filename:p user:w group:w flag:s
fchown 55 1.0 fd:w user:w group:w
openat 56 2.6.16 dfd:s filename:p flags:s mode:h
close 57 1.0 fd:w
vhangup 58 1.0
pipe2 59 2.6.27 fildes:p flags:s
quotactl 60 1.0 cmd:w special:p id:w addr:p
getdents64 61 2.4 fd:w dirent:p count:w
lseek 62 1.0 fd:w offset:S whence:w
read 63 1.0 fd:w buf:p count:W
write 64 1.0 fd:w buf:p count:W
readv 65 2.0 fd:w vec:p vlen:W
writev 66 2.0 fd:w vec:p vlen:W
pread64 67 1.0 fd:w buf:p count:W pos:S
pwrite64 68 1.0 fd:w buf:p count:W pos:S
preadv 69 2.6.30 fd:w vec:p vlen:W pos_l:W pos_h:W
pwritev 70 2.6.30 fd:w vec:p vlen:W pos_l:W pos_h:W
sendfile 71 2.2 out_fd:s in_fd:s offset:p count:W
pselect6 72 2.6.16 n:s inp:p outp:p exp:p tsp:p sig:p
ppoll 73 2.6.16 ufds:p nfds:w tsp:p sigmask:p sigsetsize:W
signalfd4 74 2.6.27 ufd:s user_mask:p sizemask:W flags:s
vmsplice 75 2.6.17 fd:s uiov:p nr_segs:W flags:w
splice 76 2.6.17 fd_in:s off_in:p fd_out:s off_out:p len:W flags:w
tee 77 2.6.17 fdin:s fdout:s len:W flags:w
readlinkat 78 2.6.16 dfd:s pathname:p buf:p bufsiz:s
newfstatat 79 2.6.16 dfd:s filename:p statbuf:p flag:s
fstat 80 1.0 fd:w statbuf:p
sync 81 1.0
fsync 82 1.0 fd:w
fdatasync 83 2.0 fd:w
sync_file_range 84 2.6.17 fd:s offset:S nbytes:S flags:w
timerfd_create 85 2.6.25 clockid:s flags:s
timerfd_settime 86 2.6.25 ufd:s flags:s utmr:p otmr:p
timerfd_gettime 87 2.6.25 ufd:s otmr:p
utimensat 88 2.6.22 dfd:s filename:p utimes:p flags:s
acct 89 1.0 name:p
capget 90 2.2 header:p dataptr:p
capset 91 2.2 header:p data:p
personality 92 1.2 personality:w
exit 93 1.0 error_code:s
exit_group 94 2.6 error_code:s
waitid 95 2.6.10 which:s upid:s infop:p options:s ru:p
set_tid_address 96 2.6 tidptr:p
unshare 97 2.6.16 unshare_flags:W
futex 98 2.6 uaddr:p op:s val:w utime:p uaddr2:p val3:w
set_robust_list 99 2.6.17 head:p len:W
get_robust_list 100 2.6.17 pid:s head_ptr:p len_ptr:p
nanosleep 101 2.0 rqtp:p rmtp:p
getitimer 102 1.0 which:s value:p
setitimer 103 1.0 which:s value:p ovalue:p
kexec_load 104 2.6.13 entry:W nr_segments:W segments:p flags:W
init_module 105 1.0 umod:p len:W uargs:p
delete_module 106 1.0 name_user:p flags:w
timer_create 107 2.6 which_clock:s timer_event_spec:p created_timer_id:p
timer_gettime 108 2.6 timer_id:s setting:p
timer_getoverrun 109 2.6 timer_id:s
timer_settime 110 2.6 timer_id:s flags:s new_setting:p old_setting:p
timer_delete 111 2.6 timer_id:s
clock_settime 112 2.6 which_clock:s tp:p
clock_gettime 113 2.6 which_clock:s tp:p
clock_getres 114 2.6 which_clock:s tp:p
clock_nanosleep 115 2.6 which_clock:s flags:s rqtp:p rmtp:p
syslog 116 1.0 type:s buf:p len:s
ptrace 117 1.0 request:S pid:S addr:M data:M
sched_setparam 118 2.0 pid:s param:p
sched_setscheduler 119 2.0 pid:s policy:s param:p
sched_getscheduler 120 2.0 pid:s
sched_getparam 121 2.0 pid:s param:p
sched_setaffinity 122 2.6 pid:s len:w user_mask_ptr:p
sched_getaffinity 123 2.6 pid:s len:w user_mask_ptr:p
sched_yield 124 2.0
sched_get_priority_max 125 2.0 policy:s
sched_get_priority_min 126 2.0 policy:s
sched_rr_get_interval 127 2.0 pid:s interval:p
restart_syscall 128 2.6
kill 129 1.0 pid:s sig:s
tkill 130 2.6 pid:s sig:s
tgkill 131 2.6 tgid:s pid:s sig:s
sigaltstack 132 2.2 uss:p uoss:p
rt_sigsuspend 133 2.2 unewset:p sigsetsize:W
rt_sigaction 134 2.2 sig:s act:p oact:p sigsetsize:W
rt_sigprocmask 135 2.2 how:s nset:p oset:p sigsetsize:W
rt_sigpending 136 2.2 uset:p sigsetsize:W
rt_sigtimedwait 137 2.2 uthese:p uinfo:p uts:p sigsetsize:W
rt_sigqueueinfo 138 2.2 pid:s sig:s uinfo:p
rt_sigreturn 139 2.2
setpriority 140 1.0 which:s who:s niceval:s
getpriority 141 1.0 which:s who:s
reboot 142 1.0 magic1:s magic2:s cmd:w arg:p
setregid 143 1.0 rgid:w egid:w
setgid 144 1.0 gid:w
setreuid 145 1.0 ruid:w euid:w
setuid 146 1.0 uid:w
setresuid 147 2.2 ruid:w euid:w suid:w
getresuid 148 2.2 ruidp:p euidp:p suidp:p
setresgid 149 2.2 rgid:w egid:w sgid:w
getresgid 150 2.2 rgidp:p egidp:p sgidp:p
setfsuid 151 1.2 uid:w
setfsgid 152 1.2 gid:w
times 153 1.0 tbuf:p
setpgid 154 1.0 pid:s pgid:s
getpgid 155 1.0 pid:s
getsid 156 2.0 pid:s
setsid 157 1.0
getgroups 158 1.0 gidsetsize:s grouplist:p
setgroups 159 1.0 gidsetsize:s grouplist:p
uname 160 1.0 name:p
sethostname 161 1.0 name:p len:s
setdomainname 162 1.0 name:p len:s
getrlimit 163 1.0 resource:w rlim:p
setrlimit 164 1.0 resource:w rlim:p
getrusage 165 1.0 who:s ru:p
umask 166 1.0 mask:s
prctl 167 2.2 option:s arg2:M arg3:M arg4:M arg5:M
getcpu 168 2.6.19 cpup:p nodep:p unused:p
gettimeofday 169 1.0 tv:p tz:p
settimeofday 170 1.0 tv:p tz:p
adjtimex 171 1.0 txc_p:p
getpid 172 1.0
getppid 173 1.0
getuid 174 1.0
geteuid 175 1.0
getgid 176 1.0
getegid 177 1.0
gettid 178 2.4.11
sysinfo 179 1.0 info:p
mq_open 180 2.6.6 u_name:p oflag:s mode:h u_attr:p
mq_unlink 181 2.6.6 u_name:p
mq_timedsend 182 2.6.6 mqdes:s u_msg_ptr:p msg_len:W msg_prio:w u_abs_timeout:p
mq_timedreceive 183 2.6.6 mqdes:s u_msg_ptr:p msg_len:W u_msg_prio:p u_abs_timeout:p
mq_notify 184 2.6.6 mqdes:s u_notification:p
mq_getsetattr 185 2.6.6 mqdes:s u_mqstat:p u_omqstat:p
msgget 186 2.0 key:s msgflg:s
msgctl 187 2.0 msqid:s cmd:s buf:p
msgrcv 188 2.0 msqid:s msgp:p msgsz:W msgtyp:S msgflg:s
msgsnd 189 2.0 msqid:s msgp:p msgsz:W msgflg:s
semget 190 2.0 key:s nsems:s semflg:s
semctl 191 2.0 semid:s semnum:s cmd:s arg:M
semtimedop 192 2.6 semid:s tsops:p nsops:w timeout:p
semop 193 2.0 semid:s tsops:p nsops:w
shmget 194 2.0 key:s size:W shmflg:s
shmctl 195 2.0 shmid:s cmd:s buf:p
shmat 196 2.0 shmid:s shmaddr:p shmflg:s
shmdt 197 2.0 shmaddr:p
socket 198 2.0 family:s type:s protocol:s
socketpair 199 2.0 family:s type:s protocol:s usockvec:p
bind 200 2.0 fd:s umyaddr:p addrlen:s
listen 201 2.0 fd:s backlog:s
accept 202 2.0 fd:s upeer_sockaddr:p upeer_addrlen:p
connect 203 2.0 fd:s uservaddr:p addrlen:s
getsockname 204 2.0 fd:s usockaddr:p usockaddr_len:p
getpeername 205 2.0 fd:s usockaddr:p usockaddr_len:p
sendto 206 2.0 fd:s buff:p len:W flags:w addr:p addr_len:s
recvfrom 207 2.0 fd:s ubuf:p size:W flags:w addr:p addr_len:p
setsockopt 208 2.0 fd:s level:s optname:s optval:p optlen:s
getsockopt 209 2.0 fd:s level:s optname:s optval:p optlen:p
shutdown 210 2.0 fd:s how:s
sendmsg 211 2.0 fd:s msg:p flags:w
recvmsg 212 2.0 fd:s msg:p flags:w
readahead 213 2.4.13 fd:s offset:S count:W
brk 214 1.0 brk:W
munmap 215 1.0 addr:W len:W
mremap 216 2.0 addr:W old_len:W new_len:W flags:W new_addr:W
add_key 217 2.6.10 _type:p _description:p _payload:p plen:W ringid:s
request_key 218 2.6.10 _type:p _description:p _callout_info:p destringid:s
keyctl 219 2.6.10 option:s arg2:M arg3:M arg4:M arg5:M
clone 220 1.0 clone_flags:w newsp:M parent_tidptr:p tls:M child_tidptr:p
execve 221 1.0 filename:p argv:p envp:p
mmap 222 1.0 addr:W len:W prot:w flags:w fd:w offset:W
fadvise64 223 2.6 fd:s offset:S len:S advice:s
swapon 224 1.0 specialfile:p swap_flags:s
swapoff 225 1.0 specialfile:p
mprotect 226 1.0 start:W len:W prot:W
msync 227 2.0 start:W len:W flags:s
mlock 228 2.0 start:W len:W
munlock 229 2.0 start:W len:W
mlockall 230 2.0 flags:s
munlockall 231 2.0
mincore 232 2.4 start:W len:W vec:p
madvise 233 2.4 start:W len_in:W behavior:s
remap_file_pages 234 2.6 start:W size:W prot:W pgoff:W flags:W
mbind 235 2.6.6 start:W len:W mode:W nmask:p maxnode:W flags:w
get_mempolicy 236 2.6.6 policy:p nmask:p maxnode:W addr:W flags:W
set_mempolicy 237 2.6.6 mode:s nmask:p maxnode:W
migrate_pages 238 2.6.16 pid:s maxnode:W old_nodes:p new_nodes:p
move_pages 239 2.6.18 pid:s nr_pages:W pages:p nodes:p status:p flags:s
rt_tgsigqueueinfo 240 2.6.31 tgid:s pid:s sig:s uinfo:p
perf_event_open 241 2.6.31 attr_uptr:p pid:s cpu:s group_fd:s flags:W
accept4 242 2.6.28 fd:s upeer_sockaddr:p upeer_addrlen:p flags:s
recvmmsg 243 2.6.33 fd:s mmsg:p vlen:w flags:w timeout:p
riscv_hwprobe 258 6.4 pairs:p pair_count:W cpusetsize:W cpus:p flags:w
riscv_flush_icache 259 4.15 start:W end:W flags:W
wait4 260 1.0 upid:s stat_addr:p options:s ru:p
prlimit64 261 2.6.36 pid:s resource:w new_rlim:p old_rlim:p
fanotify_init 262 2.6.37 flags:w event_f_flags:w
fanotify_mark 263 2.6.37 fanotify_fd:s flags:w mask:W dfd:s pathname:p
name_to_handle_at 264 2.6.39 dfd:s name:p handle:p mnt_id:p flag:s
open_by_handle_at 265 2.6.39 mountdirfd:s handle:p flags:s
clock_adjtime 266 2.6.39 which_clock:s utx:p
syncfs 267 2.6.39 fd:s
setns 268 3.0 fd:s flags:s
sendmmsg 269 3.0 fd:s mmsg:p vlen:w flags:w
process_vm_readv 270 3.2 pid:s lvec:p liovcnt:W rvec:p riovcnt:W flags:W
process_vm_writev 271 3.2 pid:s lvec:p liovcnt:W rvec:p riovcnt:W flags:W
kcmp 272 3.5 pid1:s pid2:s type:s idx1:W idx2:W
finit_module 273 3.8 fd:s uargs:p flags:s
sched_setattr 274 3.14 pid:s uattr:p flags:w
sched_getattr 275 3.14 pid:s uattr:p usize:w flags:w
renameat2 276 3.15 olddfd:s oldname:p newdfd:s newname:p flags:w
seccomp 277 3.17 op:w flags:w uargs:p
getrandom 278 3.17 ubuf:p len:W flags:w
memfd_create 279 3.17 uname:p flags:w
bpf 280 3.18 cmd:s uattr:p size:w uattr_common:p size_common:w
execveat 281 3.19 fd:s filename:p argv:p envp:p flags:s
userfaultfd 282 4.3 flags:s
membarrier 283 3.17 cmd:s flags:w cpu_id:s
mlock2 284 4.4 start:W len:W flags:s
copy_file_range 285 4.5 fd_in:s off_in:p fd_out:s off_out:p len:W flags:w
preadv2 286 4.6 fd:w vec:p vlen:W pos_l:W pos_h:W flags:s
pwritev2 287 4.6 fd:w vec:p vlen:W pos_l:W pos_h:W flags:s
pkey_mprotect 288 4.8 start:W len:W prot:W pkey:s
pkey_alloc 289 4.8 flags:W init_val:W
pkey_free 290 4.8 pkey:s
statx 291 4.11 dfd:s filename:p flags:w mask:w buffer:p
io_pgetevents 292 4.18 ctx_id:W min_nr:S nr:S events:p timeout:p usig:p
rseq 293 4.18 rseq:p rseq_len:w flags:s sig:w
kexec_file_load 294 3.17 kernel_fd:s initrd_fd:s cmdline_len:W cmdline_ptr:p flags:W
pidfd_send_signal 424 5.1 pidfd:s sig:s info:p flags:w
io_uring_setup 425 5.1 entries:w params:p
io_uring_enter 426 5.1 fd:w to_submit:w min_complete:w flags:w argp:p argsz:W
io_uring_register 427 5.1 fd:w opcode:w arg:p nr_args:w
open_tree 428 5.2 dfd:s filename:p flags:w
move_mount 429 5.2 from_dfd:s from_pathname:p to_dfd:s to_pathname:p flags:w
fsopen 430 5.2 _fs_name:p flags:w
fsconfig 431 5.2 fd:s cmd:w _key:p _value:p aux:s
fsmount 432 5.2 fs_fd:s flags:w attr_flags:w
fspick 433 5.2 dfd:s path:p flags:w
pidfd_open 434 5.3 pid:s flags:w
clone3 435 5.3 uargs:p size:W
close_range 436 5.9 fd:w max_fd:w flags:w
openat2 437 5.6 dfd:s filename:p how:p usize:W
pidfd_getfd 438 5.6 pidfd:s fd:s flags:w
faccessat2 439 5.8 dfd:s filename:p mode:s flags:s
process_madvise 440 5.10 pidfd:s vec:p vlen:W behavior:s flags:w
epoll_pwait2 441 5.11 epfd:s events:p maxevents:s timeout:p sigmask:p sigsetsize:W
mount_setattr 442 5.12 dfd:s path:p flags:w uattr:p usize:W
quotactl_fd 443 5.14 fd:w cmd:w id:w addr:p
landlock_create_ruleset 444 5.13 attr:p size:W flags:w
landlock_add_rule 445 5.13 ruleset_fd:s rule_type:w rule_attr:p flags:w
landlock_restrict_self 446 5.13 ruleset_fd:s flags:w
memfd_secret 447 5.14 flags:w
process_mrelease 448 5.15 pidfd:s flags:w
futex_waitv 449 5.16 waiters:p nr_futexes:w flags:w timeout:p clockid:s
set_mempolicy_home_node 450 5.17 start:W len:W home_node:W flags:W
cachestat 451 6.5 fd:w cstat_range:p cstat:p flags:w
fchmodat2 452 6.6 dfd:s filename:p mode:h flags:w
map_shadow_stack 453 6.6 addr:W size:W flags:w
futex_wake 454 6.7 uaddr:p mask:W nr:s flags:w
futex_wait 455 6.7 uaddr:p val:W mask:W flags:w timeout:p clockid:s
futex_requeue 456 6.7 waiters:p flags:w nr_wake:s nr_requeue:s
statmount 457 6.8 req:p buf:p bufsize:W flags:w
listmount 458 6.8 req:p mnt_ids:p nr_mnt_ids:W flags:w
lsm_get_self_attr 459 6.8 attr:w ctx:p size:p flags:w
lsm_set_self_attr 460 6.8 attr:w ctx:p size:w flags:w
lsm_list_modules 461 6.8 ids:p size:p flags:w
mseal 462 6.10 start:W len:W flags:W
setxattrat 463 6.13 dfd:s pathname:p at_flags:w name:p uargs:p usize:W
getxattrat 464 6.13 dfd:s pathname:p at_flags:w name:p uargs:p usize:W
listxattrat 465 6.13 dfd:s pathname:p at_flags:w list:p size:W
removexattrat 466 6.13 dfd:s pathname:p at_flags:w name:p
open_tree_attr 467 6.15 dfd:s filename:p flags:w uattr:p usize:W
file_getattr 468 6.17 dfd:s filename:p ufattr:p usize:W at_flags:w
file_setattr 469 6.17 dfd:s filename:p ufattr:p usize:W at_flags:w
listns 470 6.19 req:p ns_ids:p nr_ns_ids:W flags:w
rseq_slice_yield 471 7.0
fchroot 472 7.3 fd:s flags:w
`
