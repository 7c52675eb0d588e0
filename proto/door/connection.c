#include "proto/door/connection.h"

#include <netinet/tcp.h>
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

static const char *canned(int status)
{
    switch (status) {
    case 408:
        return "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    case 413:
        return "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    default:
        return NULL;
    }
}

void connection_drop(struct connection *connection, int status)
{
    if (connection->dropped)
        return;
    /* libmicrohttpd takes no answer while a head or body is still arriving, so the few bytes go to the socket itself:
     * nothing else has been sent for this request. */
    const char *words = connection->all->tls ? NULL : canned(status);
    if (words && send(connection->fd, words, strlen(words), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        words = NULL; /* the peer is gone already; the shutdown below is all that is left to do */
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

static void closed(struct connections *all, struct connection *connection)
{
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
