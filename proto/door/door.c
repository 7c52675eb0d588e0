#include "proto/door/door.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/door/inside.h"

enum { PEM_BYTES_MAX = 1 << 20 };

#define DOOR_COUNTER_METRIC(name, text) \
    METRIC_COUNTER(text, "Requests and connections that a limit or a check refused."),
static struct metric counters[] = { DOOR_COUNTERS(DOOR_COUNTER_METRIC) };

void door_count(enum door_counter counter)
{
    metric_add(&counters[counter], 1);
}

/* ---- the listening socket ---- */

/* "127.0.0.1:8311", "[::]:8311", "localhost:0" → host and port texts; `listen` is cut in place. */
static int split_listen(char *listen, char **host, char **port, struct fault *fault)
{
    char *colon = strrchr(listen, ':');
    if (!colon || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
        return fault_set(fault, -EINVAL, "listen address '%s': expected HOST:PORT", listen);
    *colon = 0;
    *port = colon + 1;
    *host = listen;
    if (colon > listen && listen[0] == '[' && colon[-1] == ']') {
        colon[-1] = 0;
        *host = listen + 1;
    }
    return 0;
}

static int bind_first(const struct addrinfo *found, const char *listen_text, struct fault *fault)
{
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int yes = 1, no = 0;
    if (fd < 0)
        return fault_set(fault, -errno, "listen on %s: %s", listen_text, strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (found->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0) {
        int error = errno;
        close(fd);
        return fault_set(fault, -error, "listen on %s: %s%s", listen_text, strerror(error),
                         error == EADDRINUSE ? "; another program has this port: stop it or choose another one" : "");
    }
    return fd;
}

/* The socket, or <0. */
static int listen_on(const char *listen_text, struct fault *fault)
{
    char copy[256], *host = NULL, *port = NULL;
    if (snprintf(copy, sizeof copy, "%s", listen_text) >= (int)sizeof copy)
        return fault_set(fault, -EINVAL, "listen address '%.40s…': expected HOST:PORT", listen_text);
    int result = split_listen(copy, &host, &port, fault);
    if (result)
        return result;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found;
    int error = getaddrinfo(*host ? host : NULL, port, &hints, &found);
    if (error)
        return fault_set(fault, -EINVAL, "listen address '%s': %s", listen_text, gai_strerror(error));
    int fd = bind_first(found, listen_text, fault);
    freeaddrinfo(found);
    return fd;
}

/* The address that a person on this machine can open: a wildcard is named as the loopback. */
static void name_address(struct door *door, int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    const char *scheme = door->limits.tls_cert ? "https" : "http";
    char text[INET6_ADDRSTRLEN] = "";
    getsockname(fd, (struct sockaddr *)&address, &size);
    if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address;
        bool any = IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr);
        inet_ntop(AF_INET6, any ? &in6addr_loopback : &six->sin6_addr, text, sizeof text);
        snprintf(door->address, sizeof door->address, "%s://[%s]:%u", scheme, text, ntohs(six->sin6_port));
    } else {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&address;
        struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
        inet_ntop(AF_INET, four->sin_addr.s_addr == INADDR_ANY ? &loopback : &four->sin_addr, text, sizeof text);
        snprintf(door->address, sizeof door->address, "%s://%s:%u", scheme, text, ntohs(four->sin_port));
    }
}

