#include "proto/bus/socket.h"

#include <inttypes.h>
#include <nng/supplemental/tls/tls.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/peer.h"

enum {
    RECONNECT_MIN_MS = 50,
    RECONNECT_MAX_MS = 500,
    RECEIVE_QUEUE = 8192 /* nng's most */,
    HEADER_ROOM = 256,
    WARN_EVERY_MS = 1000
};

/* Messages that wait for one slow subscriber at the publisher before the oldest is dropped. Frames are large: about 15 s of a camera. */
static const int send_queue[BUS_PORT_COUNT] = {
    [BUS_COMMANDS] = 16, [BUS_NOTICES] = 4096, [BUS_EVENTS] = 64, [BUS_CAMERAS] = 16,
    [BUS_FRAMES] = 256,  [BUS_REPORTS] = 16,   [BUS_WALL] = 16,   [BUS_HEALTH] = 16,
};

static struct metric refused = METRIC_COUNTER("drumtower_bus_peers_refused_total", "Peers of other users, closed.");

void bus_address(char out[64], int64_t port_base, enum bus_port port)
{
    snprintf(out, 64, "tcp://127.0.0.1:%" PRId64, port_base + port);
}

int bus_fault(int result, const char *url, struct fault *fault)
{
    switch (result) {
    case 0:
        return 0;
    case NNG_EADDRINUSE:
        return fault_set(fault, -EADDRINUSE,
                         "bus %s: the port is taken; does it run already? --bus-port chooses another", url);
    case NNG_ENOENT:
    case NNG_ENOFILES:
        return fault_set(fault, -ENOENT, "bus %s: %s", url, nng_strerror(result));
    default:
        return fault_set(fault, -EIO, "bus %s: %s", url, nng_strerror(result));
    }
}

static int pipe_owner(nng_pipe pipe, uid_t *uid, struct fault *fault)
{
    nng_sockaddr theirs, ours;
    if (nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &theirs) || nng_pipe_get_addr(pipe, NNG_OPT_LOCADDR, &ours) ||
        theirs.s_family != NNG_AF_INET || ours.s_family != NNG_AF_INET)
        return fault_set(fault, -EINVAL, "not an IPv4 connection");
    return peer_owner((struct peer_end){ theirs.s_in.sa_addr, theirs.s_in.sa_port },
                      (struct peer_end){ ours.s_in.sa_addr, ours.s_in.sa_port }, uid, fault);
}

/* Whoever knocks again and again fills the counter, not the log. */
static bool may_warn(void)
{
    static _Atomic int64_t next_mono_ms;
    int64_t now = clock_mono_ms(), next = atomic_load(&next_mono_ms);
    return now >= next && atomic_compare_exchange_strong(&next_mono_ms, &next, now + WARN_EVERY_MS);
}

/* Runs after the protocol headers were exchanged and before the socket sees the pipe. */
static void check_peer(nng_pipe pipe, nng_pipe_ev event, void *context)
{
    (void)event, (void)context;
    struct fault fault = { "its process is gone" };
    uid_t uid = 0;
    int result = pipe_owner(pipe, &uid, &fault);
    if (result == 0 && peer_is_allowed(uid))
        return;
    nng_pipe_close(pipe);
    metric_add(&refused, 1);
    if (!may_warn())
        return;
    if (result)
        log_warn("bus peer refused", "reason=\"%s\"", fault.text);
    else
        log_warn("bus peer refused", "uid=%u allowed=\"%u, 0 and --bus-users\"", (unsigned)uid, (unsigned)geteuid());
}

int bus_socket_prepare(nng_socket socket, const char *url, enum bus_port port, bool local, struct fault *fault)
{
    int result = nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, BUS_MESSAGE_MAX + HEADER_ROOM);
    if (!result)
        result = nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
    if (!result)
        result = nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS);
    /* Only PUB has the one and only SUB has the other; the rest says "not supported". */
    if (!result && (result = nng_socket_set_int(socket, NNG_OPT_SENDBUF, send_queue[port])) == NNG_ENOTSUP)
        result = 0;
    if (!result && (result = nng_socket_set_int(socket, NNG_OPT_RECVBUF, RECEIVE_QUEUE)) == NNG_ENOTSUP)
        result = 0;
    if (!result && local)
        result = nng_pipe_notify(socket, NNG_PIPE_EV_ADD_PRE, check_peer, NULL);
    metric_register(&refused);
    return bus_fault(result, url, fault);
}

/* nng says no more than "file not found" or "crypto error". */
static int check_tls_files(const struct bus_tls *tls, const char *url, struct fault *fault)
{
    const char *const files[] = { tls->cert_key_file, tls->ca_file };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!files[i] || access(files[i], R_OK) < 0)
            return fault_set(fault, -ENOENT, "bus %s: cannot read the %s '%s'", url,
                             i == 0 ? "certificate and key" : "CA's certificate", files[i] ? files[i] : "");
    return 0;
}

/* The configuration holds what it read: the caller frees it after the end was started. */
static int make_tls_config(const struct bus_tls *tls, nng_tls_mode mode, nng_tls_config **config)
{
    int result = nng_tls_config_alloc(config, mode);
    if (result)
        return result;
    if (!(result = nng_tls_config_cert_key_file(*config, tls->cert_key_file, NULL)) &&
        !(result = nng_tls_config_ca_file(*config, tls->ca_file)) &&
        !(result = nng_tls_config_auth_mode(*config, NNG_TLS_AUTH_MODE_REQUIRED)) && tls->server_name)
        result = nng_tls_config_server_name(*config, tls->server_name);
    return result;
}

int bus_socket_listen(nng_socket socket, const char *url, const struct bus_tls *tls, struct fault *fault)
{
    nng_listener listener;
    nng_tls_config *config = NULL;
    int result;
    if (tls && (result = check_tls_files(tls, url, fault)))
        return result;
    if ((result = nng_listener_create(&listener, socket, url)))
        return bus_fault(result, url, fault);
    if (tls && !(result = make_tls_config(tls, NNG_TLS_MODE_SERVER, &config)))
        result = nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, config);
    if (!result && !(result = nng_listener_set_bool(listener, NNG_OPT_TCP_KEEPALIVE, true)))
        result = nng_listener_start(listener, 0);
    if (config)
        nng_tls_config_free(config);
    if (!result)
        log_info("bus listens", "address=%s", url);
    return bus_fault(result, url, fault);
}

int bus_socket_dial(nng_socket socket, const char *url, const struct bus_tls *tls, struct fault *fault)
{
    nng_dialer dialer;
    nng_tls_config *config = NULL;
    int result;
    if (tls && (result = check_tls_files(tls, url, fault)))
        return result;
    if ((result = nng_dialer_create(&dialer, socket, url)))
        return bus_fault(result, url, fault);
    if (tls && !(result = make_tls_config(tls, NNG_TLS_MODE_CLIENT, &config)))
        result = nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, config);
    if (!result && !(result = nng_dialer_set_bool(dialer, NNG_OPT_TCP_KEEPALIVE, true)))
        result = nng_dialer_start(dialer, NNG_FLAG_NONBLOCK);
    if (config)
        nng_tls_config_free(config);
    return bus_fault(result, url, fault);
}
