/* The decoders of the wall, with frames that real encoders made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>
#include <gst/app/gstappsink.h>

#include "test/unit/door/bench.h"
#include "videowall/media/media.h"
#include "videowall/wall/decoders.h"

enum { FRAMES = 30, GROUP = 10, WIDTH = 160, HEIGHT = 96 };

/* FRAMES of them, a key frame every GROUP. */
struct clip {
    enum frame_codec codec;
    GstSample *samples[FRAMES];
};

static void ended(void *context, const char *error)
{
    (void)context;
    if (error)
        print_error("the encoder: %s\n", error);
}

static struct clip clip_make(enum frame_codec codec, const char *encoder)
{
    struct clip clip = { .codec = codec };
    struct fault fault = { "" };
    GstElement *pipeline;
    char *words = g_strdup_printf("videotestsrc pattern=ball num-buffers=%d ! video/x-raw,width=%d,height=%d,"
                                  "framerate=15/1 ! %s ! appsink name=out sync=false",
                                  FRAMES, WIDTH, HEIGHT, encoder);
    assert_int_equal(media_init(&fault), 0);
    assert_int_equal(media_launch("clip", words, ended, NULL, &pipeline, &fault), 0);
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    for (int i = 0; i < FRAMES; i++)
        assert_non_null(clip.samples[i] = gst_app_sink_pull_sample(GST_APP_SINK(sink)));
    gst_object_unref(sink);
    media_end(&pipeline);
    g_free(words);
    return clip;
}

static void clip_drop(struct clip *clip)
{
    for (int i = 0; i < FRAMES; i++)
        gst_sample_unref(clip->samples[i]);
}

#define H264(format) \
    "videoconvert ! video/x-raw,format=" format " ! x264enc speed-preset=ultrafast tune=zerolatency key-int-max=10 " \
    "! h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au"
#define H265 \
    "x265enc speed-preset=ultrafast tune=zerolatency key-int-max=10 log-level=none " \
    "! h265parse config-interval=-1 ! video/x-h265,stream-format=byte-stream,alignment=au"

/* What came out, and one who waits for it. */
struct seen {
    GMutex lock;
    GCond came;
    int pictures, width, height;
};

static void picture_came(void *context, const struct canvas *picture)
{
    struct seen *seen = context;
    g_mutex_lock(&seen->lock);
    seen->pictures++;
    seen->width = picture->width;
    seen->height = picture->height;
    assert_true(picture->y && picture->u && picture->v && picture->uv_stride >= picture->width / 2);
    g_cond_signal(&seen->came);
    g_mutex_unlock(&seen->lock);
}

static void wait_for(struct seen *seen, int pictures)
{
    int64_t until_us = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;
    g_mutex_lock(&seen->lock);
    while (seen->pictures < pictures)
        if (!g_cond_wait_until(&seen->came, &seen->lock, until_us))
            fail_msg("%d pictures came, expected %d", seen->pictures, pictures);
    g_mutex_unlock(&seen->lock);
}

struct rig {
    struct decoders *decoders;
    struct decoder *decoder;
    struct seen seen;
};

static void open_rig(struct rig *rig)
{
    struct fault fault = { "" };
    *rig = (struct rig){ 0 };
    assert_int_equal(decoders_open(&rig->decoders, &fault), 0);
    rig->decoder = decoder_open(rig->decoders, picture_came, &rig->seen);
}

static void close_rig(struct rig *rig)
{
    decoder_close(rig->decoder);
    decoders_close(rig->decoders);
}

static void push(struct decoder *decoder, const struct clip *clip, int from, int to)
{
    for (int i = from; i < to; i++) {
        GstBuffer *buffer = gst_sample_get_buffer(clip->samples[i]);
        GstMapInfo map;
        gst_buffer_map(buffer, &map, GST_MAP_READ);
        struct frame frame = { .key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT),
                               .codec = clip->codec,
                               .unit = { map.data, map.size } };
        decoder_push(decoder, &frame);
        gst_buffer_unmap(buffer, &map);
    }
}

