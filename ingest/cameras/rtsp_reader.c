#include "ingest/cameras/rtsp_reader.h"

#include <assert.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ingest/cameras/losses.h"
#include "ingest/cameras/rtsp_session.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"

enum { RECEIVE_BYTES = 256 << 10, REST_MAX = 128 << 10, TICK_MS = 250 };

/* A name that is looked up by glibc's threads, which keep this memory until they are done. */
struct lookup {
    struct gaicb request;
    struct addrinfo hints;
    char host[256], port[6];
};

struct source {
    struct rtsp_reader *reader;
    struct loop_watch watch; /* fd -1: not connected */
    struct rtsp_session session;
    struct source_sink sink;
    struct lookup *lookup;                /* NULL: none under way */
    struct addrinfo *addresses, *address; /* all of the name; the one that is tried */
    struct buffer rest, out;              /* what is not whole yet; what was not sent yet */
    bool connected, busy, stopped;
    struct source **at, *next; /* among the reader's */
};

struct rtsp_reader {
    struct loop *loop;
    struct loop_timer tick;
    struct source *sources;
    struct source *abandoned; /* stopped while their names were looked up */
    bool ticking;             /* the list is walked: what is stopped meanwhile goes afterwards */
    uint8_t received[RECEIVE_BYTES];
};

/* ---- the end of a source ---- */

static void disconnect(struct source *source)
{
    if (source->watch.fd < 0)
        return;
    loop_remove(source->reader->loop, &source->watch);
    close(source->watch.fd);
    source->watch.fd = -1;
}

static void take_out(struct source *source)
{
    *source->at = source->next;
    if (source->next)
        source->next->at = source->at;
}

static void put_in(struct source **list, struct source *source)
{
    source->next = *list;
    source->at = list;
    if (source->next)
        source->next->at = &source->next;
    *list = source;
}

static void count(struct depacket *depacket)
{
    losses_count(&depacket->packets_lost, &depacket->packets_broken, &depacket->assembly.units_dropped);
}

static void release(struct source *source)
{
    disconnect(source);
    take_out(source);
    if (source->lookup && gai_error(&source->lookup->request) == EAI_INPROGRESS) {
        put_in(&source->reader->abandoned, source);
        return;
    }
    if (source->lookup && source->lookup->request.ar_result)
        freeaddrinfo(source->lookup->request.ar_result);
    if (source->addresses)
        freeaddrinfo(source->addresses);
    free(source->lookup);
    rtsp_session_finish(&source->session);
    buffer_finish(&source->rest);
    buffer_finish(&source->out);
    free(source);
}

/* What the listener does may be to stop the source: `busy` keeps its memory until the caller is done. */
static void end(struct source *source, int code, const char *reason)
{
    disconnect(source);
    if (!source->stopped)
        source->sink.ended(source->sink.context, code, reason);
}

