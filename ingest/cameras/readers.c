#include "ingest/cameras/readers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ingest/cameras/gb28181/gb28181.h"
#include "ingest/cameras/rtsp_reader.h"
#include "ingest/cameras/rtspsrc.h"
#include "proto/book/gb28181.h"

struct readers {
    struct loop *loop;
    struct rtsp_reader *own;
    struct rtspsrc_reader *rtspsrc; /* NULL: nobody has needed it yet */
    struct gb28181 *gb28181;        /* not ours; NULL: none */
};

/* A camera that is read, by one or the other. */
struct reading {
    struct readers *readers;
    struct source_sink sink;
    char *url;
    const struct source_ops *ops;
    void *source;
};

static int start_rtspsrc(struct reading *reading, struct fault *fault)
{
    struct readers *readers = reading->readers;
    int result = readers->rtspsrc ? 0 : rtspsrc_open(readers->loop, &readers->rtspsrc, fault);
    reading->ops = &rtspsrc_ops;
    return result < 0 ? result
                      : rtspsrc_ops.start(readers->rtspsrc, reading->url, &reading->sink, &reading->source, fault);
}

static void unit_came(void *context, const struct source_unit *unit)
{
    struct reading *reading = context;
    reading->sink.unit(reading->sink.context, unit);
}

/* What our own reader does not speak, the other one may. */
static void own_ended(void *context, int code, const char *reason)
{
    struct reading *reading = context;
    struct fault fault = { "" };
    if (code == -EPROTONOSUPPORT) {
        reading->ops->stop(reading->source);
        reading->source = NULL;
        code = start_rtspsrc(reading, &fault);
        if (code == 0)
            return;
        reason = fault.text;
    }
    reading->sink.ended(reading->sink.context, code, reason);
}

static void stop(void *context)
{
    struct reading *reading = context;
    if (reading->source)
        reading->ops->stop(reading->source);
    free(reading->url);
    free(reading);
}

static int start_gb28181(struct reading *reading, struct fault *fault)
{
    struct readers *readers = reading->readers;
    reading->ops = &gb28181_ops;
    return readers->gb28181 ? gb28181_ops.start(readers->gb28181, reading->url, &reading->sink, &reading->source, fault)
                            : fault_set(fault, -ENOTSUP, "devices of GB/T 28181 do not reach us");
}

static int start_first(struct reading *reading, struct fault *fault)
{
    struct source_sink own = { .unit = unit_came, .ended = own_ended, .context = reading };
    if (gb_is_address(reading->url))
        return start_gb28181(reading, fault);
    if (strncasecmp(reading->url, "rtsps://", 8) == 0)
        return start_rtspsrc(reading, fault);
    return rtsp_reader_ops.start(reading->readers->own, reading->url, &own, &reading->source, fault);
}

static int start(void *context, const char *url, const struct source_sink *sink, void **out, struct fault *fault)
{
    struct readers *readers = context;
    struct reading *reading = calloc(1, sizeof *reading);
    assert(reading);
    *reading = (struct reading){ .readers = readers, .sink = *sink, .url = strdup(url), .ops = &rtsp_reader_ops };
    assert(reading->url);
    int result = start_first(reading, fault);
    if (result < 0)
        stop(reading);
    else
        *out = reading;
    return result;
}

static int move(void *context, const char *url, const struct source_move *wanted, struct fault *fault)
{
    const struct readers *readers = context;
    if (readers->gb28181 && gb_is_address(url))
        return gb28181_ops.move(readers->gb28181, url, wanted, fault);
    return fault_set(fault, -ENOTSUP, "a camera that is read by RTSP alone cannot be moved");
}

const struct source_ops readers_ops = { .start = start, .stop = stop, .move = move };

int readers_open(struct loop *loop, struct readers **out, struct fault *fault)
{
    struct readers *readers = calloc(1, sizeof *readers);
    if (!readers)
        return fault_set(fault, -ENOMEM, "cameras: out of memory");
    readers->loop = loop;
    int result = rtsp_reader_open(loop, &readers->own, fault);
    if (result < 0)
        readers_close(readers);
    else
        *out = readers;
    return result;
}

void readers_take_gb28181(struct readers *readers, struct gb28181 *gb28181)
{
    readers->gb28181 = gb28181;
}

void readers_close(struct readers *readers)
{
    if (!readers)
        return;
    rtspsrc_close(readers->rtspsrc);
    rtsp_reader_close(readers->own);
    free(readers);
}
