#include "proto/door/connection.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "proto/base/clock.h"
#include "proto/base/metrics.h"
#include "proto/door/refused.h"

/* A peer whose machine has vanished is given up by the kernel after this, whatever is waiting to be sent. */
enum { PEER_SILENT_MS = 60 * 1000 };

static struct metric open_connections = METRIC_GAUGE("drumtower_door_connections", "Connections that are open at the "
                                                                                   "doors of this process.");

enum MHD_Result connection_allowed(void *context, const struct sockaddr *address, socklen_t size)
{
    (void)size;
    struct connections *all = context;
    if (all->closing)
        return MHD_NO;
    if (all->count >= all->most) {
        refused_count(REFUSED_CONNECTIONS);
        return MHD_NO;
    }
    if (peer_of(&all->peers, address)->connections >= all->most_per_address) {
        refused_count(REFUSED_ADDRESS);
        return MHD_NO;
    }
    return MHD_YES;
}

/* ---- the list by due time: nearly all additions belong at its end ---- */

static void unlink_timed(struct connection *connection)
{
    struct connections *all = connection->all;
    if (!connection->timed)
        return;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        all->soonest = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    else
        all->latest = connection->previous;
    connection->previous = connection->next = NULL;
    connection->timed = false;
}

static void arm_due_timer(struct connections *all)
{
    if (all->soonest && !all->closing)
        loop_timer_arm(all->loop, &all->due_timer, all->soonest->due_ms - clock_mono_ms());
    else
        loop_timer_disarm(all->loop, &all->due_timer);
}

void connection_expect(struct connection *connection, int64_t extra_ms)
{
    struct connections *all = connection->all;
    unlink_timed(connection);
    if (connection->dropped)
        return; /* libmicrohttpd is about to notice */
    connection->due_ms = clock_mono_ms() + all->total_ms + extra_ms;
    struct connection *after = all->latest;
    while (after && after->due_ms > connection->due_ms)
        after = after->previous;
    connection->previous = after;
    connection->next = after ? after->next : all->soonest;
    *(after ? &after->next : &all->soonest) = connection;
    *(connection->next ? &connection->next->previous : &all->latest) = connection;
    connection->timed = true;
    if (!all->due_timer.armed)
        arm_due_timer(all);
}

void connection_untimed(struct connection *connection)
{
    unlink_timed(connection);
}

/* What is said where libmicrohttpd takes no answer. */
static const struct canned {
    int status;
    const char *reason, *body;
} cans[] = {
    { 408, "Request Timeout",
      "{\"error\":{\"code\":\"request_timeout\",\"message\":\"The request did not come whole in time.\","
      "\"next\":\"Send it again, all of it at once.\"}}" },
    { 413, "Content Too Large",
      "{\"error\":{\"code\":\"too_large\",\"message\":\"The body is much larger than is taken here.\","
      "\"next\":\"Send less: a smaller photo, or a table in parts.\"}}" },
};

static void say(const struct connection *connection, const struct canned *can)
{
    char text[512];
    int size = snprintf(text, sizeof text,
                        "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        can->status, can->reason, strlen(can->body), can->body);
    ssize_t ignored = send(connection->fd, text, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)ignored; /* a peer that is gone already has nobody to tell */
}

void connection_drop(struct connection *connection, int status)
{
    if (connection->dropped)
        return;
    /* libmicrohttpd takes no answer while a head or body is still arriving, so the few bytes go to the socket itself:
     * nothing else has been sent for this request. */
    for (size_t i = 0; i < sizeof cans / sizeof *cans; i++)
        if (cans[i].status == status && !connection->all->tls)
            say(connection, &cans[i]);
    shutdown(connection->fd, SHUT_RDWR);
    connection->dropped = true;
    unlink_timed(connection);
}

static void time_is_over(struct connection *connection)
{
    if (!connection->request) {
        connection_drop(connection, 0); /* an idle connection, or one that never said a whole request line */
        return;
    }
    refused_count(REFUSED_TIME);
    connection->all->overdue(connection);
}

static int connection_due(void *context)
{
    struct connections *all = context;
    int64_t now = clock_mono_ms();
    while (all->soonest && all->soonest->due_ms <= now)
        time_is_over(all->soonest);
    arm_due_timer(all);
    return 0;
}

void connections_open(struct connections *connections)
{
    connections->due_timer = (struct loop_timer){ .fire = connection_due, .context = connections };
}

void connections_finish(struct connections *connections)
{
    loop_timer_disarm(connections->loop, &connections->due_timer);
    peers_finish(&connections->peers);
}

/* ---- what libmicrohttpd tells ---- */

static void started(struct connections *all, struct MHD_Connection *mhd, void **context)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        abort();
    const union MHD_ConnectionInfo *address = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *connection = (struct connection){
        .all = all,
        .mhd = mhd,
        .fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
        .peer = peer_of(&all->peers, address->client_addr),
    };
    connection->peer->connections++;
    all->count++;
    metric_add(&open_connections, 1);
    unsigned silent_ms = PEER_SILENT_MS;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silent_ms, sizeof silent_ms);
    connection_expect(connection, 0);
    *context = connection;
}

/* Bytes came, and libmicrohttpd made no request of them: another protocol, half a request line or one that it does not take. Under TLS
 * the handshake's bytes count too, so nothing can be told. */
static bool came_to_nothing(const struct connection *connection)
{
    enum { BYTES_OF_A_FIN = 1 };
    struct tcp_info info = { 0 };
    socklen_t size = sizeof info;
    return !connection->asked && !connection->all->tls &&
           getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
           info.tcpi_bytes_received > BYTES_OF_A_FIN;
}

static void closed(struct connections *all, struct connection *connection)
{
    if (came_to_nothing(connection))
        refused_count(REFUSED_PROTOCOL);
    unlink_timed(connection);
    peer_left(&all->peers, connection->peer);
    all->count--;
    metric_add(&open_connections, -1);
    free(connection);
}

void connection_changed(void *context, struct MHD_Connection *mhd, void **socket_context,
                        enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        started(context, mhd, socket_context);
    else if (*socket_context)
        closed(context, *socket_context);
}
