// network-load: one program that loads a network path, at both of its ends.
//
//   network-load server PORT             serves until it is killed; says `ready` when it listens
//   network-load client ADDRESS PORT     does what each line of stdin says, answers each with one line
//
//   up N SECONDS     N streams to the server:    ok BITS_PER_SECOND, counted where they arrive
//   down N SECONDS   N streams from the server:  ok BITS_PER_SECOND, counted where they arrive
//   rr SECONDS       round trips of one byte on one connection:     ok NANOSECONDS, the median
//   crr SECONDS      connect, a byte there, a byte and the end back: ok NANOSECONDS, the median
//   hold N           keeps N connections open in all, each used once: ok HOW_MANY
//
// What fails is answered `failed CALL: REASON`. Streams end by a reset: no run waits for what an earlier one has queued.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { workers = 24, streams_max = 16, held_max = 4096, samples_max = 1 << 20, piece = 128 * 1024 };

// What a connection begins with: what it is for, and for how long.
struct request {
  char kind;
  uint32_t milliseconds;
} __attribute__((packed));

struct count {
  uint64_t bytes;
  uint64_t nanoseconds;
};

static char zeros[piece];  // sent, never written

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void wait_at_most(int connection, int milliseconds) {
  const struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static void send_at_once(int connection) {
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void reset(int connection) {
  const struct linger none = {1, 0};
  setsockopt(connection, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close(connection);
}

static int receive_all(int connection, void* bytes, size_t size) {
  for (size_t had = 0; had < size;) {
    const ssize_t more = recv(connection, (char*)bytes + had, size - had, 0);
    if (more == 0) errno = ECONNRESET;
    if (more <= 0) return -1;
    had += (size_t)more;
  }
  return 0;
}

// Receives for so long, and counts. A path that stalls is waited for no longer.
static struct count receive_for(int connection, char* buffer, int64_t nanoseconds) {
  const int64_t start = now();
  struct count count = {0, 0};
  wait_at_most(connection, 20);
  while (now() - start < nanoseconds) {
    const ssize_t more = recv(connection, buffer, piece, 0);
    if (more == 0 || (more < 0 && errno != EAGAIN)) break;
    if (more > 0) count.bytes += (uint64_t)more;
  }
  count.nanoseconds = (uint64_t)(now() - start);
  return count;
}

static void send_for(int connection, int64_t nanoseconds) {
  const int64_t start = now();
  wait_at_most(connection, 20);
  while (now() - start < nanoseconds) {
    if (send(connection, zeros, sizeof zeros, MSG_NOSIGNAL) < 0 && errno != EAGAIN) return;
  }
}

// ---- server

static int listener;
static int held;  // an epoll instance

// Whoever was answered is out of the way of the next one, also where an end takes its time to arrive.
static void* let_go_of_held(void* unused) {
  for (;;) {
    struct epoll_event event;
    char byte;
    if (epoll_wait(held, &event, 1, -1) != 1) continue;
    if (recv(event.data.fd, &byte, 1, MSG_DONTWAIT) <= 0) close(event.data.fd);
  }
  return unused;
}

static void serve(int connection, char* buffer) {
  struct request request;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = connection};
  wait_at_most(connection, 2000);
  send_at_once(connection);
  if (receive_all(connection, &request, sizeof request) != 0) goto end;
  const int64_t time = (int64_t)request.milliseconds * 1000000;
  switch (request.kind) {
    case 'u': {
      const struct count count = receive_for(connection, buffer, time);
      if (send(connection, &count, sizeof count, MSG_NOSIGNAL) != sizeof count) break;
      receive_for(connection, buffer, 2000000000);
      break;
    }
    case 'd':
      send_for(connection, time + 100000000);
      break;
    case 'r':
      while (recv(connection, buffer, 1, 0) == 1 && send(connection, buffer, 1, MSG_NOSIGNAL) == 1) continue;
      break;
    case 'c':
      send(connection, buffer, 1, MSG_NOSIGNAL);
      break;
    case 'h':
      if (send(connection, buffer, 1, MSG_NOSIGNAL) == 1 && epoll_ctl(held, EPOLL_CTL_ADD, connection, &event) == 0) return;
      break;
  }
end:
  close(connection);
}

static void* work(void* unused) {
  char* buffer = malloc(piece);
  if (buffer == NULL) exit(1);
  for (;;) {
    const int connection = accept(listener, NULL, NULL);
    if (connection >= 0) serve(connection, buffer);
  }
  return unused;
}

static int run_server(int port) {
  const struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  const int on = 1;
  listener = socket(AF_INET, SOCK_STREAM, 0);
  held = epoll_create1(0);
  if (listener < 0 || held < 0) return 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (const struct sockaddr*)&name, sizeof name) != 0 || listen(listener, 1024) != 0) return 1;
  for (int index = 0; index < workers; ++index) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, index == 0 ? let_go_of_held : work, NULL) != 0) return 1;
  }
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}

// ---- client

static struct sockaddr_in server;
static uint32_t samples[samples_max];
static int kept[held_max];
static int kept_count;

struct stream {
  int connection;
  char kind;
  int64_t nanoseconds;
  struct count count;
  int error;
};

static int failed(const char* call) {
  printf("failed %s: %s\n", call, strerror(errno));
  return -1;
}

static int open_connection(void) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connection < 0) return -1;
  wait_at_most(connection, 2000);
  send_at_once(connection);
  if (connect(connection, (const struct sockaddr*)&server, sizeof server) == 0) return connection;
  const int error = errno == EINPROGRESS ? ETIMEDOUT : errno;
  close(connection);
  errno = error;
  return -1;
}

