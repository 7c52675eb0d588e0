#include "videowall/wall/decoders.h"

#include <glib.h>
#include <string.h>
#include <time.h>

#include "proto/base/metrics.h"
#include "videowall/wall/codec.h"

enum { WAITING_MAX_BYTES = 4 << 20, WAITING_MAX_US = 2 * G_USEC_PER_SEC, THREADS_MAX = 64 };

static struct metric frames_skipped = METRIC_COUNTER("drumtower_wall_frames_skipped_total", "Frames left out because "
                                                                                            "their decoder did not "
                                                                                            "keep up, or no key frame "
                                                                                            "had come.");
static struct metric decoders_broken = METRIC_COUNTER("drumtower_wall_decoders_broken_total", "Decoders that gave up "
                                                                                              "and were made anew.");

struct decoders {
    GMutex lock;       /* of what follows, and of the frames that wait for a decoder */
    GCond came, done;  /* a decoder may be served; one was */
    GQueue ready;      /* of struct decoder: has frames, is not in a thread; who took the least time first */
    int64_t served_us; /* what the one that was served last had taken before */
    bool ends;
    guint count;
    GThread *threads[THREADS_MAX];
};

struct decoder {
    struct decoders *decoders;
    void (*picture)(void *context, const struct canvas *picture);
    void *context;
    GQueue frames; /* of struct waiting, in the order in which they came */
    size_t waiting_bytes;
    bool busy;        /* in a thread now */
    bool left_out;    /* a frame was; what depends on it is, too */
    int64_t taken_us; /* of the threads' time */
    /* Of the thread that serves it. NULL until the first key frame, and between a break and the next one. */
    struct codec *codec;
    enum frame_codec kind;
};

struct waiting {
    int64_t since_us;
    enum frame_codec codec;
    bool key;
    size_t size;
    uint8_t unit[];
};

/* ---- whose turn it is, under the lock ---- */

/* Where they are alike, who came first. */
static gint by_time_taken(gconstpointer a, gconstpointer b, gpointer unused)
{
    (void)unused;
    return ((const struct decoder *)a)->taken_us > ((const struct decoder *)b)->taken_us ? 1 : -1;
}

/* Start-time fair queuing (Goyal, Vin and Cheng, 1996): whoever needs less than its share is served at once, however much others have waiting; nobody
 * saves up time by needing none. */
static void put_ready(struct decoder *decoder)
{
    struct decoders *decoders = decoder->decoders;
    decoder->taken_us = MAX(decoder->taken_us, decoders->served_us);
    g_queue_insert_sorted(&decoders->ready, decoder, by_time_taken, NULL);
}

static size_t bytes_of(size_t unit_size)
{
    return sizeof(struct waiting) + unit_size;
}

static struct waiting *take_frame(struct decoder *decoder)
{
    struct waiting *frame = g_queue_pop_head(&decoder->frames);
    decoder->waiting_bytes -= bytes_of(frame->size);
    return frame;
}

static void drop_frames(struct decoder *decoder)
{
    g_queue_clear_full(&decoder->frames, g_free);
    decoder->waiting_bytes = 0;
}

/* ---- in one of the threads ---- */

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

static void decode(struct decoder *decoder, const struct waiting *frame)
{
    struct codec *codec = codec_for(decoder, frame);
    if (!codec) {
        metric_add(frame->key ? &decoders_broken : &frames_skipped, 1);
    } else if (!codec_decode(codec, (struct bytes){ frame->unit, frame->size }, decoder->picture, decoder->context)) {
        metric_add(&decoders_broken, 1);
        codec_close(codec);
        decoder->codec = NULL;
    }
}

/* Of the processor: what it had to wait for is no camera's debt. */
static int64_t thread_us(void)
{
    struct timespec taken;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &taken);
    return taken.tv_sec * G_USEC_PER_SEC + taken.tv_nsec / 1000;
}

