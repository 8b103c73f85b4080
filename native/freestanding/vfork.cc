// vfork(2). The child runs on its parent's stack and overwrites what lies below the caller's frame: the address to
// which both return must not be there, and no compiler can be told.

#if defined(__x86_64__)
asm(".text\n.global vfork\n.hidden vfork\n.type vfork, @function\nvfork:\n"
    "endbr64\n"
    "pop %rdx\n"
    "mov $58, %eax\n"
    "syscall\n"
    "push %rdx\n"
    "mov %rax, %rdi\n"
    "jmp palisade_answer\n"
    ".size vfork, . - vfork\n");
#elif defined(__i386__)
asm(".text\n.global vfork\n.hidden vfork\n.type vfork, @function\nvfork:\n"
    "endbr32\n"
    "pop %edx\n"
    "mov $190, %eax\n"
    "int $0x80\n"
    "push %edx\n"
    "sub $8, %esp\n"
    "push %eax\n"
    "call palisade_answer\n"
    "add $12, %esp\n"
    "ret\n"
    ".size vfork, . - vfork\n");
#elif defined(__aarch64__)
// clone(CLONE_VM | CLONE_VFORK | SIGCHLD, 0): the address is in x30, of which each has its own.
asm(".text\n.global vfork\n.hidden vfork\n.type vfork, @function\nvfork:\n"
    "mov x8, #220\n"
    "mov x0, #0x4111\n"
    "mov x1, #0\n"
    "svc #0\n"
    "b palisade_answer\n"
    ".size vfork, . - vfork\n");
#endif
