// What getaddrinfo(3) says: resolve NAME... A line for each: the addresses, or the name of the error.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>

static void resolve(const char *name) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  struct addrinfo *found;
  const int error = getaddrinfo(name, NULL, &hints, &found);
  if (error != 0) {
    puts(error == EAI_AGAIN ? "EAI_AGAIN" : error == EAI_NONAME ? "EAI_NONAME" : gai_strerror(error));
    return;
  }
  const char *before = "";
  for (const struct addrinfo *one = found; one != NULL; one = one->ai_next) {
    char text[INET6_ADDRSTRLEN] = "?";
    const void *address = one->ai_family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)one->ai_addr)->sin6_addr
                                                     : (void *)&((struct sockaddr_in *)one->ai_addr)->sin_addr;
    printf("%s%s", before, inet_ntop(one->ai_family, address, text, sizeof text));
    before = " ";
  }
  puts("");
  freeaddrinfo(found);
}

int main(int argc, char **argv) {
  for (int index = 1; index < argc; ++index) resolve(argv[index]);
  return 0;
}