static int ask(int connection, char kind, int64_t nanoseconds) {
  const struct request request = {kind, (uint32_t)(nanoseconds / 1000000)};
  return send(connection, &request, sizeof request, MSG_NOSIGNAL) == sizeof request ? 0 : -1;
}

static void* run_stream(void* argument) {
  struct stream* stream = argument;
  char* buffer = malloc(piece);
  if (buffer == NULL || ask(stream->connection, stream->kind, stream->nanoseconds) != 0) {
    stream->error = errno;
  } else if (stream->kind == 'd') {
    stream->count = receive_for(stream->connection, buffer, stream->nanoseconds);
  } else {
    // The other end counts: for as long, from a moment later on.
    send_for(stream->connection, stream->nanoseconds + 5000000);
    wait_at_most(stream->connection, 5000);
    if (receive_all(stream->connection, &stream->count, sizeof stream->count) != 0) stream->error = errno;
  }
  free(buffer);
  return NULL;
}

static int run_bulk(char kind, int count, int64_t nanoseconds) {
  struct stream streams[streams_max];
  pthread_t threads[streams_max];
  if (count < 1 || count > streams_max) return errno = EINVAL, failed("streams");
  for (int index = 0; index < count; ++index) {
    streams[index] = (struct stream){open_connection(), kind, nanoseconds, {0, 0}, 0};
    if (streams[index].connection >= 0) continue;
    failed("connect");
    while (index > 0) reset(streams[--index].connection);
    return -1;
  }
  for (int index = 0; index < count; ++index) {
    if ((errno = pthread_create(&threads[index], NULL, run_stream, &streams[index])) != 0) return failed("pthread_create");
  }
  double rate = 0;
  int error = 0;
  for (int index = 0; index < count; ++index) {
    const struct stream* stream = &streams[index];
    pthread_join(threads[index], NULL);
    reset(stream->connection);
    if (stream->error != 0) error = stream->error;
    if (stream->count.nanoseconds > 0) rate += 8e9 * (double)stream->count.bytes / (double)stream->count.nanoseconds;
  }
  if ((errno = error) != 0) return failed("stream");
  return printf("ok %.0f\n", rate);
}

static int by_size(const void* left, const void* right) {
  const uint32_t one = *(const uint32_t*)left;
  const uint32_t other = *(const uint32_t*)right;
  return (one > other) - (one < other);
}

static int say_median(int count) {
  if (count == 0) return errno = ETIMEDOUT, failed("round trip");
  qsort(samples, (size_t)count, sizeof samples[0], by_size);
  return printf("ok %u\n", samples[count / 2]);
}

static int round_trip(int connection) {
  char byte = 0;
  return send(connection, &byte, 1, MSG_NOSIGNAL) == 1 ? receive_all(connection, &byte, 1) : -1;
}

static int run_round_trips(int64_t nanoseconds) {
  const int64_t end = now() + nanoseconds;
  const int connection = open_connection();
  int count = 0;
  if (connection < 0) return failed("connect");
  if (ask(connection, 'r', nanoseconds) != 0) return failed("send");
  for (int64_t start = now(); start < end && count < samples_max; ++count) {
    if (round_trip(connection) != 0) return reset(connection), failed("round trip");
    const int64_t after = now();
    samples[count] = (uint32_t)(after - start);
    start = after;
  }
  reset(connection);
  return say_median(count);
}

// The server closes first: what TIME_WAIT there is, is not on our side, whose ports would run out.
static int run_connections(int64_t nanoseconds) {
  const int64_t end = now() + nanoseconds;
  int count = 0;
  for (int64_t start = now(); start < end && count < samples_max; ++count) {
    const int connection = open_connection();
    if (connection < 0) return failed("connect");
    char bytes[2];
    const bool whole = ask(connection, 'c', 0) == 0 && receive_all(connection, bytes, 1) == 0;
    if (!whole || recv(connection, bytes, sizeof bytes, 0) != 0) return reset(connection), failed("round trip");
    close(connection);
    const int64_t after = now();
    samples[count] = (uint32_t)(after - start);
    start = after;
  }
  return say_median(count);
}

static int hold(int count) {
  while (kept_count < count && kept_count < held_max) {
    const int connection = open_connection();
    if (connection < 0) break;
    char byte;
    if (ask(connection, 'h', 0) != 0 || receive_all(connection, &byte, 1) != 0) {
      reset(connection);
      break;
    }
    kept[kept_count++] = connection;
  }
  return printf("ok %d\n", kept_count);
}

static int run_line(const char* line) {
  int count = 0;
  double seconds = 0;
  if (sscanf(line, "up %d %lf", &count, &seconds) == 2) return run_bulk('u', count, (int64_t)(seconds * 1e9));
  if (sscanf(line, "down %d %lf", &count, &seconds) == 2) return run_bulk('d', count, (int64_t)(seconds * 1e9));
  if (sscanf(line, "rr %lf", &seconds) == 1) return run_round_trips((int64_t)(seconds * 1e9));
  if (sscanf(line, "crr %lf", &seconds) == 1) return run_connections((int64_t)(seconds * 1e9));
  if (sscanf(line, "hold %d", &count) == 1) return hold(count);
  return errno = EINVAL, failed("command");
}

static int run_client(const char* address, int port) {
  char line[128];
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (inet_pton(AF_INET, address, &server.sin_addr) != 1) return 2;
  while (fgets(line, sizeof line, stdin) != NULL) {
    run_line(line);
    fflush(stdout);
  }
  return 0;
}

int main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "server") == 0) return run_server(atoi(argv[2]));
  if (argc == 4 && strcmp(argv[1], "client") == 0) return run_client(argv[2], atoi(argv[3]));
  return 2;
}
