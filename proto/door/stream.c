#include "proto/door/stream.h"

#include <assert.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "proto/base/metrics.h"
#include "proto/door/connection.h"
#include "proto/door/reply.h"
#include "proto/door/reply_inside.h"
#include "proto/door/request_inside.h"
#include "proto/door/runner.h"
#include "proto/door/session_gate.h"
#include "proto/door/stream_inside.h"

enum {
    STREAM_BLOCK_BYTES = 16 * 1024,
    COMMENT_MS = 15 * 1000,         /* how late a reader's silent departure is noticed */
    UNSENT_BYTES_MOST = 128 * 1024, /* in the kernel: the rest waits in the stream, where it is counted */
};

static struct metric open_streams = METRIC_GAUGE("drumtower_door_streams", "Streams (live updates, cameras) that are "
                                                                           "open.");
static struct metric cut_streams = METRIC_COUNTER("drumtower_door_streams_cut_total", "Streams that were cut off "
                                                                                      "because their reader was too "
                                                                                      "slow.");

struct stream {
    struct streams *all;
    struct request *request; /* NULL once the connection is over */
    struct buffer waiting;
    size_t taken; /* of `waiting`, by libmicrohttpd */
    size_t buffer_bytes;
    bool suspended; /* libmicrohttpd waits for bytes */
    bool ended;     /* by stream_end(), or cut off */
    bool told;      /* `closed` was called */
    bool comments;
    char *token; /* of the session that opened it; NULL where there was none */
    void (*closed)(void *context);
    void *context;
    int references; /* the door's list, and libmicrohttpd's response */
    struct stream *next;
};

