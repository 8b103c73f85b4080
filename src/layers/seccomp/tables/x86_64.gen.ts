// Generated from src/layers/seccomp/data by src/tools/generate-seccomp-tables.ts. Do not edit.
// System calls of x86_64, Linux 7.3.4 (Debian linux-libc-dev 7.3.4-1~bpo13+1).

/** Lines of `name number since argument:class...`; the classes are in tables.ts; `!`: the kernel has no body. */
export const calls = `
read 0 1.0 fd:w buf:p count:W
write 1 1.0 fd:w buf:p count:W
open 2 1.0 filename:p flags:s mode:h
close 3 1.0 fd:w
stat 4 1.0 filename:p statbuf:p
fstat 5 1.0 fd:w statbuf:p
lstat 6 1.0 filename:p statbuf:p
poll 7 2.0.36 ufds:p nfds:w timeout_msecs:s
lseek 8 1.0 fd:w offset:S whence:w
mmap 9 1.0 addr:W len:W prot:w flags:w fd:w off:W
mprotect 10 1.0 start:W len:W prot:W
munmap 11 1.0 addr:W len:W
brk 12 1.0 brk:W
rt_sigaction 13 2.2 sig:s act:p oact:p sigsetsize:W
rt_sigprocmask 14 2.2 how:s nset:p oset:p sigsetsize:W
rt_sigreturn 15 2.2
ioctl 16 1.0 fd:w cmd:w arg:M
pread64 17 1.0 fd:w buf:p count:W pos:S
pwrite64 18 1.0 fd:w buf:p count:W pos:S
readv 19 2.0 fd:w vec:p vlen:W
writev 20 2.0 fd:w vec:p vlen:W
access 21 1.0 filename:p mode:s
pipe 22 1.0 fildes:p
select 23 1.0 n:s inp:p outp:p exp:p tvp:p
sched_yield 24 2.0
mremap 25 2.0 addr:W old_len:W new_len:W flags:W new_addr:W
msync 26 2.0 start:W len:W flags:s
mincore 27 2.4 start:W len:W vec:p
madvise 28 2.4 start:W len_in:W behavior:s
shmget 29 2.0 key:s size:W shmflg:s
shmat 30 2.0 shmid:s shmaddr:p shmflg:s
shmctl 31 2.0 shmid:s cmd:s buf:p
dup 32 1.0 fildes:w
dup2 33 1.0 oldfd:w newfd:w
pause 34 1.0
nanosleep 35 2.0 rqtp:p rmtp:p
getitimer 36 1.0 which:s value:p
alarm 37 1.0 seconds:w
setitimer 38 1.0 which:s value:p ovalue:p
getpid 39 1.0
sendfile 40 2.2 out_fd:s in_fd:s offset:p count:W
socket 41 2.0 family:s type:s protocol:s
connect 42 2.0 fd:s uservaddr:p addrlen:s
accept 43 2.0 fd:s upeer_sockaddr:p upeer_addrlen:p
sendto 44 2.0 fd:s buff:p len:W flags:w addr:p addr_len:s
recvfrom 45 2.0 fd:s ubuf:p size:W flags:w addr:p addr_len:p
sendmsg 46 2.0 fd:s msg:p flags:w
recvmsg 47 2.0 fd:s msg:p flags:w
shutdown 48 2.0 fd:s how:s
bind 49 2.0 fd:s umyaddr:p addrlen:s
listen 50 2.0 fd:s backlog:s
getsockname 51 2.0 fd:s usockaddr:p usockaddr_len:p
getpeername 52 2.0 fd:s usockaddr:p usockaddr_len:p
socketpair 53 2.0 family:s type:s protocol:s usockvec:p
setsockopt 54 2.0 fd:s level:s optname:s optval:p optlen:s
getsockopt 55 2.0 fd:s level:s optname:s optval:p optlen:p
clone 56 1.0 clone_flags:w newsp:M parent_tidptr:p child_tidptr:p tls:M
fork 57 1.0
vfork 58 2.2
execve 59 1.0 filename:p argv:p envp:p
exit 60 1.0 error_code:s
wait4 61 1.0 upid:s stat_addr:p options:s ru:p
kill 62 1.0 pid:s sig:s
uname 63 1.0 name:p
semget 64 2.0 key:s nsems:s semflg:s
semop 65 2.0 semid:s tsops:p nsops:w
semctl 66 2.0 semid:s semnum:s cmd:s arg:M
shmdt 67 2.0 shmaddr:p
msgget 68 2.0 key:s msgflg:s
msgsnd 69 2.0 msqid:s msgp:p msgsz:W msgflg:s
msgrcv 70 2.0 msqid:s msgp:p msgsz:W msgtyp:S msgflg:s
msgctl 71 2.0 msqid:s cmd:s buf:p
fcntl 72 1.0 fd:w cmd:w arg:M
flock 73 2.0 fd:w cmd:w
fsync 74 1.0 fd:w
fdatasync 75 2.0 fd:w
truncate 76 1.0 path:p length:S
ftruncate 77 1.0 fd:w length:S
getdents 78 2.0 fd:w dirent:p count:w
getcwd 79 2.2 buf:p size:W
chdir 80 1.0 filename:p
fchdir 81 1.0 fd:w
rename 82 1.0 oldname:p newname:p
mkdir 83 1.0 pathname:p mode:h
rmdir 84 1.0 pathname:p
creat 85 1.0 pathname:p mode:h
link 86 1.0 oldname:p newname:p
unlink 87 1.0 pathname:p
symlink 88 1.0 oldname:p newname:p
readlink 89 1.0 path:p buf:p bufsiz:s
chmod 90 1.0 filename:p mode:h
fchmod 91 1.0 fd:w mode:h
chown 92 2.2 filename:p user:w group:w
fchown 93 1.0 fd:w user:w group:w
lchown 94 1.0 filename:p user:w group:w
umask 95 1.0 mask:s
gettimeofday 96 1.0 tv:p tz:p
getrlimit 97 1.0 resource:w rlim:p
getrusage 98 1.0 who:s ru:p
sysinfo 99 1.0 info:p
times 100 1.0 tbuf:p
ptrace 101 1.0 request:S pid:S addr:M data:M
getuid 102 1.0
syslog 103 1.0 type:s buf:p len:s
getgid 104 1.0
setuid 105 1.0 uid:w
setgid 106 1.0 gid:w
geteuid 107 1.0
getegid 108 1.0
setpgid 109 1.0 pid:s pgid:s
getppid 110 1.0
getpgrp 111 1.0
setsid 112 1.0
setreuid 113 1.0 ruid:w euid:w
setregid 114 1.0 rgid:w egid:w
getgroups 115 1.0 gidsetsize:s grouplist:p
setgroups 116 1.0 gidsetsize:s grouplist:p
setresuid 117 2.2 ruid:w euid:w suid:w
getresuid 118 2.2 ruidp:p euidp:p suidp:p
setresgid 119 2.2 rgid:w egid:w sgid:w
getresgid 120 2.2 rgidp:p egidp:p sgidp:p
getpgid 121 1.0 pid:s
setfsuid 122 1.2 uid:w
setfsgid 123 1.2 gid:w
getsid 124 2.0 pid:s
capget 125 2.2 header:p dataptr:p
capset 126 2.2 header:p data:p
rt_sigpending 127 2.2 uset:p sigsetsize:W
rt_sigtimedwait 128 2.2 uthese:p uinfo:p uts:p sigsetsize:W
rt_sigqueueinfo 129 2.2 pid:s sig:s uinfo:p
rt_sigsuspend 130 2.2 unewset:p sigsetsize:W
sigaltstack 131 2.2 uss:p uoss:p
utime 132 1.0 filename:p times:p
mknod 133 1.0 filename:p mode:h dev:w
uselib 134 1.0 !
personality 135 1.2 personality:w
ustat 136 1.0 dev:w ubuf:p
statfs 137 1.0 pathname:p buf:p
fstatfs 138 1.0 fd:w buf:p
sysfs 139 1.2 option:s arg1:M arg2:M
getpriority 140 1.0 which:s who:s
setpriority 141 1.0 which:s who:s niceval:s
sched_setparam 142 2.0 pid:s param:p
sched_getparam 143 2.0 pid:s param:p
sched_setscheduler 144 2.0 pid:s policy:s param:p
sched_getscheduler 145 2.0 pid:s
sched_get_priority_max 146 2.0 policy:s
sched_get_priority_min 147 2.0 policy:s
sched_rr_get_interval 148 2.0 pid:s interval:p
mlock 149 2.0 start:W len:W
munlock 150 2.0 start:W len:W
mlockall 151 2.0 flags:s
munlockall 152 2.0
vhangup 153 1.0
modify_ldt 154 1.0 func:s ptr:p bytecount:W
pivot_root 155 2.4 new_root:p put_old:p
_sysctl 156 2.0 !
prctl 157 2.2 option:s arg2:M arg3:M arg4:M arg5:M
arch_prctl 158 2.6 option:s arg2:M
adjtimex 159 1.0 txc_p:p
setrlimit 160 1.0 resource:w rlim:p
chroot 161 1.0 filename:p
sync 162 1.0
acct 163 1.0 name:p
settimeofday 164 1.0 tv:p tz:p
mount 165 1.0 dev_name:p dir_name:p type:p flags:W data:p
umount2 166 2.2 name:p flags:s
swapon 167 1.0 specialfile:p swap_flags:s
swapoff 168 1.0 specialfile:p
reboot 169 1.0 magic1:s magic2:s cmd:w arg:p
sethostname 170 1.0 name:p len:s
setdomainname 171 1.0 name:p len:s
iopl 172 1.0 level:w
ioperm 173 1.0 from:W num:W turn_on:s
create_module 174 1.0 !
init_module 175 1.0 umod:p len:W uargs:p
delete_module 176 1.0 name_user:p flags:w
get_kernel_syms 177 1.0 !
query_module 178 2.2 !
quotactl 179 1.0 cmd:w special:p id:w addr:p
nfsservctl 180 2.2 !
getpmsg 181 never !
putpmsg 182 never !
afs_syscall 183 never !
tuxcall 184 never !
security 185 never !
gettid 186 2.4.11
readahead 187 2.4.13 fd:s offset:S count:W
setxattr 188 2.6 pathname:p name:p value:p size:W flags:s
lsetxattr 189 2.6 pathname:p name:p value:p size:W flags:s
fsetxattr 190 2.6 fd:s name:p value:p size:W flags:s
getxattr 191 2.6 pathname:p name:p value:p size:W
lgetxattr 192 2.6 pathname:p name:p value:p size:W
fgetxattr 193 2.6 fd:s name:p value:p size:W
listxattr 194 2.6 pathname:p list:p size:W
llistxattr 195 2.6 pathname:p list:p size:W
flistxattr 196 2.6 fd:s list:p size:W
removexattr 197 2.6 pathname:p name:p
lremovexattr 198 2.6 pathname:p name:p
fremovexattr 199 2.6 fd:s name:p
tkill 200 2.6 pid:s sig:s
time 201 1.0 tloc:p
futex 202 2.6 uaddr:p op:s val:w utime:p uaddr2:p val3:w
sched_setaffinity 203 2.6 pid:s len:w user_mask_ptr:p
sched_getaffinity 204 2.6 pid:s len:w user_mask_ptr:p
set_thread_area 205 2.6 !
io_setup 206 2.6 nr_events:w ctxp:p
io_destroy 207 2.6 ctx:W
io_getevents 208 2.6 ctx_id:W min_nr:S nr:S events:p timeout:p
io_submit 209 2.6 ctx_id:W nr:S iocbpp:p
io_cancel 210 2.6 ctx_id:W iocb:p result:p
get_thread_area 211 2.6 !
lookup_dcookie 212 2.6 !
epoll_create 213 2.6 size:s
epoll_ctl_old 214 never !
epoll_wait_old 215 never !
remap_file_pages 216 2.6 start:W size:W prot:W pgoff:W flags:W
getdents64 217 2.4 fd:w dirent:p count:w
set_tid_address 218 2.6 tidptr:p
restart_syscall 219 2.6
semtimedop 220 2.6 semid:s tsops:p nsops:w timeout:p
fadvise64 221 2.6 fd:s offset:S len:W advice:s
timer_create 222 2.6 which_clock:s timer_event_spec:p created_timer_id:p
timer_settime 223 2.6 timer_id:s flags:s new_setting:p old_setting:p
timer_gettime 224 2.6 timer_id:s setting:p
timer_getoverrun 225 2.6 timer_id:s
timer_delete 226 2.6 timer_id:s
clock_settime 227 2.6 which_clock:s tp:p
clock_gettime 228 2.6 which_clock:s tp:p
clock_getres 229 2.6 which_clock:s tp:p
clock_nanosleep 230 2.6 which_clock:s flags:s rqtp:p rmtp:p
exit_group 231 2.6 error_code:s
epoll_wait 232 2.6 epfd:s events:p maxevents:s timeout:s
epoll_ctl 233 2.6 epfd:s op:s fd:s event:p
tgkill 234 2.6 tgid:s pid:s sig:s
utimes 235 2.2 filename:p utimes:p
vserver 236 never !
mbind 237 2.6.6 start:W len:W mode:W nmask:p maxnode:W flags:w
set_mempolicy 238 2.6.6 mode:s nmask:p maxnode:W
get_mempolicy 239 2.6.6 policy:p nmask:p maxnode:W addr:W flags:W
mq_open 240 2.6.6 u_name:p oflag:s mode:h u_attr:p
mq_unlink 241 2.6.6 u_name:p
mq_timedsend 242 2.6.6 mqdes:s u_msg_ptr:p msg_len:W msg_prio:w u_abs_timeout:p
mq_timedreceive 243 2.6.6 mqdes:s u_msg_ptr:p msg_len:W u_msg_prio:p u_abs_timeout:p
mq_notify 244 2.6.6 mqdes:s u_notification:p
mq_getsetattr 245 2.6.6 mqdes:s u_mqstat:p u_omqstat:p
kexec_load 246 2.6.13 entry:W nr_segments:W segments:p flags:W
waitid 247 2.6.10 which:s upid:s infop:p options:s ru:p
add_key 248 2.6.10 _type:p _description:p _payload:p plen:W ringid:s
request_key 249 2.6.10 _type:p _description:p _callout_info:p destringid:s
keyctl 250 2.6.10 option:s arg2:M arg3:M arg4:M arg5:M
ioprio_set 251 2.6.13 which:s who:s ioprio:s
ioprio_get 252 2.6.13 which:s who:s
inotify_init 253 2.6.13
inotify_add_watch 254 2.6.13 fd:s pathname:p mask:w
inotify_rm_watch 255 2.6.13 fd:s wd:s
migrate_pages 256 2.6.16 pid:s maxnode:W old_nodes:p new_nodes:p
openat 257 2.6.16 dfd:s filename:p flags:s mode:h
mkdirat 258 2.6.16 dfd:s pathname:p mode:h
mknodat 259 2.6.16 dfd:s filename:p mode:h dev:w
fchownat 260 2.6.16 dfd:s filename:p user:w group:w flag:s
futimesat 261 2.6.16 dfd:s filename:p utimes:p
newfstatat 262 2.6.16 dfd:s filename:p statbuf:p flag:s
unlinkat 263 2.6.16 dfd:s pathname:p flag:s
renameat 264 2.6.16 olddfd:s oldname:p newdfd:s newname:p
linkat 265 2.6.16 olddfd:s oldname:p newdfd:s newname:p flags:s
symlinkat 266 2.6.16 oldname:p newdfd:s newname:p
readlinkat 267 2.6.16 dfd:s pathname:p buf:p bufsiz:s
fchmodat 268 2.6.16 dfd:s filename:p mode:h
faccessat 269 2.6.16 dfd:s filename:p mode:s
pselect6 270 2.6.16 n:s inp:p outp:p exp:p tsp:p sig:p
ppoll 271 2.6.16 ufds:p nfds:w tsp:p sigmask:p sigsetsize:W
unshare 272 2.6.16 unshare_flags:W
set_robust_list 273 2.6.17 head:p len:W
get_robust_list 274 2.6.17 pid:s head_ptr:p len_ptr:p
splice 275 2.6.17 fd_in:s off_in:p fd_out:s off_out:p len:W flags:w
tee 276 2.6.17 fdin:s fdout:s len:W flags:w
sync_file_range 277 2.6.17 fd:s offset:S nbytes:S flags:w
vmsplice 278 2.6.17 fd:s uiov:p nr_segs:W flags:w
move_pages 279 2.6.18 pid:s nr_pages:W pages:p nodes:p status:p flags:s
utimensat 280 2.6.22 dfd:s filename:p utimes:p flags:s
epoll_pwait 281 2.6.19 epfd:s events:p maxevents:s timeout:s sigmask:p sigsetsize:W
signalfd 282 2.6.22 ufd:s user_mask:p sizemask:W
timerfd_create 283 2.6.25 clockid:s flags:s
eventfd 284 2.6.22 count:w
fallocate 285 2.6.23 fd:s mode:s offset:S len:S
timerfd_settime 286 2.6.25 ufd:s flags:s utmr:p otmr:p
timerfd_gettime 287 2.6.25 ufd:s otmr:p
accept4 288 2.6.28 fd:s upeer_sockaddr:p upeer_addrlen:p flags:s
signalfd4 289 2.6.27 ufd:s user_mask:p sizemask:W flags:s
eventfd2 290 2.6.27 count:w flags:s
epoll_create1 291 2.6.27 flags:s
dup3 292 2.6.27 oldfd:w newfd:w flags:s
pipe2 293 2.6.27 fildes:p flags:s
inotify_init1 294 2.6.27 flags:s
preadv 295 2.6.30 fd:w vec:p vlen:W pos_l:W pos_h:W
pwritev 296 2.6.30 fd:w vec:p vlen:W pos_l:W pos_h:W
rt_tgsigqueueinfo 297 2.6.31 tgid:s pid:s sig:s uinfo:p
perf_event_open 298 2.6.31 attr_uptr:p pid:s cpu:s group_fd:s flags:W
recvmmsg 299 2.6.33 fd:s mmsg:p vlen:w flags:w timeout:p
fanotify_init 300 2.6.37 flags:w event_f_flags:w
fanotify_mark 301 2.6.37 fanotify_fd:s flags:w mask:W dfd:s pathname:p
prlimit64 302 2.6.36 pid:s resource:w new_rlim:p old_rlim:p
name_to_handle_at 303 2.6.39 dfd:s name:p handle:p mnt_id:p flag:s
open_by_handle_at 304 2.6.39 mountdirfd:s handle:p flags:s
clock_adjtime 305 2.6.39 which_clock:s utx:p
syncfs 306 2.6.39 fd:s
sendmmsg 307 3.0 fd:s mmsg:p vlen:w flags:w
setns 308 3.0 fd:s flags:s
getcpu 309 2.6.19 cpup:p nodep:p unused:p
process_vm_readv 310 3.2 pid:s lvec:p liovcnt:W rvec:p riovcnt:W flags:W
process_vm_writev 311 3.2 pid:s lvec:p liovcnt:W rvec:p riovcnt:W flags:W
kcmp 312 3.5 pid1:s pid2:s type:s idx1:W idx2:W
finit_module 313 3.8 fd:s uargs:p flags:s
sched_setattr 314 3.14 pid:s uattr:p flags:w
sched_getattr 315 3.14 pid:s uattr:p usize:w flags:w
renameat2 316 3.15 olddfd:s oldname:p newdfd:s newname:p flags:w
seccomp 317 3.17 op:w flags:w uargs:p
getrandom 318 3.17 ubuf:p len:W flags:w
memfd_create 319 3.17 uname:p flags:w
kexec_file_load 320 3.17 kernel_fd:s initrd_fd:s cmdline_len:W cmdline_ptr:p flags:W
bpf 321 3.18 cmd:s uattr:p size:w uattr_common:p size_common:w
execveat 322 3.19 fd:s filename:p argv:p envp:p flags:s
userfaultfd 323 4.3 flags:s
membarrier 324 3.17 cmd:s flags:w cpu_id:s
mlock2 325 4.4 start:W len:W flags:s
copy_file_range 326 4.5 fd_in:s off_in:p fd_out:s off_out:p len:W flags:w
preadv2 327 4.6 fd:w vec:p vlen:W pos_l:W pos_h:W flags:s
pwritev2 328 4.6 fd:w vec:p vlen:W pos_l:W pos_h:W flags:s
pkey_mprotect 329 4.8 start:W len:W prot:W pkey:s
pkey_alloc 330 4.8 flags:W init_val:W
pkey_free 331 4.8 pkey:s
statx 332 4.11 dfd:s filename:p flags:w mask:w buffer:p
io_pgetevents 333 4.18 ctx_id:W min_nr:S nr:S events:p timeout:p usig:p
rseq 334 4.18 rseq:p rseq_len:w flags:s sig:w
uretprobe 335 6.11
uprobe 336 6.18
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
