#include "proto/door/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/log.h"
#include "proto/door/connection.h"
#include "proto/door/exchange.h"
#include "proto/door/health.h"
#include "proto/door/listen.h"
#include "proto/door/route.h"
#include "proto/door/runner.h"
#include "proto/door/session.h"
#include "proto/door/session_gate.h"
#include "proto/door/static.h"
#include "proto/door/stream_inside.h"

struct door {
    struct loop *loop;
    struct door_options limits; /* with the defaults filled in */
    char *tls_cert, *tls_key;
    char address[128];
    char *unready; /* NULL = ready */
    struct runner runner;
    struct connections connections;
    struct gate gate;
    struct streams streams;
    struct routes routes;
    struct exchanges exchanges;
    struct sessions sessions;
};

enum { PEM_BYTES_MAX = 1 << 20 };
/* Of a connection's memory: libmicrohttpd's list of the headers (64 bytes each), a piece of the body, the head of the answer. It clears all of the
 * memory after each request, so more of it costs every request. */
enum { POOL_BYTES_BESIDE_HEAD = 12 * 1024 };

static void name_cookie(struct door *door)
{
    const char *port = strrchr(door->address, ':') + 1;
    if (door->limits.cookie)
        snprintf(door->gate.cookie, sizeof door->gate.cookie, "%s", door->limits.cookie);
    else
        snprintf(door->gate.cookie, sizeof door->gate.cookie, "dt_session_%s", port);
}

/* ---- libmicrohttpd in the loop ---- */

static void take_log(void *context, const char *format, va_list args)
{
    (void)context;
    char text[512];
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = 0;
    log_debug("libmicrohttpd", "text=\"%s\"", text);
}

static void fill_in_defaults(struct door_options *limits)
{
    struct {
        int64_t *value, fallback;
    } defaults[] = {
        { &limits->connections, 1000 },       { &limits->connections_per_address, 200 },
        { &limits->header_bytes, 8 * 1024 },  { &limits->body_bytes, 1 << 20 },
        { &limits->sign_in_failures, 5 },     { &limits->lock_seconds, 60 },
        { &limits->lock_seconds_most, 3600 }, { &limits->address_failures_per_minute, 30 },
        { &limits->request_seconds, 30 },     { &limits->body_memory_bytes, 256 << 20 },
    };
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (*defaults[i].value <= 0)
            *defaults[i].value = defaults[i].fallback;
}

static int read_pem(const char *path, char **text, struct fault *fault)
{
    FILE *file = path ? fopen(path, "re") : NULL;
    if (!file)
        return fault_set(fault, path ? -errno : -EINVAL, "TLS: %s: %s", path ? path : "certificate and key",
                         path ? strerror(errno) : "both must be given");
    *text = calloc(1, PEM_BYTES_MAX);
    size_t size = *text ? fread(*text, 1, PEM_BYTES_MAX - 1, file) : 0;
    int result = 0;
    if (ferror(file) || !size || !strstr(*text, "-----BEGIN "))
        result = fault_set(fault, -EINVAL, "TLS: %s: expected PEM text", path);
    fclose(file);
    return result;
}

static int read_tls(struct door *door, struct fault *fault)
{
    if (!door->limits.tls_cert && !door->limits.tls_key)
        return 0;
    int result = read_pem(door->limits.tls_cert, &door->tls_cert, fault);
    return result ? result : read_pem(door->limits.tls_key, &door->tls_key, fault);
}

