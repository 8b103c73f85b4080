// Generated from src/layers/seccomp/data by src/tools/generate-seccomp-tables.ts. Do not edit.
// System calls of arm, Linux 7.3.4 (Debian linux-libc-dev 7.3.4-1~bpo13+1).

/** Lines of `name number since argument:class...`; the classes are in tables.ts; `!`: the kernel has no body. */
export const calls = `
restart_syscall 0 2.6
exit 1 1.0 error_code:s
fork 2 1.0
read 3 1.0 fd:w buf:p count:w
write 4 1.0 fd:w buf:p count:w
open 5 1.0 filename:p flags:s mode:h
close 6 1.0 fd:w
creat 8 1.0 pathname:p mode:h
link 9 1.0 oldname:p newname:p
unlink 10 1.0 pathname:p
execve 11 1.0 filename:p argv:p envp:p
chdir 12 1.0 filename:p
mknod 14 1.0 filename:p mode:h dev:w
chmod 15 1.0 filename:p mode:h
lchown 16 1.0 filename:p user:h group:h
lseek 19 1.0 fd:w offset:s whence:w
getpid 20 1.0
mount 21 1.0 dev_name:p dir_name:p type:p flags:w data:p
setuid 23 1.0 uid:h
getuid 24 1.0
ptrace 26 1.0 request:s pid:s addr:m data:m
pause 29 1.0
access 33 1.0 filename:p mode:s
nice 34 1.0 increment:s
sync 36 1.0
kill 37 1.0 pid:s sig:s
rename 38 1.0 oldname:p newname:p
mkdir 39 1.0 pathname:p mode:h
rmdir 40 1.0 pathname:p
dup 41 1.0 fildes:w
pipe 42 1.0 fildes:p
times 43 1.0 tbuf:p
brk 45 1.0 brk:w
setgid 46 1.0 gid:h
getgid 47 1.0
geteuid 49 1.0
getegid 50 1.0
acct 51 1.0 name:p
umount2 52 2.2 name:p flags:s
ioctl 54 1.0 fd:w cmd:w arg:m
fcntl 55 1.0 fd:w cmd:w arg:m
setpgid 57 1.0 pid:s pgid:s
umask 60 1.0 mask:s
chroot 61 1.0 filename:p
ustat 62 1.0 dev:w u:p
dup2 63 1.0 oldfd:w newfd:w
getppid 64 1.0
getpgrp 65 1.0
setsid 66 1.0
sigaction 67 1.0 sig:s act:p oact:p
setreuid 70 1.0 ruid:h euid:h
setregid 71 1.0 rgid:h egid:h
sigsuspend 72 1.0 mask:w
sigpending 73 1.0 set32:p
sethostname 74 1.0 name:p len:s
setrlimit 75 1.0 resource:w rlim:p
getrusage 77 1.0 who:s ru:p
gettimeofday 78 1.0 tv:p tz:p
settimeofday 79 1.0 tv:p tz:p
getgroups 80 1.0 gidsetsize:s grouplist:p
setgroups 81 1.0 gidsetsize:s grouplist:p
symlink 83 1.0 oldname:p newname:p
readlink 85 1.0 path:p buf:p bufsiz:s
uselib 86 1.0 library:p
swapon 87 1.0 specialfile:p swap_flags:s
reboot 88 1.0 magic1:s magic2:s cmd:w arg:p
munmap 91 1.0 addr:w len:w
truncate 92 1.0 path:p length:s
ftruncate 93 1.0 fd:w length:s
fchmod 94 1.0 fd:w mode:h
fchown 95 1.0 fd:w user:h group:h
getpriority 96 1.0 which:s who:s
setpriority 97 1.0 which:s who:s niceval:s
statfs 99 1.0 pathname:p buf:p
fstatfs 100 1.0 fd:w buf:p
syslog 103 1.0 type:s buf:p len:s
setitimer 104 1.0 which:s value:p ovalue:p
getitimer 105 1.0 which:s value:p
stat 106 1.0 filename:p statbuf:p
lstat 107 1.0 filename:p statbuf:p
fstat 108 1.0 fd:w statbuf:p
vhangup 111 1.0
wait4 114 1.0 pid:s stat_addr:p options:s ru:p
swapoff 115 1.0 specialfile:p
sysinfo 116 1.0 info:p
fsync 118 1.0 fd:w
sigreturn 119 1.0
clone 120 1.0 clone_flags:w newsp:m parent_tidptr:p tls:m child_tidptr:p
setdomainname 121 1.0 name:p len:s
uname 122 1.0 name:p
adjtimex 124 1.0 utp:p
mprotect 125 1.0 start:w len:w prot:w
sigprocmask 126 1.0 how:s nset:p oset:p
init_module 128 1.0 umod:p len:w uargs:p
delete_module 129 1.0 name_user:p flags:w
quotactl 131 1.0 cmd:w special:p id:w addr:p
getpgid 132 1.0 pid:s
fchdir 133 1.0 fd:w
bdflush 134 1.2 !
sysfs 135 1.2 option:s arg1:m arg2:m
personality 136 1.2 personality:w
setfsuid 138 1.2 uid:h
setfsgid 139 1.2 gid:h
_llseek 140 1.2 fd:w offset_high:x offset_low:x result:p whence:w
getdents 141 2.0 fd:w dirent:p count:w
_newselect 142 2.0 n:s inp:p outp:p exp:p tvp:p
flock 143 2.0 fd:w cmd:w
msync 144 2.0 start:w len:w flags:s
readv 145 2.0 fd:w vec:p vlen:w
writev 146 2.0 fd:w vec:p vlen:w
getsid 147 2.0 pid:s
fdatasync 148 2.0 fd:w
_sysctl 149 2.0 !
mlock 150 2.0 start:w len:w
munlock 151 2.0 start:w len:w
mlockall 152 2.0 flags:s
munlockall 153 2.0
sched_setparam 154 2.0 pid:s param:p
sched_getparam 155 2.0 pid:s param:p
sched_setscheduler 156 2.0 pid:s policy:s param:p
sched_getscheduler 157 2.0 pid:s
sched_yield 158 2.0
sched_get_priority_max 159 2.0 policy:s
sched_get_priority_min 160 2.0 policy:s
sched_rr_get_interval 161 2.0 pid:s interval:p
nanosleep 162 2.0 rqtp:p rmtp:p
mremap 163 2.0 addr:w old_len:w new_len:w flags:w new_addr:w
setresuid 164 2.2 ruid:h euid:h suid:h
getresuid 165 2.2 ruidp:p euidp:p suidp:p
poll 168 2.0.36 ufds:p nfds:w timeout_msecs:s
nfsservctl 169 2.2 !
setresgid 170 2.2 rgid:h egid:h sgid:h
getresgid 171 2.2 rgidp:p egidp:p sgidp:p
prctl 172 2.2 option:s arg2:m arg3:m arg4:m arg5:m
rt_sigreturn 173 2.2
rt_sigaction 174 2.2 sig:s act:p oact:p sigsetsize:w
rt_sigprocmask 175 2.2 how:s nset:p oset:p sigsetsize:w
rt_sigpending 176 2.2 uset:p sigsetsize:w
rt_sigtimedwait 177 2.2 uthese:p uinfo:p uts:p sigsetsize:w
rt_sigqueueinfo 178 2.2 pid:s sig:s uinfo:p
rt_sigsuspend 179 2.2 unewset:p sigsetsize:w
pread64 180 1.0 fd:w buf:p count:w __pad:x pos_lo:x pos_hi:x
pwrite64 181 1.0 fd:w buf:p count:w __pad:x pos_lo:x pos_hi:x
chown 182 2.2 filename:p user:h group:h
getcwd 183 2.2 buf:p size:w
capget 184 2.2 header:p dataptr:p
capset 185 2.2 header:p data:p
sigaltstack 186 2.2 uss_ptr:p uoss_ptr:p
sendfile 187 2.2 out_fd:s in_fd:s offset:p count:w
vfork 190 2.2
ugetrlimit 191 2.4 resource:w rlim:p
mmap2 192 2.4 addr:w len:w prot:w flags:w fd:w off_4k:w
truncate64 193 2.4 pathname:p __pad:x length_lo:x length_hi:x
ftruncate64 194 2.4 fd:w __pad:x length_lo:x length_hi:x
stat64 195 2.4 filename:p statbuf:p
lstat64 196 2.4 filename:p statbuf:p
fstat64 197 2.4 fd:w statbuf:p
lchown32 198 2.4 filename:p user:w group:w
getuid32 199 2.4
getgid32 200 2.4
geteuid32 201 2.4
getegid32 202 2.4
setreuid32 203 2.4 ruid:w euid:w
setregid32 204 2.4 rgid:w egid:w
getgroups32 205 2.4 gidsetsize:s grouplist:p
setgroups32 206 2.4 gidsetsize:s grouplist:p
fchown32 207 2.4 fd:w user:w group:w
setresuid32 208 2.4 ruid:w euid:w suid:w
getresuid32 209 2.4 ruidp:p euidp:p suidp:p
setresgid32 210 2.4 rgid:w egid:w sgid:w
getresgid32 211 2.4 rgidp:p egidp:p sgidp:p
chown32 212 2.4 filename:p user:w group:w
setuid32 213 2.4 uid:w
setgid32 214 2.4 gid:w
setfsuid32 215 2.4 uid:w
setfsgid32 216 2.4 gid:w
getdents64 217 2.4 fd:w dirent:p count:w
pivot_root 218 2.4 new_root:p put_old:p
mincore 219 2.4 start:w len:w vec:p
madvise 220 2.4 start:w len_in:w behavior:s
fcntl64 221 2.4 fd:w cmd:w arg:m
gettid 224 2.4.11
readahead 225 2.4.13 fd:s __pad:x offset_lo:x offset_hi:x count:w
setxattr 226 2.6 pathname:p name:p value:p size:w flags:s
lsetxattr 227 2.6 pathname:p name:p value:p size:w flags:s
fsetxattr 228 2.6 fd:s name:p value:p size:w flags:s
getxattr 229 2.6 pathname:p name:p value:p size:w
lgetxattr 230 2.6 pathname:p name:p value:p size:w
fgetxattr 231 2.6 fd:s name:p value:p size:w
listxattr 232 2.6 pathname:p list:p size:w
llistxattr 233 2.6 pathname:p list:p size:w
flistxattr 234 2.6 fd:s list:p size:w
removexattr 235 2.6 pathname:p name:p
lremovexattr 236 2.6 pathname:p name:p
fremovexattr 237 2.6 fd:s name:p
tkill 238 2.6 pid:s sig:s
sendfile64 239 2.6 out_fd:s in_fd:s offset:p count:w
futex 240 2.6 uaddr:p op:s val:w utime:p uaddr2:p val3:w
sched_setaffinity 241 2.6 pid:s len:w user_mask_ptr:p
sched_getaffinity 242 2.6 pid:s len:w user_mask_ptr:p
io_setup 243 2.6 nr_events:w ctx32p:p
io_destroy 244 2.6 ctx:w
io_getevents 245 2.6 ctx_id:w min_nr:s nr:s events:p timeout:p
io_submit 246 2.6 ctx_id:w nr:s iocbpp:p
io_cancel 247 2.6 ctx_id:w iocb:p result:p
exit_group 248 2.6 error_code:s
lookup_dcookie 249 2.6 !
epoll_create 250 2.6 size:s
epoll_ctl 251 2.6 epfd:s op:s fd:s event:p
epoll_wait 252 2.6 epfd:s events:p maxevents:s timeout:s
remap_file_pages 253 2.6 start:w size:w prot:w pgoff:w flags:w
set_tid_address 256 2.6 tidptr:p
timer_create 257 2.6 which_clock:s timer_event_spec:p created_timer_id:p
timer_settime 258 2.6 timer_id:s flags:s new:p old:p
timer_gettime 259 2.6 timer_id:s setting:p
timer_getoverrun 260 2.6 timer_id:s
timer_delete 261 2.6 timer_id:s
clock_settime 262 2.6 which_clock:s tp:p
clock_gettime 263 2.6 which_clock:s tp:p
clock_getres 264 2.6 which_clock:s tp:p
clock_nanosleep 265 2.6 which_clock:s flags:s rqtp:p rmtp:p
statfs64 266 2.6 pathname:p sz:w buf:p
fstatfs64 267 2.6 fd:w sz:w buf:p
tgkill 268 2.6 tgid:s pid:s sig:s
utimes 269 2.2 filename:p t:p
arm_fadvise64_64 270 2.6 fd:s advice:s offset_lo:x offset_hi:x len_lo:x len_hi:x
pciconfig_iobase 271 2.2.15 which:s bus:w devfn:w
pciconfig_read 272 2.0.26 bus:w dfn:w off:w len:w buf:p
pciconfig_write 273 2.0.26 bus:w dfn:w off:w len:w buf:p
mq_open 274 2.6.6 u_name:p oflag:s mode:h u_attr:p
mq_unlink 275 2.6.6 u_name:p
mq_timedsend 276 2.6.6 mqdes:s u_msg_ptr:p msg_len:w msg_prio:w u_abs_timeout:p
mq_timedreceive 277 2.6.6 mqdes:s u_msg_ptr:p msg_len:w u_msg_prio:p u_abs_timeout:p
mq_notify 278 2.6.6 mqdes:s u_notification:p
mq_getsetattr 279 2.6.6 mqdes:s u_mqstat:p u_omqstat:p
waitid 280 2.6.10 which:s pid:s infop:p options:s uru:p
socket 281 2.0 family:s type:s protocol:s
bind 282 2.0 fd:s umyaddr:p addrlen:s
connect 283 2.0 fd:s uservaddr:p addrlen:s
listen 284 2.0 fd:s backlog:s
accept 285 2.0 fd:s upeer_sockaddr:p upeer_addrlen:p
getsockname 286 2.0 fd:s usockaddr:p usockaddr_len:p
getpeername 287 2.0 fd:s usockaddr:p usockaddr_len:p
socketpair 288 2.0 family:s type:s protocol:s usockvec:p
send 289 2.0 fd:s buff:p len:w flags:w
sendto 290 2.0 fd:s buff:p len:w flags:w addr:p addr_len:s
recv 291 2.0 fd:s buf:p len:w flags:w
recvfrom 292 2.0 fd:s buf:p len:w flags:w addr:p addrlen:p
shutdown 293 2.0 fd:s how:s
setsockopt 294 2.0 fd:s level:s optname:s optval:p optlen:s
getsockopt 295 2.0 fd:s level:s optname:s optval:p optlen:p
sendmsg 296 2.0 fd:s msg:p flags:w
recvmsg 297 2.0 fd:s msg:p flags:w
semop 298 2.0 semid:s tsops:p nsops:w
semget 299 2.0 key:s nsems:s semflg:s
semctl 300 2.0 semid:s semnum:s cmd:s arg:m
msgsnd 301 2.0 msqid:s msgp:p msgsz:s msgflg:s
msgrcv 302 2.0 msqid:s msgp:p msgsz:s msgtyp:s msgflg:s
msgget 303 2.0 key:s msgflg:s
msgctl 304 2.0 msqid:s cmd:s uptr:p
shmat 305 2.0 shmid:s shmaddr:p shmflg:s
shmdt 306 2.0 shmaddr:p
shmget 307 2.0 key:s size:w shmflg:s
shmctl 308 2.0 shmid:s cmd:s uptr:p
add_key 309 2.6.10 _type:p _description:p _payload:p plen:w ringid:s
request_key 310 2.6.10 _type:p _description:p _callout_info:p destringid:s
keyctl 311 2.6.10 option:w arg2:m arg3:m arg4:m arg5:m
semtimedop 312 2.6 semid:s tsems:p nsops:w timeout:p
vserver 313 never !
ioprio_set 314 2.6.13 which:s who:s ioprio:s
ioprio_get 315 2.6.13 which:s who:s
inotify_init 316 2.6.13
inotify_add_watch 317 2.6.13 fd:s pathname:p mask:w
inotify_rm_watch 318 2.6.13 fd:s wd:s
mbind 319 2.6.6 start:w len:w mode:w nmask:p maxnode:w flags:w
get_mempolicy 320 2.6.6 policy:p nmask:p maxnode:w addr:w flags:w
set_mempolicy 321 2.6.6 mode:s nmask:p maxnode:w
openat 322 2.6.16 dfd:s filename:p flags:s mode:h
mkdirat 323 2.6.16 dfd:s pathname:p mode:h
mknodat 324 2.6.16 dfd:s filename:p mode:h dev:w
fchownat 325 2.6.16 dfd:s filename:p user:w group:w flag:s
futimesat 326 2.6.16 dfd:w filename:p t:p
fstatat64 327 2.6.16 dfd:s filename:p statbuf:p flag:s
unlinkat 328 2.6.16 dfd:s pathname:p flag:s
renameat 329 2.6.16 olddfd:s oldname:p newdfd:s newname:p
linkat 330 2.6.16 olddfd:s oldname:p newdfd:s newname:p flags:s
symlinkat 331 2.6.16 oldname:p newdfd:s newname:p
readlinkat 332 2.6.16 dfd:s pathname:p buf:p bufsiz:s
fchmodat 333 2.6.16 dfd:s filename:p mode:h
faccessat 334 2.6.16 dfd:s filename:p mode:s
pselect6 335 2.6.16 n:s inp:p outp:p exp:p tsp:p sig:p
ppoll 336 2.6.16 ufds:p nfds:w tsp:p sigmask:p sigsetsize:w
unshare 337 2.6.16 unshare_flags:w
set_robust_list 338 2.6.17 head:p len:w
get_robust_list 339 2.6.17 pid:s head_ptr:p len_ptr:p
splice 340 2.6.17 fd_in:s off_in:p fd_out:s off_out:p len:w flags:w
arm_sync_file_range 341 2.6 fd:s flags:w offset_lo:x offset_hi:x nbytes_lo:x nbytes_hi:x
sync_file_range2 341 2.6.22
tee 342 2.6.17 fdin:s fdout:s len:w flags:w
vmsplice 343 2.6.17 fd:s uiov:p nr_segs:w flags:w
move_pages 344 2.6.18 pid:s nr_pages:w pages:p nodes:p status:p flags:s
getcpu 345 2.6.19 cpup:p nodep:p unused:p
epoll_pwait 346 2.6.19 epfd:s events:p maxevents:s timeout:s sigmask:p sigsetsize:w
kexec_load 347 2.6.13 entry:w nr_segments:w segments:p flags:w
utimensat 348 2.6.22 dfd:w filename:p t:p flags:s
signalfd 349 2.6.22 ufd:s user_mask:p sigsetsize:w
timerfd_create 350 2.6.25 clockid:s flags:s
eventfd 351 2.6.22 count:w
fallocate 352 2.6.23 fd:s mode:s offset_lo:x offset_hi:x len_lo:x len_hi:x
timerfd_settime 353 2.6.25 ufd:s flags:s utmr:p otmr:p
timerfd_gettime 354 2.6.25 ufd:s otmr:p
signalfd4 355 2.6.27 ufd:s user_mask:p sigsetsize:w flags:s
eventfd2 356 2.6.27 count:w flags:s
epoll_create1 357 2.6.27 flags:s
dup3 358 2.6.27 oldfd:w newfd:w flags:s
pipe2 359 2.6.27 fildes:p flags:s
inotify_init1 360 2.6.27 flags:s
preadv 361 2.6.30 fd:w vec:p vlen:w pos_low:x pos_high:x
pwritev 362 2.6.30 fd:w vec:p vlen:w pos_low:x pos_high:x
rt_tgsigqueueinfo 363 2.6.31 tgid:s pid:s sig:s uinfo:p
perf_event_open 364 2.6.31 attr_uptr:p pid:s cpu:s group_fd:s flags:w
recvmmsg 365 2.6.33 fd:s mmsg:p vlen:w flags:w timeout:p
accept4 366 2.6.28 fd:s upeer_sockaddr:p upeer_addrlen:p flags:s
fanotify_init 367 2.6.37 flags:w event_f_flags:w
fanotify_mark 368 2.6.37 fanotify_fd:s flags:w mask:W dfd:s pathname:p
prlimit64 369 2.6.36 pid:s resource:w new_rlim:p old_rlim:p
name_to_handle_at 370 2.6.39 dfd:s name:p handle:p mnt_id:p flag:s
open_by_handle_at 371 2.6.39 mountdirfd:s handle:p flags:s
clock_adjtime 372 2.6.39 which_clock:s utp:p
syncfs 373 2.6.39 fd:s
sendmmsg 374 3.0 fd:s mmsg:p vlen:w flags:w
setns 375 3.0 fd:s flags:s
process_vm_readv 376 3.2 pid:s lvec:p liovcnt:w rvec:p riovcnt:w flags:w
process_vm_writev 377 3.2 pid:s lvec:p liovcnt:w rvec:p riovcnt:w flags:w
kcmp 378 3.5 pid1:s pid2:s type:s idx1:w idx2:w
finit_module 379 3.8 fd:s uargs:p flags:s
sched_setattr 380 3.14 pid:s uattr:p flags:w
sched_getattr 381 3.14 pid:s uattr:p usize:w flags:w
renameat2 382 3.15 olddfd:s oldname:p newdfd:s newname:p flags:w
seccomp 383 3.17 op:w flags:w uargs:p
getrandom 384 3.17 ubuf:p len:w flags:w
memfd_create 385 3.17 uname:p flags:w
bpf 386 3.18 cmd:s uattr:p size:w uattr_common:p size_common:w
execveat 387 3.19 fd:s filename:p argv:p envp:p flags:s
userfaultfd 388 4.3 flags:s
membarrier 389 3.17 cmd:s flags:w cpu_id:s
mlock2 390 4.4 start:w len:w flags:s
copy_file_range 391 4.5 fd_in:s off_in:p fd_out:s off_out:p len:w flags:w
preadv2 392 4.6 fd:w vec:p vlen:w pos_low:x pos_high:x flags:s
pwritev2 393 4.6 fd:w vec:p vlen:w pos_low:x pos_high:x flags:s
pkey_mprotect 394 4.8 start:w len:w prot:w pkey:s
pkey_alloc 395 4.8 flags:w init_val:w
pkey_free 396 4.8 pkey:s
statx 397 4.11 dfd:s filename:p flags:w mask:w buffer:p
rseq 398 4.18 rseq:p rseq_len:w flags:s sig:w
io_pgetevents 399 4.18 ctx_id:w min_nr:s nr:s events:p timeout:p usig:p
migrate_pages 400 2.6.16 pid:s maxnode:w old_nodes:p new_nodes:p
kexec_file_load 401 3.17 kernel_fd:s initrd_fd:s cmdline_len:w cmdline_ptr:p flags:w
clock_gettime64 403 5.1 which_clock:s tp:p
clock_settime64 404 5.1 which_clock:s tp:p
clock_adjtime64 405 5.1 which_clock:s utx:p
clock_getres_time64 406 5.1 which_clock:s tp:p
clock_nanosleep_time64 407 5.1 which_clock:s flags:s rqtp:p rmtp:p
timer_gettime64 408 5.1 timer_id:s setting:p
timer_settime64 409 5.1 timer_id:s flags:s new_setting:p old_setting:p
timerfd_gettime64 410 5.1 ufd:s otmr:p
timerfd_settime64 411 5.1 ufd:s flags:s utmr:p otmr:p
utimensat_time64 412 5.1 dfd:s filename:p utimes:p flags:s
pselect6_time64 413 5.1 n:s inp:p outp:p exp:p tsp:p sig:p
ppoll_time64 414 5.1 ufds:p nfds:w tsp:p sigmask:p sigsetsize:w
io_pgetevents_time64 416 5.1 ctx_id:w min_nr:s nr:s events:p timeout:p usig:p
recvmmsg_time64 417 5.1 fd:s mmsg:p vlen:w flags:w timeout:p
mq_timedsend_time64 418 5.1 mqdes:s u_msg_ptr:p msg_len:w msg_prio:w u_abs_timeout:p
mq_timedreceive_time64 419 5.1 mqdes:s u_msg_ptr:p msg_len:w u_msg_prio:p u_abs_timeout:p
semtimedop_time64 420 5.1 semid:s tsops:p nsops:w timeout:p
rt_sigtimedwait_time64 421 5.1 uthese:p uinfo:p uts:p sigsetsize:w
futex_time64 422 5.1 uaddr:p op:s val:w utime:p uaddr2:p val3:w
sched_rr_get_interval_time64 423 5.1 pid:s interval:p
pidfd_send_signal 424 5.1 pidfd:s sig:s info:p flags:w
io_uring_setup 425 5.1 entries:w params:p
io_uring_enter 426 5.1 fd:w to_submit:w min_complete:w flags:w argp:p argsz:w
io_uring_register 427 5.1 fd:w opcode:w arg:p nr_args:w
open_tree 428 5.2 dfd:s filename:p flags:w
move_mount 429 5.2 from_dfd:s from_pathname:p to_dfd:s to_pathname:p flags:w
fsopen 430 5.2 _fs_name:p flags:w
fsconfig 431 5.2 fd:s cmd:w _key:p _value:p aux:s
fsmount 432 5.2 fs_fd:s flags:w attr_flags:w
fspick 433 5.2 dfd:s path:p flags:w
pidfd_open 434 5.3 pid:s flags:w
clone3 435 5.3 uargs:p size:w
close_range 436 5.9 fd:w max_fd:w flags:w
openat2 437 5.6 dfd:s filename:p how:p usize:w
pidfd_getfd 438 5.6 pidfd:s fd:s flags:w
faccessat2 439 5.8 dfd:s filename:p mode:s flags:s
process_madvise 440 5.10 pidfd:s vec:p vlen:w behavior:s flags:w
epoll_pwait2 441 5.11 epfd:s events:p maxevents:s timeout:p sigmask:p sigsetsize:w
mount_setattr 442 5.12 dfd:s path:p flags:w uattr:p usize:w
quotactl_fd 443 5.14 fd:w cmd:w id:w addr:p
landlock_create_ruleset 444 5.13 attr:p size:w flags:w
landlock_add_rule 445 5.13 ruleset_fd:s rule_type:w rule_attr:p flags:w
landlock_restrict_self 446 5.13 ruleset_fd:s flags:w
process_mrelease 448 5.15 pidfd:s flags:w
futex_waitv 449 5.16 waiters:p nr_futexes:w flags:w timeout:p clockid:s
set_mempolicy_home_node 450 5.17 start:w len:w home_node:w flags:w
cachestat 451 6.5 fd:w cstat_range:p cstat:p flags:w
fchmodat2 452 6.6 dfd:s filename:p mode:h flags:w
map_shadow_stack 453 6.6 addr:w size:w flags:w
futex_wake 454 6.7 uaddr:p mask:w nr:s flags:w
futex_wait 455 6.7 uaddr:p val:w mask:w flags:w timeout:p clockid:s
futex_requeue 456 6.7 waiters:p flags:w nr_wake:s nr_requeue:s
statmount 457 6.8 req:p buf:p bufsize:w flags:w
listmount 458 6.8 req:p mnt_ids:p nr_mnt_ids:w flags:w
lsm_get_self_attr 459 6.8 attr:w ctx:p size:p flags:w
lsm_set_self_attr 460 6.8 attr:w ctx:p size:w flags:w
lsm_list_modules 461 6.8 ids:p size:p flags:w
mseal 462 6.10 start:w len:w flags:w
setxattrat 463 6.13 dfd:s pathname:p at_flags:w name:p uargs:p usize:w
getxattrat 464 6.13 dfd:s pathname:p at_flags:w name:p uargs:p usize:w
listxattrat 465 6.13 dfd:s pathname:p at_flags:w list:p size:w
removexattrat 466 6.13 dfd:s pathname:p at_flags:w name:p
open_tree_attr 467 6.15 dfd:s filename:p flags:w uattr:p usize:w
file_getattr 468 6.17 dfd:s filename:p ufattr:p usize:w at_flags:w
file_setattr 469 6.17 dfd:s filename:p ufattr:p usize:w at_flags:w
listns 470 6.19 req:p ns_ids:p nr_ns_ids:w flags:w
rseq_slice_yield 471 7.0
fchroot 472 7.3 fd:s flags:w
ARM_breakpoint 983041 2.6
ARM_cacheflush 983042 1.2 start:w end:w flags:s
ARM_usr26 983043 2.6
ARM_usr32 983044 2.6
ARM_set_tls 983045 2.6.11 value:w
ARM_get_tls 983046 4.15
`