static void release(void *context)
{
    struct stream *stream = context;
    if (--stream->references)
        return;
    buffer_finish(&stream->waiting);
    free(stream->token);
    free(stream);
}

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t most)
{
    (void)position;
    struct stream *stream = context;
    size_t left = stream->waiting.size - stream->taken;
    if (!stream->request || stream->request->connection->all->closing || stream->request->connection->dropped)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (!left && stream->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (!left) {
        stream->suspended = true;
        MHD_suspend_connection(stream->request->mhd);
        return 0;
    }
    size_t size = left < most ? left : most;
    memcpy(out, stream->waiting.bytes + stream->taken, size);
    stream->taken += size;
    if (stream->taken == stream->waiting.size) {
        buffer_clear(&stream->waiting);
        stream->taken = 0;
    }
    return (ssize_t)size;
}

static void wake(struct stream *stream)
{
    if (!stream->suspended)
        return;
    stream->suspended = false;
    runner_resume(stream->request->all->runner, stream->request->mhd);
}

static void prepare_socket(int fd)
{
    int unsent = UNSENT_BYTES_MOST;
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

struct stream *reply_stream(struct request *request, const char *type, size_t buffer_bytes,
                            void (*closed)(void *context), void *context)
{
    struct streams *all = request->all->streams;
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        abort();
    bool late = request->stage == STAGE_ANSWERED; /* the peer is gone, or was told 504 */
    *stream = (struct stream){
        .all = all,
        .request = late ? NULL : request,
        .buffer_bytes = buffer_bytes,
        .ended = late,
        .comments = header_is_type(type, "text/event-stream"),
        .token = request->session ? strdup(request->token) : NULL,
        .closed = closed,
        .context = context,
        .references = 2,
        .next = all->first,
    };
    all->first = stream;
    metric_add(&open_streams, 1);
    reply_header(request, "Content-Type", type);
    reply_header(request, "X-Accel-Buffering", "no"); /* nginx before us hands on each event at once */
    struct connection *connection = request->connection;
    if (!late)
        request->stream = stream;
    reply_response(
        request, 200,
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream, stream, release), 0);
    if (late) {
        streams_look(all); /* tells `closed`, but not from inside this call */
        return stream;
    }
    prepare_socket(connection->fd);
    connection_untimed(connection);
    if (!all->comment_timer.armed)
        loop_timer_arm(all->loop, &all->comment_timer, COMMENT_MS);
    return stream;
}

/* Room is made by moving what is left to the front: when that is the smaller half, and when an eighth of what may wait is taken, so that there is
 * little more memory than that. */
static void compact(struct stream *stream)
{
    size_t left = stream->waiting.size - stream->taken;
    if (stream->taken < left && stream->taken < stream->buffer_bytes / 8)
        return;
    memmove(stream->waiting.bytes, stream->waiting.bytes + stream->taken, left);
    stream->waiting.size = left;
    stream->taken = 0;
}

static void cut_off(struct stream *stream)
{
    metric_add(&cut_streams, 1);
    stream->ended = true;
    connection_drop(stream->request->connection, 0);
    wake(stream);
}

bool stream_write(struct stream *stream, struct bytes bytes)
{
    if (stream->ended || !stream->request)
        return false;
    if (stream_waiting(stream) + bytes.size > stream->buffer_bytes) {
        cut_off(stream);
        return false;
    }
    if (stream->taken)
        compact(stream);
    buffer_append(&stream->waiting, bytes.data, bytes.size);
    wake(stream);
    return true;
}

bool stream_event(struct stream *stream, uint64_t id, const char *event, const char *data)
{
    assert(!strpbrk(event, "\r\n") && !strpbrk(data, "\r\n"));
    struct buffer text = { 0 };
    buffer_format(&text, "id: %" PRIu64 "\nevent: %s\ndata: ", id, event);
    buffer_text(&text, data);
    buffer_text(&text, "\n\n");
    bool written = stream_write(stream, buffer_view(&text));
    buffer_finish(&text);
    return written;
}

size_t stream_waiting(const struct stream *stream)
{
    return stream->waiting.size - stream->taken;
}

void stream_end(struct stream *stream)
{
    if (stream->ended || !stream->request)
        return;
    stream->ended = true;
    connection_expect(stream->request->connection, 0); /* to take what is left */
    wake(stream);
}

/* ---- the end ---- */

static void forget(struct stream *stream)
{
    for (struct stream **at = &stream->all->first; *at; at = &(*at)->next)
        if (*at == stream) {
            *at = stream->next;
            metric_add(&open_streams, -1);
            release(stream);
            return;
        }
}

void stream_gone(struct stream *stream)
{
    stream->request->stream = NULL;
    stream->request = NULL;
    stream->ended = true;
    if (!stream->told) {
        stream->told = true;
        if (stream->closed)
            stream->closed(stream->context);
    }
    forget(stream);
}

/* One that began too late has no connection whose end would tell. */
static void tell_late(struct streams *all)
{
    for (struct stream *next, *stream = all->first; stream; stream = next) {
        next = stream->next;
        if (stream->request || stream->told)
            continue;
        stream->told = true;
        if (stream->closed)
            stream->closed(stream->context);
        forget(stream);
        next = all->first; /* the owner may have ended others */
    }
}

static int streams_comment(void *context)
{
    struct streams *all = context;
    tell_late(all);
    for (struct stream *stream = all->first; stream; stream = stream->next) {
        if (stream->token && !stream->ended && !gate_token_lasts(all->gate, stream->token))
            stream_end(stream); /* signed out, or the account was disabled */
        else if (stream->comments)
            stream_write(stream, (struct bytes){ (const uint8_t *)": \n\n", 4 });
    }
    if (all->first)
        loop_timer_arm(all->loop, &all->comment_timer, COMMENT_MS);
    return 0;
}

void streams_shut(struct streams *all)
{
    for (struct stream *stream = all->first; stream; stream = stream->next)
        wake(stream);
    tell_late(all);
}

void streams_open(struct streams *streams)
{
    streams->comment_timer = (struct loop_timer){ .fire = streams_comment, .context = streams };
}

void streams_look(struct streams *streams)
{
    loop_timer_arm(streams->loop, &streams->comment_timer, 0);
}

void streams_close(struct streams *streams)
{
    loop_timer_disarm(streams->loop, &streams->comment_timer);
}