/* Leaves the lock while it decodes. */
static void serve(struct decoders *decoders, struct decoder *decoder)
{
    struct waiting *frame = take_frame(decoder);
    int64_t began_us = thread_us();
    decoders->served_us = decoder->taken_us;
    decoder->busy = true;
    g_mutex_unlock(&decoders->lock);
    decode(decoder, frame);
    g_free(frame);
    g_mutex_lock(&decoders->lock);
    decoder->busy = false;
    decoder->taken_us += thread_us() - began_us;
    if (!g_queue_is_empty(&decoder->frames))
        put_ready(decoder);
    g_cond_broadcast(&decoders->done);
}

static gpointer work(gpointer argument)
{
    struct decoders *decoders = argument;
    g_mutex_lock(&decoders->lock);
    while (!decoders->ends) {
        struct decoder *decoder = g_queue_pop_head(&decoders->ready);
        if (decoder)
            serve(decoders, decoder);
        else
            g_cond_wait(&decoders->came, &decoders->lock);
    }
    g_mutex_unlock(&decoders->lock);
    return NULL;
}

/* ---- in the thread of who pushes ---- */

/* True: the frame may wait, too. A key frame needs none of those before it: where they are late, it comes in their place. */
static bool makes_room(struct decoder *decoder, const struct frame *frame, int64_t now_us)
{
    const struct waiting *oldest = g_queue_peek_head(&decoder->frames);
    bool is_late = oldest && now_us - oldest->since_us > WAITING_MAX_US;
    if (decoder->waiting_bytes > WAITING_MAX_BYTES)
        decoder->left_out = true;
    if (frame->key && (is_late || decoder->left_out)) {
        metric_add(&frames_skipped, g_queue_get_length(&decoder->frames));
        drop_frames(decoder);
        decoder->left_out = false;
    }
    return !decoder->left_out;
}

void decoder_push(struct decoder *decoder, const struct frame *frame)
{
    struct decoders *decoders = decoder->decoders;
    int64_t now_us = g_get_monotonic_time();
    g_mutex_lock(&decoders->lock);
    bool is_ready = decoder->busy || !g_queue_is_empty(&decoder->frames); /* or will be */
    if (makes_room(decoder, frame, now_us)) {
        struct waiting *waiting = g_malloc(bytes_of(frame->unit.size));
        *waiting =
            (struct waiting){ .since_us = now_us, .codec = frame->codec, .key = frame->key, .size = frame->unit.size };
        memcpy(waiting->unit, frame->unit.data, frame->unit.size);
        decoder->waiting_bytes += bytes_of(frame->unit.size);
        g_queue_push_tail(&decoder->frames, waiting);
        if (!is_ready) {
            put_ready(decoder);
            g_cond_signal(&decoders->came);
        }
    } else {
        metric_add(&frames_skipped, 1);
    }
    g_mutex_unlock(&decoders->lock);
}

struct decoder *decoder_open(struct decoders *decoders, void (*picture)(void *context, const struct canvas *picture),
                             void *context)
{
    struct decoder *decoder = g_new0(struct decoder, 1);
    decoder->decoders = decoders;
    decoder->picture = picture;
    decoder->context = context;
    return decoder;
}

void decoder_close(struct decoder *decoder)
{
    if (!decoder)
        return;
    struct decoders *decoders = decoder->decoders;
    g_mutex_lock(&decoders->lock);
    g_queue_remove(&decoders->ready, decoder);
    drop_frames(decoder);
    while (decoder->busy)
        g_cond_wait(&decoders->done, &decoders->lock);
    g_mutex_unlock(&decoders->lock);
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
    g_mutex_init(&decoders->lock);
    g_cond_init(&decoders->came);
    g_cond_init(&decoders->done);
    for (guint i = 0; i < decoders->count; i++)
        decoders->threads[i] = g_thread_new("wall-decoder", work, decoders);
    *out = decoders;
    return 0;
}

void decoders_close(struct decoders *decoders)
{
    if (!decoders)
        return;
    g_mutex_lock(&decoders->lock);
    decoders->ends = true;
    g_cond_broadcast(&decoders->came);
    g_mutex_unlock(&decoders->lock);
    for (guint i = 0; i < decoders->count; i++)
        g_thread_join(decoders->threads[i]);
    g_mutex_clear(&decoders->lock);
    g_cond_clear(&decoders->came);
    g_cond_clear(&decoders->done);
    g_free(decoders);
}
