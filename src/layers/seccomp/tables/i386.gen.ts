// Generated from src/layers/seccomp/data by src/tools/generate-seccomp-tables.ts. Do not edit.
// System calls of i386, Linux 7.3.4 (Debian linux-libc-dev 7.3.4-1~bpo13+1).

/** Lines of `name number since argument:class...`; the classes are in tables.ts; `!`: the kernel has no body. */
export const calls = `
restart_syscall 0 2.6
exit 1 1.0 error_code:s
fork 2 1.0
read 3 1.0 fd:w buf:p count:w
write 4 1.0 fd:w buf:p count:w
open 5 1.0 filename:p flags:s mode:h
close 6 1.0 fd:w
waitpid 7 1.0 pid:s stat_addr:p options:s
creat 8 1.0 pathname:p mode:h
link 9 1.0 oldname:p newname:p
unlink 10 1.0 pathname:p
execve 11 1.0 filename:p argv:p envp:p
chdir 12 1.0 filename:p
time 13 1.0 tloc:p
mknod 14 1.0 filename:p mode:h dev:w
chmod 15 1.0 filename:p mode:h
lchown 16 1.0 filename:p user:h group:h
break 17 never !
oldstat 18 1.0 filename:p statbuf:p
lseek 19 1.0 fd:w offset:s whence:w
getpid 20 1.0
mount 21 1.0 dev_name:p dir_name:p type:p flags:w data:p
umount 22 1.0 name:p
setuid 23 1.0 uid:h
getuid 24 1.0
stime 25 1.0 tptr:p
ptrace 26 1.0 request:s pid:s addr:m data:m
alarm 27 1.0 seconds:w
oldfstat 28 1.0 fd:w statbuf:p
pause 29 1.0
utime 30 1.0 filename:p t:p
stty 31 never !
gtty 32 never !
access 33 1.0 filename:p mode:s
nice 34 1.0 increment:s
ftime 35 never !
sync 36 1.0
kill 37 1.0 pid:s sig:s
rename 38 1.0 oldname:p newname:p
mkdir 39 1.0 pathname:p mode:h
rmdir 40 1.0 pathname:p
dup 41 1.0 fildes:w
pipe 42 1.0 fildes:p
times 43 1.0 tbuf:p
prof 44 never !
brk 45 1.0 brk:w
setgid 46 1.0 gid:h
getgid 47 1.0
signal 48 1.0 sig:s handler:p
geteuid 49 1.0
getegid 50 1.0
acct 51 1.0 name:p
umount2 52 2.2 name:p flags:s
lock 53 never !
ioctl 54 1.0 fd:w cmd:w arg:m
fcntl 55 1.0 fd:w cmd:w arg:m
mpx 56 never !
setpgid 57 1.0 pid:s pgid:s
ulimit 58 never !
oldolduname 59 1.0 name:p
umask 60 1.0 mask:s
chroot 61 1.0 filename:p
ustat 62 1.0 dev:w u:p
dup2 63 1.0 oldfd:w newfd:w
getppid 64 1.0
getpgrp 65 1.0
setsid 66 1.0
sigaction 67 1.0 sig:s act:p oact:p
sgetmask 68 1.0
ssetmask 69 1.0 newmask:s
setreuid 70 1.0 ruid:h euid:h
setregid 71 1.0 rgid:h egid:h
sigsuspend 72 1.0 mask:w
sigpending 73 1.0 set32:p
sethostname 74 1.0 name:p len:s
setrlimit 75 1.0 resource:w rlim:p
getrlimit 76 1.0 resource:w rlim:p
getrusage 77 1.0 who:s ru:p
gettimeofday 78 1.0 tv:p tz:p
settimeofday 79 1.0 tv:p tz:p
getgroups 80 1.0 gidsetsize:s grouplist:p
setgroups 81 1.0 gidsetsize:s grouplist:p
select 82 1.0 arg:p
symlink 83 1.0 oldname:p newname:p
oldlstat 84 1.0 filename:p statbuf:p
readlink 85 1.0 path:p buf:p bufsiz:s
uselib 86 1.0 library:p
swapon 87 1.0 specialfile:p swap_flags:s
reboot 88 1.0 magic1:s magic2:s cmd:w arg:p
readdir 89 1.0 fd:w dirent:p count:w
mmap 90 1.0 arg:p
munmap 91 1.0 addr:w len:w
truncate 92 1.0 path:p length:s
ftruncate 93 1.0 fd:w length:s
fchmod 94 1.0 fd:w mode:h
fchown 95 1.0 fd:w user:h group:h
getpriority 96 1.0 which:s who:s
setpriority 97 1.0 which:s who:s niceval:s
profil 98 never !
statfs 99 1.0 pathname:p buf:p
fstatfs 100 1.0 fd:w buf:p
ioperm 101 1.0 from:w num:w turn_on:s
socketcall 102 1.0 call:s args:p
syslog 103 1.0 type:s buf:p len:s
setitimer 104 1.0 which:s value:p ovalue:p
getitimer 105 1.0 which:s value:p
stat 106 1.0 filename:p statbuf:p
lstat 107 1.0 filename:p statbuf:p
fstat 108 1.0 fd:w statbuf:p
olduname 109 1.0 name:p
iopl 110 1.0 level:w
vhangup 111 1.0
idle 112 1.0 !
vm86old 113 1.0 !
wait4 114 1.0 pid:s stat_addr:p options:s ru:p
swapoff 115 1.0 specialfile:p
sysinfo 116 1.0 info:p
ipc 117 1.0 call:w first:s second:s third:m ptr:p fifth:m
fsync 118 1.0 fd:w
sigreturn 119 1.0
clone 120 1.0 clone_flags:w newsp:m parent_tidptr:p tls_val:m child_tidptr:p
setdomainname 121 1.0 name:p len:s
uname 122 1.0 name:p
modify_ldt 123 1.0 func:s ptr:p bytecount:w
adjtimex 124 1.0 utp:p
mprotect 125 1.0 start:w len:w prot:w
sigprocmask 126 1.0 how:s nset:p oset:p
create_module 127 1.0 !
init_module 128 1.0 umod:p len:w uargs:p
delete_module 129 1.0 name_user:p flags:w
get_kernel_syms 130 1.0 !
quotactl 131 1.0 cmd:w special:p id:w addr:p
getpgid 132 1.0 pid:s
fchdir 133 1.0 fd:w
bdflush 134 1.2 !
sysfs 135 1.2 option:s arg1:m arg2:m
personality 136 1.2 personality:w
afs_syscall 137 never !
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
vm86 166 2.0.28 !
query_module 167 2.2 !
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
pread64 180 1.0 fd:w ubuf:p count:w poslo:x poshi:x
pwrite64 181 1.0 fd:w ubuf:p count:w poslo:x poshi:x
chown 182 2.2 filename:p user:h group:h
getcwd 183 2.2 buf:p size:w
capget 184 2.2 header:p dataptr:p
capset 185 2.2 header:p data:p
sigaltstack 186 2.2 uss_ptr:p uoss_ptr:p
sendfile 187 2.2 out_fd:s in_fd:s offset:p count:w
getpmsg 188 never !
putpmsg 189 never !
vfork 190 2.2
ugetrlimit 191 2.4 resource:w rlim:p
mmap2 192 2.4 addr:w len:w prot:w flags:w fd:w pgoff:w
truncate64 193 2.4 filename:p offset_low:x offset_high:x
ftruncate64 194 2.4 fd:w offset_low:x offset_high:x
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
pivot_root 217 2.4 new_root:p put_old:p
mincore 218 2.4 start:w len:w vec:p
madvise 219 2.4 start:w len_in:w behavior:s
getdents64 220 2.4 fd:w dirent:p count:w
fcntl64 221 2.4 fd:w cmd:w arg:m
gettid 224 2.4.11
readahead 225 2.4.13 fd:s off_lo:x off_hi:x count:w
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
set_thread_area 243 2.6 u_info:p
get_thread_area 244 2.6 u_info:p
io_setup 245 2.6 nr_events:w ctx32p:p
io_destroy 246 2.6 ctx:w
io_getevents 247 2.6 ctx_id:w min_nr:s nr:s events:p timeout:p
io_submit 248 2.6 ctx_id:w nr:s iocbpp:p
io_cancel 249 2.6 ctx_id:w iocb:p result:p
fadvise64 250 2.6 fd:s offset_lo:x offset_hi:x len:w advice:s
exit_group 252 2.6 error_code:s
lookup_dcookie 253 2.6 !
epoll_create 254 2.6 size:s
epoll_ctl 255 2.6 epfd:s op:s fd:s event:p
epoll_wait 256 2.6 epfd:s events:p maxevents:s timeout:s
remap_file_pages 257 2.6 start:w size:w prot:w pgoff:w flags:w
set_tid_address 258 2.6 tidptr:p
timer_create 259 2.6 which_clock:s timer_event_spec:p created_timer_id:p
timer_settime 260 2.6 timer_id:s flags:s new:p old:p
timer_gettime 261 2.6 timer_id:s setting:p
timer_getoverrun 262 2.6 timer_id:s
timer_delete 263 2.6 timer_id:s
clock_settime 264 2.6 which_clock:s tp:p
clock_gettime 265 2.6 which_clock:s tp:p
clock_getres 266 2.6 which_clock:s tp:p
clock_nanosleep 267 2.6 which_clock:s flags:s rqtp:p rmtp:p
statfs64 268 2.6 pathname:p sz:w buf:p
fstatfs64 269 2.6 fd:w sz:w buf:p
tgkill 270 2.6 tgid:s pid:s sig:s
utimes 271 2.2 filename:p t:p
fadvise64_64 272 2.6 fd:s offset_low:x offset_high:x len_low:x len_high:x advice:s
vserver 273 never !
mbind 274 2.6.6 start:w len:w mode:w nmask:p maxnode:w flags:w
get_mempolicy 275 2.6.6 policy:p nmask:p maxnode:w addr:w flags:w
set_mempolicy 276 2.6.6 mode:s nmask:p maxnode:w
mq_open 277 2.6.6 u_name:p oflag:s mode:h u_attr:p
mq_unlink 278 2.6.6 u_name:p
mq_timedsend 279 2.6.6 mqdes:s u_msg_ptr:p msg_len:w msg_prio:w u_abs_timeout:p
mq_timedreceive 280 2.6.6 mqdes:s u_msg_ptr:p msg_len:w u_msg_prio:p u_abs_timeout:p
mq_notify 281 2.6.6 mqdes:s u_notification:p
mq_getsetattr 282 2.6.6 mqdes:s u_mqstat:p u_omqstat:p
kexec_load 283 2.6.13 entry:w nr_segments:w segments:p flags:w
waitid 284 2.6.10 which:s pid:s infop:p options:s uru:p
add_key 286 2.6.10 _type:p _description:p _payload:p plen:w ringid:s
request_key 287 2.6.10 _type:p _description:p _callout_info:p destringid:s
keyctl 288 2.6.10 option:w arg2:m arg3:m arg4:m arg5:m
ioprio_set 289 2.6.13 which:s who:s ioprio:s
ioprio_get 290 2.6.13 which:s who:s
inotify_init 291 2.6.13
inotify_add_watch 292 2.6.13 fd:s pathname:p mask:w
inotify_rm_watch 293 2.6.13 fd:s wd:s
migrate_pages 294 2.6.16 pid:s maxnode:w old_nodes:p new_nodes:p
openat 295 2.6.16 dfd:s filename:p flags:s mode:h
mkdirat 296 2.6.16 dfd:s pathname:p mode:h
mknodat 297 2.6.16 dfd:s filename:p mode:h dev:w
fchownat 298 2.6.16 dfd:s filename:p user:w group:w flag:s
futimesat 299 2.6.16 dfd:w filename:p t:p
fstatat64 300 2.6.16 dfd:w filename:p statbuf:p flag:s
unlinkat 301 2.6.16 dfd:s pathname:p flag:s
renameat 302 2.6.16 olddfd:s oldname:p newdfd:s newname:p
linkat 303 2.6.16 olddfd:s oldname:p newdfd:s newname:p flags:s
symlinkat 304 2.6.16 oldname:p newdfd:s newname:p
readlinkat 305 2.6.16 dfd:s pathname:p buf:p bufsiz:s
fchmodat 306 2.6.16 dfd:s filename:p mode:h
faccessat 307 2.6.16 dfd:s filename:p mode:s
pselect6 308 2.6.16 n:s inp:p outp:p exp:p tsp:p sig:p
ppoll 309 2.6.16 ufds:p nfds:w tsp:p sigmask:p sigsetsize:w
unshare 310 2.6.16 unshare_flags:w
set_robust_list 311 2.6.17 head:p len:w
get_robust_list 312 2.6.17 pid:s head_ptr:p len_ptr:p
splice 313 2.6.17 fd_in:s off_in:p fd_out:s off_out:p len:w flags:w
sync_file_range 314 2.6.17 fd:s off_low:x off_hi:x n_low:x n_hi:x flags:s
tee 315 2.6.17 fdin:s fdout:s len:w flags:w
vmsplice 316 2.6.17 fd:s uiov:p nr_segs:w flags:w
move_pages 317 2.6.18 pid:s nr_pages:w pages:p nodes:p status:p flags:s
getcpu 318 2.6.19 cpup:p nodep:p unused:p
epoll_pwait 319 2.6.19 epfd:s events:p maxevents:s timeout:s sigmask:p sigsetsize:w
utimensat 320 2.6.22 dfd:w filename:p t:p flags:s
signalfd 321 2.6.22 ufd:s user_mask:p sigsetsize:w
timerfd_create 322 2.6.25 clockid:s flags:s
eventfd 323 2.6.22 count:w
fallocate 324 2.6.23 fd:s mode:s offset_lo:x offset_hi:x len_lo:x len_hi:x
timerfd_settime 325 2.6.25 ufd:s flags:s utmr:p otmr:p
timerfd_gettime 326 2.6.25 ufd:s otmr:p
signalfd4 327 2.6.27 ufd:s user_mask:p sigsetsize:w flags:s
eventfd2 328 2.6.27 count:w flags:s
epoll_create1 329 2.6.27 flags:s
dup3 330 2.6.27 oldfd:w newfd:w flags:s
pipe2 331 2.6.27 fildes:p flags:s
inotify_init1 332 2.6.27 flags:s
preadv 333 2.6.30 fd:w vec:p vlen:w pos_low:x pos_high:x
pwritev 334 2.6.30 fd:w vec:p vlen:w pos_low:x pos_high:x
rt_tgsigqueueinfo 335 2.6.31 tgid:s pid:s sig:s uinfo:p
perf_event_open 336 2.6.31 attr_uptr:p pid:s cpu:s group_fd:s flags:w
recvmmsg 337 2.6.33 fd:s mmsg:p vlen:w flags:w timeout:p
fanotify_init 338 2.6.37 flags:w event_f_flags:w
fanotify_mark 339 2.6.37 fanotify_fd:s flags:w mask:W dfd:s pathname:p
prlimit64 340 2.6.36 pid:s resource:w new_rlim:p old_rlim:p
name_to_handle_at 341 2.6.39 dfd:s name:p handle:p mnt_id:p flag:s
open_by_handle_at 342 2.6.39 mountdirfd:s handle:p flags:s
clock_adjtime 343 2.6.39 which_clock:s utp:p
syncfs 344 2.6.39 fd:s
sendmmsg 345 3.0 fd:s mmsg:p vlen:w flags:w
setns 346 3.0 fd:s flags:s
process_vm_readv 347 3.2 pid:s lvec:p liovcnt:w rvec:p riovcnt:w flags:w
process_vm_writev 348 3.2 pid:s lvec:p liovcnt:w rvec:p riovcnt:w flags:w
kcmp 349 3.5 pid1:s pid2:s type:s idx1:w idx2:w
finit_module 350 3.8 fd:s uargs:p flags:s
sched_setattr 351 3.14 pid:s uattr:p flags:w
sched_getattr 352 3.14 pid:s uattr:p usize:w flags:w
renameat2 353 3.15 olddfd:s oldname:p newdfd:s newname:p flags:w
seccomp 354 3.17 op:w flags:w uargs:p
getrandom 355 3.17 ubuf:p len:w flags:w
memfd_create 356 3.17 uname:p flags:w
bpf 357 3.18 cmd:s uattr:p size:w uattr_common:p size_common:w
execveat 358 3.19 fd:s filename:p argv:p envp:p flags:s
socket 359 2.0 family:s type:s protocol:s
socketpair 360 2.0 family:s type:s protocol:s usockvec:p
bind 361 2.0 fd:s umyaddr:p addrlen:s
connect 362 2.0 fd:s uservaddr:p addrlen:s
listen 363 2.0 fd:s backlog:s
accept4 364 2.6.28 fd:s upeer_sockaddr:p upeer_addrlen:p flags:s
getsockopt 365 2.0 fd:s level:s optname:s optval:p optlen:p
setsockopt 366 2.0 fd:s level:s optname:s optval:p optlen:s
getsockname 367 2.0 fd:s usockaddr:p usockaddr_len:p
getpeername 368 2.0 fd:s usockaddr:p usockaddr_len:p
sendto 369 2.0 fd:s buff:p len:w flags:w addr:p addr_len:s
sendmsg 370 2.0 fd:s msg:p flags:w
recvfrom 371 2.0 fd:s buf:p len:w flags:w addr:p addrlen:p
recvmsg 372 2.0 fd:s msg:p flags:w
shutdown 373 2.0 fd:s how:s
userfaultfd 374 4.3 flags:s
membarrier 375 3.17 cmd:s flags:w cpu_id:s
mlock2 376 4.4 start:w len:w flags:s
copy_file_range 377 4.5 fd_in:s off_in:p fd_out:s off_out:p len:w flags:w
preadv2 378 4.6 fd:w vec:p vlen:w pos_low:x pos_high:x flags:s
pwritev2 379 4.6 fd:w vec:p vlen:w pos_low:x pos_high:x flags:s
pkey_mprotect 380 4.8 start:w len:w prot:w pkey:s
pkey_alloc 381 4.8 flags:w init_val:w
pkey_free 382 4.8 pkey:s
statx 383 4.11 dfd:s filename:p flags:w mask:w buffer:p
arch_prctl 384 2.6 option:s arg2:m
io_pgetevents 385 4.18 ctx_id:w min_nr:s nr:s events:p timeout:p usig:p
rseq 386 4.18 rseq:p rseq_len:w flags:s sig:w
semget 393 2.0 key:s nsems:s semflg:s
semctl 394 2.0 semid:s semnum:s cmd:s arg:m
shmget 395 2.0 key:s size:w shmflg:s
shmctl 396 2.0 shmid:s cmd:s uptr:p
shmat 397 2.0 shmid:s shmaddr:p shmflg:s
shmdt 398 2.0 shmaddr:p
msgget 399 2.0 key:s msgflg:s
msgsnd 400 2.0 msqid:s msgp:p msgsz:s msgflg:s
msgrcv 401 2.0 msqid:s msgp:p msgsz:s msgtyp:s msgflg:s
msgctl 402 2.0 msqid:s cmd:s uptr:p
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
memfd_secret 447 5.14 flags:w
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
`
