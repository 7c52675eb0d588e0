/* The one room of nng: REQ/REP for commands, PUB/SUB for doorbells and frames, on loopback TCP.
 *
 * Why loopback TCP and not ipc: a listener of nng 1.5.2 on ipc:// dies for good when a peer leaves before its protocol header;
 * tcp survives it. So that no other user of the machine can listen or command, every pipe is checked when it is made: the peer's
 * socket must belong to an allowed user id (its own, root, and those of --bus-users), found in /proc/net/tcp; others are closed.
 * Ports: one base per data folder (bus_ports). Sockets are opened once at start and closed by the end of the process only.
 * Callbacks run in the loop's thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "proto/base/loop.h"

enum bus_port { BUS_COMMANDS, BUS_NOTICES, BUS_EVENTS, BUS_CAMERAS, BUS_FRAMES, BUS_PORT_COUNT };
enum { BUS_PORT_BASE = 8320, BUS_MESSAGE_MAX = 4 << 20 };

/* "tcp://127.0.0.1:8320" … */
void bus_address(char out[64], int64_t port_base, enum bus_port port);

/* ---- REQ/REP ---- */

struct bus_server;
/* A request that waits for its answer. */
struct bus_ticket;

/* `arrived` is called for each request; answer it now or later, in any order, with bus_answer(). `parallel`: how many at once. */
int bus_server_open(struct loop *loop, int64_t port_base, enum bus_port port, int parallel,
                    int (*arrived)(void *context, struct bus_ticket *ticket, struct bytes request), void *context,
                    struct bus_server **server, struct fault *fault);
void bus_answer(struct bus_ticket *ticket, struct bytes answer);

struct bus_client;
int bus_client_open(struct loop *loop, int64_t port_base, enum bus_port port, int parallel, struct bus_client **client,
                    struct fault *fault);
/* Sends; `answered` is called once, with status 0 and the answer, or -ETIMEDOUT (perhaps done, perhaps not: ask again with the same
 * command id), or -EAGAIN at once (returned, not called) when all parallel requests are under way. */
int bus_ask(struct bus_client *client, struct bytes request, int64_t timeout_ms,
            void (*answered)(void *context, int status, struct bytes answer), void *context);

/* ---- PUB/SUB ---- */

struct bus_publisher;
int bus_publisher_open(int64_t port_base, enum bus_port port, struct bus_publisher **publisher, struct fault *fault);
/* From any thread. Never blocks; a slow reader loses messages and finds the gap by their sequence numbers. */
void bus_publish(struct bus_publisher *publisher, const char *topic, struct bytes message);

struct bus_subscriber;
/* The publisher need not be there yet; it is dialled again (50 to 500 ms). topics: prefixes; none = all.
 * `heard` gets topic (NUL-terminated) and message. */
int bus_subscriber_open(struct loop *loop, int64_t port_base, enum bus_port port, const char *const *topics,
                        size_t topic_count, int (*heard)(void *context, const char *topic, struct bytes message),
                        void *context, struct bus_subscriber **subscriber, struct fault *fault);

/* ---- a remote department's own socket ---- */

struct bus_remote;
/* PUB on tls+tcp with a certificate of ours and required client certificates of our CA: carries one department's topics only. */
int bus_remote_open(const char *listen, const char *cert_key_file, const char *ca_file, struct bus_remote **remote,
                    struct fault *fault);
void bus_remote_publish(struct bus_remote *remote, const char *topic, struct bytes message);
