/* The one room of nng: REQ/REP for commands, PUB/SUB for doorbells and frames, on loopback TCP.
 *
 * Why loopback TCP and not ipc: a listener of nng 1.5.2 on ipc:// dies for good when a peer leaves before its protocol header;
 * tcp survives it. So that no other user of the machine can listen or command, every pipe is checked when it is made: the peer's
 * socket must belong to an allowed user id (its own, root, and those of --bus-users), found in /proc/net/tcp; others are closed.
 * Ports: one base per data folder (bus_ports). Sockets are opened once at start and closed by the end of the process only: so
 * nothing here has a close, and what `context` points to must live as long as the loop runs. Never fork() after the first open.
 * Callbacks run in the loop's thread; one that returns anything but 0 ends the loop with it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/fault.h"
#include "proto/base/loop.h"

enum bus_port {
    BUS_COMMANDS,
    BUS_NOTICES,
    BUS_EVENTS,
    BUS_CAMERAS,
    BUS_FRAMES,
    BUS_REPORTS,
    BUS_WALL,
    BUS_HEALTH,
    BUS_PORT_COUNT /* which --bus-port leaves room for (proto/base/daemon.h) */
};
enum { BUS_PORT_BASE = 8320, BUS_MESSAGE_MAX = 4 << 20, BUS_TOPIC_MAX = 128 };

/* "tcp://127.0.0.1:8320" … */
void bus_address(char out[64], int64_t port_base, enum bus_port port);

/* Whose processes may be at the other end beside our own user's and root's: user names or numbers with commas between
 * ("drumtower-field,drumtower-wall"); NULL or "": nobody else. Call once, before any socket. */
int bus_allow_users(const char *users, struct fault *fault);

/* ---- REQ/REP ---- */

struct bus_server;
/* A request that waits for its answer. */
struct bus_ticket;

/* `arrived` is called for each request; answer it now or later, in any order, with bus_answer(). `parallel`: how many at once; what
 * is more waits at its sender. `request` lives until the answer. */
int bus_server_open(struct loop *loop, int64_t port_base, enum bus_port port, int parallel,
                    int (*arrived)(void *context, struct bus_ticket *ticket, struct bytes request), void *context,
                    struct bus_server **server, struct fault *fault);
/* answer: at most BUS_MESSAGE_MAX bytes, copied. The ticket is gone with it. */
void bus_answer(struct bus_ticket *ticket, struct bytes answer);

struct bus_client;
int bus_client_open(struct loop *loop, int64_t port_base, enum bus_port port, int parallel, struct bus_client **client,
                    struct fault *fault);
/* Sends (also while the server is away: it is dialled again every 50 to 500 ms, and asked again after its restart); `answered` is
 * called once, with status 0 and the answer, or -ETIMEDOUT (perhaps done, perhaps not: ask again with the same command id).
 * Returned at once, nothing called: -EAGAIN where all parallel requests are under way, -EMSGSIZE above BUS_MESSAGE_MAX. */
int bus_ask(struct bus_client *client, struct bytes request, int64_t timeout_ms,
            void (*answered)(void *context, int status, struct bytes answer), void *context);

/* ---- PUB/SUB ---- */

struct bus_publisher;
int bus_publisher_open(int64_t port_base, enum bus_port port, struct bus_publisher **publisher, struct fault *fault);
/* Towards a reader that listens (bus_subscriber_listen()): so many publishers have one. It need not be there yet, and is dialled again (50 to 500 ms);
 * what is published meanwhile is lost. */
int bus_publisher_dial(int64_t port_base, enum bus_port port, struct bus_publisher **publisher, struct fault *fault);
/* From any thread. Never blocks; a slow reader loses messages and finds the gap by their sequence numbers. */
void bus_publish(struct bus_publisher *publisher, const char *topic, struct bytes message);

struct bus_subscriber;
/* The publisher need not be there yet; it is dialled again (50 to 500 ms). topics: prefixes; none = all.
 * `heard` gets topic (NUL-terminated) and message. */
int bus_subscriber_open(struct loop *loop, int64_t port_base, enum bus_port port, const char *const *topics,
                        size_t topic_count, int (*heard)(void *context, const char *topic, struct bytes message),
                        void *context, struct bus_subscriber **subscriber, struct fault *fault);

/* The one that listens, where many publish to it (bus_publisher_dial()). */
int bus_subscriber_listen(struct loop *loop, int64_t port_base, enum bus_port port, const char *const *topics,
                          size_t topic_count, int (*heard)(void *context, const char *topic, struct bytes message),
                          void *context, struct bus_subscriber **subscriber, struct fault *fault);

/* ---- a remote department's own socket ---- */

struct bus_remote;
/* PUB on tls+tcp with a certificate of ours and required client certificates of that CA: carries one department's topics only.
 * cert_key_file: PEM, certificate and private key in one file. ca_file: every client with a certificate of this CA is let in
 * (nng 1.5.2 cannot tell one from the other), so each department has a CA of its own. */
int bus_remote_open(const char *listen, const char *cert_key_file, const char *ca_file, struct bus_remote **remote,
                    struct fault *fault);
void bus_remote_publish(struct bus_remote *remote, const char *topic, struct bytes message);

/* The department's end of it: url "tls+tcp://centre.example:8331". The centre's certificate must be of the CA in ca_file and name
 * `server_name`. */
int bus_remote_subscriber_open(struct loop *loop, const char *url, const char *server_name, const char *cert_key_file,
                               const char *ca_file,
                               int (*heard)(void *context, const char *topic, struct bytes message), void *context,
                               struct bus_subscriber **subscriber, struct fault *fault);
