#include "videowall/wall/decoders.h"

#include <glib.h>
#include <string.h>

#include "proto/base/metrics.h"
#include "videowall/wall/codec.h"

enum { WAITING_MAX_BYTES = 4 << 20, THREADS_MAX = 64 };

static struct metric frames_skipped = METRIC_COUNTER("drumtower_wall_frames_skipped_total", "Frames left out because "
                                                                                            "their decoder did not "
                                                                                            "keep up, or no key frame "
                                                                                            "had come.");
static struct metric decoders_broken = METRIC_COUNTER("drumtower_wall_decoders_broken_total", "Decoders that gave up "
                                                                                              "and were made anew.");

/* One thread, and the frames that wait for it. */
struct worker {
    GThread *thread;
    GMutex lock;   /* of what follows */
    GCond changed; /* a frame came, one is done, or it is to end */
    GQueue frames; /* of struct waiting, in the order in which they came */
    struct decoder *busy;
    bool ends;
};

struct decoders {
    guint next; /* who gets the next camera */
    guint count;
    struct worker workers[THREADS_MAX];
};

struct decoder {
    struct worker *worker;
    void (*picture)(void *context, const struct canvas *picture);
    void *context;
    enum frame_codec
        pushed; /* of who pushes: the codec of the last key frame; and whether the next frame must be one */
    bool need_key;
    size_t waiting_bytes; /* under the worker's lock, and the next one */
    bool broken;
    struct codec
        *codec; /* of the worker's thread; NULL until the first key frame, and between a break and the next one */
    enum frame_codec kind;
};

struct waiting {
    struct decoder *decoder;
    enum frame_codec codec;
    bool key;
    size_t size;
    uint8_t unit[];
};

/* ---- in the worker's thread ---- */

static struct codec *codec_for(struct decoder *decoder, const struct waiting *frame)
{
    if (decoder->codec && decoder->kind != frame->codec) {
        codec_close(decoder->codec);
        decoder->codec = NULL;
    }
    if (!decoder->codec && frame->key) {
        decoder->codec = codec_open(frame->codec);
        decoder->kind = frame->codec;
    }
    return decoder->codec;
}

/* False: the codec broke. */
static bool decode(const struct waiting *frame)
{
    struct decoder *decoder = frame->decoder;
    struct codec *codec = codec_for(decoder, frame);
    if (!codec)
        return !frame->key;
    if (codec_decode(codec, (struct bytes){ frame->unit, frame->size }, decoder->picture, decoder->context))
        return true;
    codec_close(codec);
    decoder->codec = NULL;
    return false;
}

static gpointer work(gpointer argument)
{
    struct worker *worker = argument;
    g_mutex_lock(&worker->lock);
    while (!worker->ends) {
        struct waiting *frame = g_queue_pop_head(&worker->frames);
        if (!frame) {
            g_cond_wait(&worker->changed, &worker->lock);
            continue;
        }
        worker->busy = frame->decoder;
        g_mutex_unlock(&worker->lock);
        bool fine = decode(frame);
        g_mutex_lock(&worker->lock);
        frame->decoder->waiting_bytes -= frame->size;
        frame->decoder->broken |= !fine;
        worker->busy = NULL;
        g_cond_broadcast(&worker->changed);
        g_free(frame);
    }
    g_mutex_unlock(&worker->lock);
    return NULL;
}

/* ---- in the thread of who pushes ---- */

/* Under the worker's lock. True: the frame may go in. */
static bool takes(struct decoder *decoder, const struct frame *frame)
{
    if (decoder->broken)
        metric_add(&decoders_broken, 1);
    if (decoder->broken || decoder->waiting_bytes > WAITING_MAX_BYTES || frame->codec != decoder->pushed)
        decoder->need_key = true;
    decoder->broken = false;
    if (frame->key && decoder->waiting_bytes <= WAITING_MAX_BYTES) {
        decoder->need_key = false;
        decoder->pushed = frame->codec;
    }
    return !decoder->need_key;
}

void decoder_push(struct decoder *decoder, const struct frame *frame)
{
    struct worker *worker = decoder->worker;
    g_mutex_lock(&worker->lock);
    if (takes(decoder, frame)) {
        struct waiting *waiting = g_malloc(sizeof *waiting + frame->unit.size);
        *waiting =
            (struct waiting){ .decoder = decoder, .codec = frame->codec, .key = frame->key, .size = frame->unit.size };
        memcpy(waiting->unit, frame->unit.data, frame->unit.size);
        decoder->waiting_bytes += frame->unit.size;
        g_queue_push_tail(&worker->frames, waiting);
        g_cond_broadcast(&worker->changed);
    } else {
        metric_add(&frames_skipped, 1);
    }
    g_mutex_unlock(&worker->lock);
}

struct decoder *decoder_open(struct decoders *decoders, void (*picture)(void *context, const struct canvas *picture),
                             void *context)
{
    struct decoder *decoder = g_new0(struct decoder, 1);
    *decoder = (struct decoder){
        .worker = &decoders->workers[decoders->next++ % decoders->count],
        .picture = picture,
        .context = context,
        .need_key = true,
    };
    return decoder;
}

static gint is_of(gconstpointer frame, gconstpointer decoder)
{
    return ((const struct waiting *)frame)->decoder != decoder;
}

void decoder_close(struct decoder *decoder)
{
    if (!decoder)
        return;
    struct worker *worker = decoder->worker;
    GList *found;
    g_mutex_lock(&worker->lock);
    while ((found = g_queue_find_custom(&worker->frames, decoder, is_of))) {
        g_free(found->data);
        g_queue_delete_link(&worker->frames, found);
    }
    while (worker->busy == decoder)
        g_cond_wait(&worker->changed, &worker->lock);
    g_mutex_unlock(&worker->lock);
    codec_close(decoder->codec);
    g_free(decoder);
}

/* ---- start and end ---- */

int decoders_open(struct decoders **out, struct fault *fault)
{
    if (!codec_is_there(FRAME_H264))
        return fault_set(fault, -ENOENT,
                         "wall: this libavcodec cannot decode H.264; install that of tools/packages.txt");
    struct decoders *decoders = g_new0(struct decoders, 1);
    decoders->count = MIN(g_get_num_processors(), THREADS_MAX);
    metric_register(&frames_skipped);
    metric_register(&decoders_broken);
    for (guint i = 0; i < decoders->count; i++) {
        struct worker *worker = &decoders->workers[i];
        g_mutex_init(&worker->lock);
        g_cond_init(&worker->changed);
        worker->thread = g_thread_new("wall-decoder", work, worker);
    }
    *out = decoders;
    return 0;
}

void decoders_close(struct decoders *decoders)
{
    for (guint i = 0; decoders && i < decoders->count; i++) {
        struct worker *worker = &decoders->workers[i];
        g_mutex_lock(&worker->lock);
        worker->ends = true;
        g_cond_broadcast(&worker->changed);
        g_mutex_unlock(&worker->lock);
        g_thread_join(worker->thread);
        g_mutex_clear(&worker->lock);
        g_cond_clear(&worker->changed);
    }
    g_free(decoders);
}