static void every_frame_is_a_picture(void **state)
{
    struct rig rig;
    struct clip clip = clip_make(FRAME_H264, H264("I420"));
    (void)state;
    open_rig(&rig);
    push(rig.decoder, &clip, 0, FRAMES);
    wait_for(&rig.seen, FRAMES);
    assert_int_equal(rig.seen.width, WIDTH);
    assert_int_equal(rig.seen.height, HEIGHT);
    close_rig(&rig);
    clip_drop(&clip);
}

static void it_begins_at_a_key_frame(void **state)
{
    struct rig rig;
    struct clip clip = clip_make(FRAME_H264, H264("I420"));
    (void)state;
    open_rig(&rig);
    int64_t skipped = metric_value("drumtower_wall_frames_skipped_total");
    push(rig.decoder, &clip, 1, FRAMES);
    wait_for(&rig.seen, FRAMES - GROUP);
    assert_int_equal(metric_value("drumtower_wall_frames_skipped_total") - skipped, GROUP - 1);
    close_rig(&rig);
    clip_drop(&clip);
}

static void garbage_costs_its_own_pictures(void **state)
{
    struct rig rig;
    struct clip clip = clip_make(FRAME_H264, H264("I420"));
    uint8_t noise[5000];
    uint32_t random = 1;
    (void)state;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)((random = random * 1664525u + 1013904223u) >> 24);
    memcpy(noise, "\0\0\0\1\x65", 5); /* it says that it is a key picture */
    open_rig(&rig);
    for (int i = 0; i < 100; i++)
        decoder_push(rig.decoder,
                     &(struct frame){ .key = true, .codec = FRAME_H264, .unit = { noise, sizeof noise - (size_t)i } });
    push(rig.decoder, &clip, 0, FRAMES);
    wait_for(&rig.seen, FRAMES);
    close_rig(&rig);
    clip_drop(&clip);
}

static void a_camera_may_change_its_codec(void **state)
{
    struct rig rig;
    struct clip first = clip_make(FRAME_H264, H264("I420")), second = clip_make(FRAME_H265, H265);
    (void)state;
    open_rig(&rig);
    push(rig.decoder, &first, 0, GROUP);
    push(rig.decoder, &second, 1, FRAMES); /* up to its next key frame it is not understood */
    push(rig.decoder, &first, 0, GROUP);
    wait_for(&rig.seen, GROUP + (FRAMES - GROUP) + GROUP);
    close_rig(&rig);
    clip_drop(&first);
    clip_drop(&second);
}

static void other_formats_become_i420(void **state)
{
    static const char *const encoders[] = { H264("Y42B"), H264("Y444"), H264("I420_10LE") };
    (void)state;
    for (size_t i = 0; i < sizeof encoders / sizeof *encoders; i++) {
        struct rig rig;
        struct clip clip = clip_make(FRAME_H264, encoders[i]);
        open_rig(&rig);
        push(rig.decoder, &clip, 0, FRAMES);
        wait_for(&rig.seen, FRAMES);
        assert_int_equal(rig.seen.width, WIDTH);
        close_rig(&rig);
        clip_drop(&clip);
    }
}

/* What is closed in the middle tells nothing more, and keeps nobody beside it from going on. */
static void one_may_be_closed_at_any_time(void **state)
{
    enum { CAMERAS = 16 };
    struct rig rig;
    struct clip clip = clip_make(FRAME_H264, H264("I420"));
    (void)state;
    open_rig(&rig);
    for (int i = 0; i < CAMERAS; i++) {
        struct seen *seen = g_new0(struct seen, 1); /* freed at once: a picture that follows is a use after free */
        struct decoder *decoder = decoder_open(rig.decoders, picture_came, seen);
        push(decoder, &clip, 0, FRAMES);
        decoder_close(decoder);
        g_free(seen);
    }
    push(rig.decoder, &clip, 0, FRAMES);
    wait_for(&rig.seen, FRAMES);
    close_rig(&rig);
    clip_drop(&clip);
}

/* Of one that is held up. */
static void held_picture_came(void *context, const struct canvas *picture)
{
    struct rig *rig = context;
    g_mutex_lock(&rig->seen.lock); /* by the test, until it has seen enough */
    g_mutex_unlock(&rig->seen.lock);
    picture_came(&rig->seen, picture);
}