static void leave(struct source *source)
{
    if (source->watch.fd < 0 || !source->connected)
        return;
    buffer_clear(&source->out); /* what waits there is of no use any more, and the farewell is a courtesy */
    rtsp_session_leave(&source->session, &source->out);
    if (source->out.size)
        (void)!send(source->watch.fd, source->out.bytes, source->out.size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void stop(void *context)
{
    struct source *source = context;
    if (source->stopped)
        return;
    source->stopped = true;
    leave(source);
    disconnect(source);
    count(&source->session.depacket);
    if (!source->busy && !source->reader->ticking)
        release(source);
}

/* ---- what goes over the connection ---- */

static int flush(struct source *source)
{
    struct buffer *out = &source->out;
    if (!source->connected || out->size == 0)
        return 0;
    ssize_t sent = send(source->watch.fd, out->bytes, out->size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return -errno;
    if (sent > 0) {
        out->size -= (size_t)sent;
        memmove(out->bytes, out->bytes + sent, out->size);
    }
    loop_modify(source->reader->loop, &source->watch, out->size ? EPOLLIN | EPOLLOUT : EPOLLIN);
    return 0;
}

static void unit_came(void *context, const struct source_unit *unit)
{
    struct source *source = context;
    if (!source->stopped)
        source->sink.unit(source->sink.context, unit);
}

/* Behind what was left of the last time. */
static ssize_t receive(struct source *source)
{
    struct rtsp_reader *reader = source->reader;
    size_t rest = source->rest.size;
    if (rest)
        memcpy(reader->received, source->rest.bytes, rest);
    ssize_t got = recv(source->watch.fd, reader->received + rest, RECEIVE_BYTES - rest, MSG_DONTWAIT);
    return got < 0 ? -errno : got;
}

static void keep_rest(struct source *source, const uint8_t *from, size_t size)
{
    if (size == 0 && source->rest.capacity > 4096)
        buffer_finish(&source->rest);
    buffer_clear(&source->rest);
    buffer_append(&source->rest, from, size);
}

static void hear(struct source *source)
{
    struct rtsp_reader *reader = source->reader;
    struct fault fault = { "" };
    ssize_t got = receive(source);
    if (got == -EAGAIN || got == -EINTR)
        return;
    if (got <= 0) {
        end(source, got ? (int)got : -ECONNRESET, got ? strerror((int)-got) : "the camera closed the connection");
        return;
    }
    losses_count_bytes(got);
    size_t size = source->rest.size + (size_t)got;
    int64_t used = rtsp_session_feed(&source->session, (struct bytes){ reader->received, size }, clock_now_ms(),
                                     clock_mono_ms(), &source->out, &fault);
    if (source->stopped)
        return;
    if (used < 0) {
        end(source, (int)used, fault.text);
        return;
    }
    keep_rest(source, reader->received + used, size - (size_t)used);
    int result = flush(source);
    if (source->rest.size > REST_MAX)
        end(source, -EPROTO, "the camera sends no end of a message");
    else if (result < 0)
        end(source, result, strerror(-result));
}

/* ---- connecting ---- */

static int ready(void *context, uint32_t events);

static int connect_to(struct source *source, const struct addrinfo *address)
{
    int one = 1, fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    source->connected = false;
    source->watch = (struct loop_watch){ .fd = fd, .ready = ready, .context = source };
    int result = connect(fd, address->ai_addr, address->ai_addrlen) < 0 && errno != EINPROGRESS ? -errno : 0;
    if (result == 0)
        result = loop_add(source->reader->loop, &source->watch, EPOLLOUT);
    if (result < 0) {
        close(fd);
        source->watch.fd = -1;
    }
    return result;
}

/* The next address of the host that can be tried at all. */
static int connect_next(struct source *source)
{
    int result = -EADDRNOTAVAIL;
    while (source->address) {
        result = connect_to(source, source->address);
        source->address = source->address->ai_next;
        if (result == 0)
            return 0;
    }
    return result;
}

static void finish_connecting(struct source *source)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(source->watch.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        disconnect(source);
        if (connect_next(source) < 0)
            end(source, -error, strerror(error));
        return;
    }
    source->connected = true;
    int result = flush(source);
    if (result < 0)
        end(source, result, strerror(-result));
}

static int ready(void *context, uint32_t events)
{
    struct source *source = context;
    source->busy = true;
    if (!source->connected)
        finish_connecting(source);
    else if (events & ~(uint32_t)EPOLLOUT)
        hear(source);
    else if (flush(source) < 0)
        end(source, -EPIPE, "the camera takes no requests");
    source->busy = false;
    if (source->stopped)
        release(source);
    return 0;
}

/* ---- names ---- */

static int look_up(struct source *source, struct fault *fault)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);
    assert(lookup);
    memcpy(lookup->host, source->session.url->host, sizeof lookup->host);
    memcpy(lookup->port, source->session.url->port, sizeof lookup->port);
    lookup->hints = (struct addrinfo){ .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
    lookup->request =
        (struct gaicb){ .ar_name = lookup->host, .ar_service = lookup->port, .ar_request = &lookup->hints };
    int error = getaddrinfo_a(GAI_NOWAIT, (struct gaicb *[]){ &lookup->request }, 1, NULL);
    if (error) {
        free(lookup);
        return fault_set(fault, -EAGAIN, "%s: %s", source->session.url->host, gai_strerror(error));
    }
    source->lookup = lookup;
    return 0;
}

/* Numbers at once, names by a look-up. */
static int find_host(struct source *source, struct fault *fault)
{
    const struct camera_url *url = source->session.url;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | AI_NUMERICHOST };
    if (getaddrinfo(url->host, url->port, &hints, &source->addresses) != 0)
        return look_up(source, fault);
    source->address = source->addresses;
    int result = connect_next(source);
    return result < 0 ? fault_set(fault, result, "%s:%s: %s", url->host, url->port, strerror(-result)) : 0;
}

