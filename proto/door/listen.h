/* The listening socket of a door. */
#pragma once

#include <stddef.h>

#include "proto/base/fault.h"

/* "127.0.0.1:8311", "[::]:8311", "localhost:0" → the socket, or <0. */
int listen_on(const char *listen_text, struct fault *fault);
/* "http://127.0.0.1:8311": the address that a person on this machine can open; a wildcard is named as the loopback. */
void listen_name(int fd, const char *scheme, char *out, size_t out_size);
