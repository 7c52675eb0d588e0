#include "ingest/cameras/readers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ingest/cameras/gb28181/gb28181.h"
#include "ingest/cameras/onvif/onvif.h"
#include "ingest/cameras/refusals.h"
#include "ingest/cameras/rtsp_reader.h"
#include "ingest/cameras/rtspsrc.h"
#include "proto/base/clock.h"
#include "proto/book/gb28181.h"
#include "proto/book/onvif.h"
#include "proto/record/camera.h"

struct readers {
    struct loop *loop;
    struct rtsp_reader *own;
    struct onvif *onvif;
    struct rtspsrc_reader *rtspsrc; /* NULL: nobody has needed it yet */
    struct gb28181 *gb28181;        /* not ours; NULL: none */
    struct refusals *refusals;
};

/* A camera that is read, by one or the other. */
struct reading {
    struct readers *readers;
    struct source_sink sink;
    char *address; /* as the book has it */
    char *url;     /* what is read; NULL: a device is asked for it */
    const struct source_ops *ops;
    void *source;
    struct onvif_question question;
    int64_t heard_mono_ms; /* of the last unit, or of the start */
    bool has_come;         /* a unit has */
};

static void unit_came(void *context, const struct source_unit *unit)
{
    struct reading *reading = context;
    reading->heard_mono_ms = clock_mono_ms();
    if (!reading->has_come)
        refusals_end(reading->readers->refusals, reading->address);
    reading->has_come = true;
    reading->sink.unit(reading->sink.context, unit);
}

static void lose(struct reading *reading)
{
    if (onvif_is_address(reading->address))
        onvif_lost(reading->readers->onvif, reading->address);
}

static void ended(void *context, int code, const char *reason)
{
    struct reading *reading = context;
    lose(reading);
    if (code == -EACCES)
        refusals_keep(reading->readers->refusals, reading->address, reason, clock_mono_ms());
    reading->sink.ended(reading->sink.context, code, reason);
}

static int start_rtspsrc(struct reading *reading, struct fault *fault)
{
    struct readers *readers = reading->readers;
    struct source_sink sink = { .unit = unit_came, .ended = ended, .context = reading };
    int result = readers->rtspsrc ? 0 : rtspsrc_open(readers->loop, &readers->rtspsrc, fault);
    reading->ops = &rtspsrc_ops;
    return result < 0 ? result : rtspsrc_ops.start(readers->rtspsrc, reading->url, &sink, &reading->source, fault);
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
    ended(reading, code, reason);
}

/* A stream that was silent is lost, too: whoever looks at it again is not sent to an address where nothing comes. */
static void stop(void *context)
{
    struct reading *reading = context;
    if (reading->source && clock_mono_ms() - reading->heard_mono_ms >= CAMERA_SILENCE_MS)
        lose(reading);
    onvif_leave(&reading->question);
    if (reading->source)
        reading->ops->stop(reading->source);
    free(reading->address);
    free(reading->url);
    free(reading);
}

static int start_gb28181(struct reading *reading, struct fault *fault)
{
    struct readers *readers = reading->readers;
    reading->ops = &gb28181_ops;
    return readers->gb28181
               ? gb28181_ops.start(readers->gb28181, reading->address, &reading->sink, &reading->source, fault)
               : fault_set(fault, -ENOTSUP, "devices of GB/T 28181 do not reach us");
}

static int start_rtsp(struct reading *reading, const char *url, struct fault *fault)
{
    struct source_sink own = { .unit = unit_came, .ended = own_ended, .context = reading };
    reading->url = strdup(url);
    assert(reading->url);
    reading->heard_mono_ms = clock_mono_ms();
    if (strncasecmp(url, "rtsps://", 8) == 0)
        return start_rtspsrc(reading, fault);
    return rtsp_reader_ops.start(reading->readers->own, url, &own, &reading->source, fault);
}

/* A device has said where its stream is, or has not. */
static void found(void *context, int code, const char *text)
{
    struct reading *reading = context;
    struct fault fault = { "" };
    if (code == 0)
        code = start_rtsp(reading, text, &fault);
    if (code < 0)
        ended(reading, code, *fault.text ? fault.text : text);
}

static int start_onvif(struct reading *reading, struct fault *fault)
{
    const char *stream;
    reading->question = (struct onvif_question){ .answered = found, .context = reading };
    int result = onvif_find(reading->readers->onvif, reading->address, &reading->question, &stream, fault);
    if (result != 0)
        return result < 0 ? result : 0;
    result = start_rtsp(reading, stream, fault);
    if (result < 0)
        lose(reading);
    return result;
}

static int start_first(struct reading *reading, struct fault *fault)
{
    if (gb_is_address(reading->address))
        return start_gb28181(reading, fault);
    if (onvif_is_address(reading->address))
        return start_onvif(reading, fault); /* it looks at the refusals before it asks */
    int result = refusals_check(reading->readers->refusals, reading->address, clock_mono_ms(), fault);
    return result < 0 ? result : start_rtsp(reading, reading->address, fault);
}

static int start(void *context, const char *url, const struct source_sink *sink, void **out, struct fault *fault)
{
    struct readers *readers = context;
    struct reading *reading = calloc(1, sizeof *reading);
    assert(reading);
    *reading = (struct reading){ .readers = readers, .sink = *sink, .address = strdup(url), .ops = &rtsp_reader_ops };
    assert(reading->address);
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
    if (onvif_is_address(url))
        return onvif_move(readers->onvif, url, wanted, fault);
    return fault_set(fault, -ENOTSUP, "a camera that is read by RTSP alone cannot be moved");
}

const struct source_ops readers_ops = { .start = start, .stop = stop, .move = move };

int readers_open(struct loop *loop, struct readers **out, struct fault *fault)
{
    struct readers *readers = calloc(1, sizeof *readers);
    if (!readers)
        return fault_set(fault, -ENOMEM, "cameras: out of memory");
    readers->loop = loop;
    readers->refusals = refusals_create();
    int result = rtsp_reader_open(loop, &readers->own, fault);
    if (result == 0)
        result = onvif_open(loop, readers->refusals, &readers->onvif, fault);
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
    onvif_close(readers->onvif);
    rtspsrc_close(readers->rtspsrc);
    rtsp_reader_close(readers->own);
    refusals_destroy(readers->refusals);
    free(readers);
}