static int start(struct door *door, int fd, struct fault *fault)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (door->tls_cert ? MHD_USE_TLS : 0);
    size_t pool = (size_t)door->limits.header_bytes + POOL_BYTES_BESIDE_HEAD;
    struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, door->tls_cert },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, door->tls_key },
        { MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
        { MHD_OPTION_END, 0, NULL },
    };
    struct MHD_Daemon *mhd = MHD_start_daemon(
        flags, 0, connection_allowed, &door->connections, exchange_handle, &door->exchanges, MHD_OPTION_EXTERNAL_LOGGER,
        take_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, pool, MHD_OPTION_CONNECTION_LIMIT, (unsigned)door->limits.connections + 16,
        MHD_OPTION_URI_LOG_CALLBACK, exchange_began, &door->exchanges, MHD_OPTION_NOTIFY_COMPLETED, exchange_completed,
        &door->exchanges, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, &door->connections, MHD_OPTION_ARRAY,
        door->tls_cert ? tls : tls + 3, MHD_OPTION_END);
    if (!mhd) /* which has closed the socket */
        return fault_set(fault, -EINVAL, "door at %s: libmicrohttpd does not start%s", door->address,
                         door->tls_cert ? "; do certificate and key belong together?" : "");
    int result = runner_open(&door->runner, door->loop, mhd, fault);
    return result ? fault_prefix(fault, result, "door at %s", door->address) : 0;
}

/* Each part is told what it needs of the others. */
static void put_together(struct door *door)
{
    const struct door_options *limits = &door->limits;
    door->connections = (struct connections){
        .loop = door->loop,
        .most = limits->connections,
        .most_per_address = limits->connections_per_address,
        .total_ms = limits->request_seconds * 1000,
        .tls = limits->tls_cert != NULL,
        .overdue = exchange_overdue,
    };
    door->streams = (struct streams){ .loop = door->loop, .gate = &door->gate };
    door->routes.body_bytes = limits->body_bytes;
    door->exchanges = (struct exchanges){
        .requests = { .runner = &door->runner,
                      .gate = &door->gate,
                      .streams = &door->streams,
                      .body_memory_most = limits->body_memory_bytes },
        .routes = &door->routes,
        .header_bytes = limits->header_bytes,
    };
    door->sessions = (struct sessions){
        .loop = door->loop,
        .gate = &door->gate,
        .streams = &door->streams,
        .secure = limits->tls_cert != NULL,
        .lock = { limits->sign_in_failures, limits->lock_seconds, limits->lock_seconds_most },
        .address_failures = limits->address_failures_per_minute,
    };
    connections_open(&door->connections);
    streams_open(&door->streams);
}

int door_open(struct loop *loop, const struct door_options *options, struct door **out, struct fault *fault)
{
    struct door *door = calloc(1, sizeof *door);
    if (!door)
        return fault_set(fault, -ENOMEM, "door: out of memory");
    door->loop = loop;
    door->limits = *options;
    fill_in_defaults(&door->limits);
    put_together(door);
    int result = read_tls(door, fault);
    int fd = result ? result : listen_on(options->listen, fault);
    if (fd >= 0) {
        listen_name(fd, door->limits.tls_cert ? "https" : "http", door->address, sizeof door->address);
        name_cookie(door);
        result = start(door, fd, fault);
    } else {
        result = fd;
    }
    if (!result)
        result = health_open(&door->routes, &door->unready, fault);
    if (result) {
        door_close(door);
        return result;
    }
    *out = door;
    return 0;
}

void door_close(struct door *door)
{
    if (!door)
        return;
    door->connections.closing = true;
    exchanges_end(&door->connections);
    streams_shut(&door->streams);
    runner_close(&door->runner);
    streams_close(&door->streams);
    sessions_close(&door->sessions);
    connections_finish(&door->connections);
    requests_finish(&door->exchanges.requests);
    routes_finish(&door->routes);
    files_finish(&door->routes.files);
    free(door->tls_cert);
    free(door->tls_key);
    free(door->unready);
    free(door);
}

const char *door_address(const struct door *door)
{
    return door->address;
}

void door_set_ready(struct door *door, const char *reason)
{
    free(door->unready);
    door->unready = reason ? strdup(reason) : NULL;
}

int door_route(struct door *door, const char *method, const char *path, unsigned roles, int64_t body_bytes,
               door_handler *handler, void *context, struct fault *fault)
{
    return routes_add(&door->routes, method, path, roles, body_bytes, handler, context, fault);
}

int door_static(struct door *door, const char *prefix, const char *folder, bool immutable, struct fault *fault)
{
    return files_add(&door->routes.files, prefix, folder, immutable, fault);
}

int door_use_accounts(struct door *door, struct accounts *accounts, struct fault *fault)
{
    return sessions_open(&door->sessions, &door->routes, accounts, fault);
}