/* Its first picture takes until the lock is given back. */
static struct decoder *open_held(struct rig *rig)
{
    open_rig(rig);
    g_mutex_lock(&rig->seen.lock);
    return decoder_open(rig->decoders, held_picture_came, rig);
}

static void more_than_may_wait_is_left_out(void **state)
{
    enum { ROUNDS = 4000 };
    struct rig rig;
    struct clip clip = clip_make(FRAME_H264, H264("I420"));
    (void)state;
    struct decoder *held = open_held(&rig);
    int64_t skipped = metric_value("drumtower_wall_frames_skipped_total");
    int round = 0;
    while (metric_value("drumtower_wall_frames_skipped_total") == skipped && round++ < ROUNDS)
        push(held, &clip, 0, FRAMES);
    assert_true(round < ROUNDS);
    g_mutex_unlock(&rig.seen.lock);
    decoder_close(held);
    close_rig(&rig);
    clip_drop(&clip);
}

/* A picture that is late by seconds is none of now. */
static void a_key_frame_comes_in_the_place_of_what_waits_too_long(void **state)
{
    struct rig rig;
    struct clip clip = clip_make(FRAME_H264, H264("I420"));
    (void)state;
    struct decoder *held = open_held(&rig);
    int64_t skipped = metric_value("drumtower_wall_frames_skipped_total");
    int64_t until_us = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;
    push(held, &clip, 0, 2); /* the second one waits for the first */
    while (metric_value("drumtower_wall_frames_skipped_total") == skipped) {
        if (g_get_monotonic_time() > until_us)
            fail_msg("what waited for 20 s was not left out");
        g_usleep(G_USEC_PER_SEC / 50); /* a camera's rate */
        push(held, &clip, GROUP, GROUP + 1);
    }
    g_mutex_unlock(&rig.seen.lock);
    push(held, &clip, GROUP + 1, FRAMES);
    wait_for(&rig.seen, 1 + FRAMES - GROUP); /* the one that was held, and all from the last key frame on */
    decoder_close(held);
    assert_int_equal(rig.seen.pictures, 1 + FRAMES - GROUP);
    close_rig(&rig);
    clip_drop(&clip);
}

/* Cameras that have more to decode than there is time, and one that has a single frame. */
static void a_heavy_camera_makes_no_other_one_late(void **state)
{
    enum { ROUNDS = 20 };
    struct rig rig, heavy;
    struct clip clip = clip_make(FRAME_H264, H264("I420"));
    guint count = 2 * g_get_num_processors();
    (void)state;
    open_rig(&rig);
    heavy = (struct rig){ 0 };
    struct decoder **decoders = g_new0(struct decoder *, count);
    g_mutex_lock(&heavy.seen.lock);
    for (guint i = 0; i < count; i++) {
        decoders[i] = decoder_open(rig.decoders, held_picture_came, &heavy);
        for (int round = 0; round < ROUNDS; round++)
            push(decoders[i], &clip, 0, FRAMES);
    }
    push(rig.decoder, &clip, 0, 1);
    g_mutex_unlock(&heavy.seen.lock);
    wait_for(&rig.seen, 1);
    g_mutex_lock(&heavy.seen.lock);
    int before = heavy.seen.pictures;
    g_mutex_unlock(&heavy.seen.lock);
    if (before >= (int)count * ROUNDS * FRAMES / 4)
        fail_msg("%d pictures of heavy cameras came first", before);
    for (guint i = 0; i < count; i++)
        decoder_close(decoders[i]);
    g_free(decoders);
    close_rig(&rig);
    clip_drop(&clip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_frame_is_a_picture),
        cmocka_unit_test(it_begins_at_a_key_frame),
        cmocka_unit_test(garbage_costs_its_own_pictures),
        cmocka_unit_test(a_camera_may_change_its_codec),
        cmocka_unit_test(other_formats_become_i420),
        cmocka_unit_test(one_may_be_closed_at_any_time),
        cmocka_unit_test(more_than_may_wait_is_left_out),
        cmocka_unit_test(a_key_frame_comes_in_the_place_of_what_waits_too_long),
        cmocka_unit_test(a_heavy_camera_makes_no_other_one_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