static void mind_lookup(struct source *source)
{
    int error = gai_error(&source->lookup->request);
    if (error == EAI_INPROGRESS)
        return;
    source->addresses = source->address = source->lookup->request.ar_result;
    free(source->lookup);
    source->lookup = NULL;
    int result = error ? -EHOSTUNREACH : connect_next(source);
    if (result < 0)
        end(source, result, error ? gai_strerror(error) : strerror(-result));
}

/* ---- the reader ---- */

static void tick_source(struct source *source, int64_t now_mono_ms)
{
    count(&source->session.depacket);
    if (source->stopped)
        return;
    if (source->lookup) {
        mind_lookup(source);
    } else if (source->connected && source->watch.fd >= 0) {
        rtsp_session_tick(&source->session, now_mono_ms, &source->out);
        int result = flush(source);
        if (result < 0)
            end(source, result, strerror(-result));
    }
}

static int tick(void *context)
{
    struct rtsp_reader *reader = context;
    int64_t now_mono_ms = clock_mono_ms();
    struct source *next;
    reader->ticking = true;
    for (struct source *source = reader->sources; source; source = source->next)
        tick_source(source, now_mono_ms);
    reader->ticking = false;
    for (struct source *source = reader->sources; source; source = next) {
        next = source->next;
        if (source->stopped)
            release(source);
    }
    for (struct source *source = reader->abandoned; source; source = next) {
        next = source->next;
        if (gai_error(&source->lookup->request) != EAI_INPROGRESS)
            release(source);
    }
    loop_timer_arm(reader->loop, &reader->tick, TICK_MS);
    return 0;
}

static int start(void *context, const char *url, const struct source_sink *sink, void **out, struct fault *fault)
{
    struct rtsp_reader *reader = context;
    struct source *source = calloc(1, sizeof *source);
    assert(source);
    source->reader = reader;
    source->sink = *sink;
    source->watch.fd = -1;
    put_in(&reader->sources, source);
    uint8_t random[8];
    random_bytes(random, sizeof random);
    struct source_sink own = { .unit = unit_came, .context = source };
    int result = rtsp_session_begin(&source->session, url, random, &own, &source->out, fault);
    if (result == 0)
        result = find_host(source, fault);
    if (result < 0)
        release(source);
    else
        *out = source;
    return result;
}

const struct source_ops rtsp_reader_ops = { .start = start, .stop = stop };

int rtsp_reader_open(struct loop *loop, struct rtsp_reader **out, struct fault *fault)
{
    struct rtsp_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return fault_set(fault, -ENOMEM, "cameras: out of memory");
    reader->loop = loop;
    reader->tick = (struct loop_timer){ .fire = tick, .context = reader };
    loop_timer_arm(loop, &reader->tick, TICK_MS);
    losses_register();
    *out = reader;
    return 0;
}

void rtsp_reader_close(struct rtsp_reader *reader)
{
    if (!reader)
        return;
    assert(!reader->sources);
    loop_timer_disarm(reader->loop, &reader->tick);
    while (reader->abandoned) { /* its look-up takes as long as it takes */
        gai_suspend((const struct gaicb *const[]){ &reader->abandoned->lookup->request }, 1, NULL);
        release(reader->abandoned);
    }
    free(reader);
}
