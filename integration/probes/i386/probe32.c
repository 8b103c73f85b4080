/*
 * probe32 NUMBER ARGUMENT...: one system call of a 32-bit program; prints `ok` or `errno N`, like probe.c.
 * It needs no C library: -m32 compiles without one where no 32-bit packages are installed.
 */
static int call(const int* a) {
  int answer = a[0];
  __asm__ volatile("int $0x80" : "+a"(answer) : "b"(a[1]), "c"(a[2]), "d"(a[3]), "S"(a[4]), "D"(a[5]) : "memory");
  return answer;
}

static void print(const char* words, unsigned length) {
  const int write_call[6] = {4, 1, (int)words, (int)length, 0, 0};
  call(write_call);
}

static unsigned page[1024];

/* `buffer` is a zeroed page, the only word that is no number; socketcall reads its arguments there. */
static int number(const char* word) {
  unsigned value = 0;
  if (*word == 'b') return (int)page;
  for (; *word >= '0' && *word <= '9'; word++) value = value * 10 + (unsigned)(*word - '0');
  return (int)value;
}

static void report(int answer) {
  if (answer < -4095 || answer >= 0) return print("ok\n", 3);
  char digits[16];
  unsigned at = sizeof digits;
  digits[--at] = '\n';
  for (int rest = -answer; rest > 0; rest /= 10) digits[--at] = (char)('0' + rest % 10);
  print("errno ", 6);
  print(digits + at, (unsigned)sizeof digits - at);
}

/* The stack of a new program: argc, argv[0], ... */
__attribute__((used)) void run(const int* stack) {
  const int count = stack[0];
  const char* const* const arguments = (const char* const*)(stack + 1);
  int request[6] = {0};
  page[0] = 2; /* AF_INET, SOCK_STREAM: the arguments of socketcall's socket */
  page[1] = 1;
  for (int i = 1; i < count && i <= 6; i++) request[i - 1] = number(arguments[i]);
  report(call(request));
  const int exit_call[6] = {1, 0, 0, 0, 0, 0};
  call(exit_call);
}

__asm__(".globl _start\n_start:\n  mov %esp, %eax\n  and $-16, %esp\n  sub $12, %esp\n  push %eax\n  call run\n");
