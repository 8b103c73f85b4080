#pragma once
#include <sys/socket.h>

/* MSG_FASTOPEN, which not every C library names. */
enum { fastopen_flag = 0x20000000 };

/* Reads ADDRESS PORT, the first two of `arguments`; returns the family. */
int resolve(char** arguments, struct sockaddr_storage* out, socklen_t* length);

/* Waits for a connection that has begun, so that a dropped packet is ETIMEDOUT after `wait_ms`. */
int finish(int fd, int begun, int wait_ms);

/* Milliseconds: an act that is answered by silence may have a last argument for them. */
int patience(char** arguments, int index);