static void name_cookie(struct door *door)
{
    const char *port = strrchr(door->address, ':') + 1;
    if (door->limits.cookie)
        snprintf(door->cookie, sizeof door->cookie, "%s", door->limits.cookie);
    else
        snprintf(door->cookie, sizeof door->cookie, "dt_session_%s", port);
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

void door_resume(struct door *door, struct MHD_Connection *mhd)
{
    MHD_resume_connection(mhd);
    if (!door->resumed)
        loop_timer_arm(door->loop, &door->run_timer, 0);
    door->resumed = true;
}

static void run(struct door *door)
{
    door->resumed = false;
    MHD_run(door->mhd);
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (door->resumed) /* from inside: it has not been looked at yet, and MHD_get_timeout() knows nothing of it */
        loop_timer_arm(door->loop, &door->run_timer, 0);
    else if (MHD_get_timeout(door->mhd, &wait_ms) == MHD_YES)
        loop_timer_arm(door->loop, &door->run_timer, wait_ms < INT32_MAX ? (int64_t)wait_ms : INT32_MAX);
    else
        loop_timer_disarm(door->loop, &door->run_timer);
}

static int epoll_ready(void *context, uint32_t events)
{
    (void)events;
    run(context);
    return 0;
}

static int run_due(void *context)
{
    run(context);
    return 0;
}

static void fill_in_defaults(struct door_options *limits)
{
    struct {
        int64_t *value, fallback;
    } defaults[] = {
        { &limits->connections, 1000 },       { &limits->connections_per_address, 200 },
        { &limits->header_bytes, 16 * 1024 }, { &limits->body_bytes, 1 << 20 },
        { &limits->request_seconds, 30 },
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
    /* The head, and as much again for what libmicrohttpd makes of it and for the head of the answer. */
    size_t pool = (size_t)door->limits.header_bytes * 2 + 16 * 1024;
    struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, door->tls_cert },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, door->tls_key },
        { MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
        { MHD_OPTION_END, 0, NULL },
    };
    door->mhd = MHD_start_daemon(
        flags, 0, connection_allowed, door, request_handle, door, MHD_OPTION_EXTERNAL_LOGGER, take_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT, pool,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)door->limits.connections + 16, MHD_OPTION_URI_LOG_CALLBACK,
        request_began, door, MHD_OPTION_NOTIFY_COMPLETED, request_completed, door, MHD_OPTION_NOTIFY_CONNECTION,
        connection_changed, door, MHD_OPTION_ARRAY, door->tls_cert ? tls : tls + 3, MHD_OPTION_END);
    if (!door->mhd) /* which has closed the socket */
        return fault_set(fault, -EINVAL, "door at %s: libmicrohttpd does not start%s", door->address,
                         door->tls_cert ? "; do certificate and key belong together?" : "");
    door->watch = (struct loop_watch){
        .fd = MHD_get_daemon_info(door->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
        .ready = epoll_ready,
        .context = door,
    };
    int result = loop_add(door->loop, &door->watch, EPOLLIN);
    return result ? fault_set(fault, result, "door at %s: %s", door->address, strerror(-result)) : 0;
}

int door_open(struct loop *loop, const struct door_options *options, struct door **out, struct fault *fault)
{
    struct door *door = calloc(1, sizeof *door);
    if (!door)
        return fault_set(fault, -ENOMEM, "door: out of memory");
    door->loop = loop;
    door->limits = *options;
    fill_in_defaults(&door->limits);
    door->run_timer = (struct loop_timer){ .fire = run_due, .context = door };
    door->due_timer = (struct loop_timer){ .fire = connection_due, .context = door };
    door->comment_timer = (struct loop_timer){ .fire = streams_comment, .context = door };
    int result = read_tls(door, fault);
    int fd = result ? result : listen_on(options->listen, fault);
    if (fd >= 0) {
        name_address(door, fd);
        name_cookie(door);
        result = start(door, fd, fault);
    } else {
        result = fd;
    }
    if (!result)
        result = health_open(door, fault);
    if (result) {
        door_close(door);
        return result;
    }
    *out = door;
    return 0;
}

/* libmicrohttpd ends the process if it is stopped with a suspended connection. */
static void answer_all(struct door *door)
{
    for (struct connection *next, *connection = door->soonest; connection; connection = next) {
        struct request *request = connection->request;
        next = connection->next;
        if (!request || request->stage != STAGE_DEFERRED)
            continue;
        reply_error(request, 503, "closing", "The service is being stopped.", "Send it again in a moment.");
    }
    streams_shut(door);
}

void door_close(struct door *door)
{
    if (!door)
        return;
    door->closing = true;
    if (door->mhd) {
        answer_all(door);
        MHD_run(door->mhd);
        MHD_stop_daemon(door->mhd);
    }
    if (door->watch.ready)
        loop_remove(door->loop, &door->watch);
    loop_timer_disarm(door->loop, &door->run_timer);
    loop_timer_disarm(door->loop, &door->due_timer);
    loop_timer_disarm(door->loop, &door->comment_timer);
    loop_timer_disarm(door->loop, &door->clean_timer);
    routes_finish(door);
    files_finish(door);
    peers_finish(&door->peers);
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
