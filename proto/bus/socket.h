/* What our nng sockets have in common: limits, reconnecting, and the check of each pipe's other end. Only for this folder. */
#pragma once

#include <nng/nng.h>

#include "proto/bus/bus.h"

struct bus_tls {
    const char *cert_key_file, *ca_file;
    const char *server_name; /* NULL on the listening side */
};

/* `result`: of nng. Turns it into our convention: "tcp://127.0.0.1:8320: …". 0 stays 0. */
int bus_fault(int result, const char *url, struct fault *fault);

/* Limits on message size and queues, reconnect times, and the peer check where the socket stays on this machine. */
int bus_socket_prepare(nng_socket socket, const char *url, enum bus_port port, bool local, struct fault *fault);
/* tls: NULL for plain TCP. */
int bus_socket_listen(nng_socket socket, const char *url, const struct bus_tls *tls, struct fault *fault);
/* Goes on trying in the background where nobody listens yet. */
int bus_socket_dial(nng_socket socket, const char *url, const struct bus_tls *tls, struct fault *fault);
/* One of these two. */
typedef int bus_socket_attach(nng_socket socket, const char *url, const struct bus_tls *tls, struct fault *fault);
