/* A page that watches, on a stream and feeds that the test plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/buffer.h"
#include "proto/door/door.h"
#include "videowall/feed/feed.h"
#include "videowall/live/live.h"
#include "videowall/live/page.h"
#include "videowall/live/stills.h"

enum { CAMERAS = 2, WAITING_MOST = 1 << 20 };

/* The peer: what was written to it, how much of it still waits, and whether it is there. */
static struct {
    struct buffer written;
    size_t waiting;
    size_t most_waiting;
    bool gone;
    void (*closed)(void *context);
    void *context;
    int ended;
} peer;
static struct feed_viewer *viewers[CAMERAS];
static struct camera_status statuses[CAMERAS];
static struct still_viewer *stills[CAMERAS];
static enum frame_codec codec;
static int told_ended;

struct stream *reply_stream(struct request *request, const char *type, size_t buffer_bytes,
                            void (*closed)(void *context), void *context)
{
    (void)request;
    assert_string_equal(type, LIVE_TYPE);
    assert_int_equal(buffer_bytes, WAITING_MOST);
    peer.closed = closed;
    peer.context = context;
    return (struct stream *)&peer;
}

bool stream_write(struct stream *stream, struct bytes bytes)
{
    (void)stream;
    buffer_append(&peer.written, bytes.data, bytes.size);
    peer.waiting += bytes.size;
    if (peer.waiting > peer.most_waiting)
        peer.most_waiting = peer.waiting;
    return !peer.gone;
}

size_t stream_waiting(const struct stream *stream)
{
    (void)stream;
    return peer.waiting;
}

void stream_end(struct stream *stream)
{
    (void)stream;
    peer.ended++;
}

int feed_add_viewer(struct feeds *feeds, const char *camera, struct feed_viewer *viewer)
{
    int index = camera[4] - '1';
    if (index < 0 || index >= CAMERAS)
        return 1;
    viewers[index] = viewer;
    viewer->feed = (struct feed *)feeds;
    statuses[index] = (struct camera_status){ .camera = camera, .state = CAMERA_OPENING, .reason = "" };
    viewer->status(viewer->context, &statuses[index]);
    return 0;
}

const struct camera_status *feed_viewer_status(const struct feed_viewer *viewer)
{
    for (int i = 0; i < CAMERAS; i++)
        if (viewers[i] == viewer)
            return &statuses[i];
    return NULL;
}

static void change(int camera, enum camera_state state)
{
    statuses[camera].state = state;
    viewers[camera]->status(viewers[camera]->context, &statuses[camera]);
}

void feed_remove_viewer(struct feed_viewer *viewer)
{
    for (int i = 0; i < CAMERAS; i++)
        if (viewers[i] == viewer)
            viewers[i] = NULL;
}

int still_add_viewer(struct stills *of, const char *camera, struct still_viewer *viewer)
{
    viewer->still = (struct still *)of;
    stills[camera[4] - '1'] = viewer;
    return 0;
}

void still_remove_viewer(struct still_viewer *viewer)
{
    for (int i = 0; i < CAMERAS; i++)
        if (stills[i] == viewer)
            stills[i] = NULL;
}

static void hear_end(void *context)
{
    (void)context;
    told_ended++;
}

static struct page *begin_as(bool stills_only)
{
    buffer_finish(&peer.written);
    memset(&peer, 0, sizeof peer);
    told_ended = 0;
    codec = FRAME_H264;
    struct page *page = page_create((struct feeds *)&peer, (struct stills *)&peer, WAITING_MOST, hear_end, NULL);
    static const char *const ids[] = { "cam-1", "cam-2", "cam-9" };
    page_begin(page, NULL, ids, 3, stills_only);
    return page;
}

static struct page *begin(void)
{
    return begin_as(false);
}

static void leave(struct page *page)
{
    peer.closed(peer.context);
    assert_int_equal(told_ended, 1);
    assert_true(page_has_ended(page));
    page_destroy(page);
}

/* A key frame carries a sequence parameter set of that level. */
static void deliver(int camera, bool key, uint8_t level, size_t size)
{
    static uint8_t unit[WAITING_MOST];
    memcpy(unit, (const uint8_t[]){ 0, 0, 0, 1, 0x67, 0x42, 0xc0, level, 0xd9 }, 9);
    struct frame frame = { .key = key, .codec = codec, .width = 640, .height = 360, .unit = { unit, size } };
    viewers[camera]->frame(viewers[camera]->context, &frame);
}

/* What was written, a letter each: u unit, K key unit, c config, s status, p pulse, j picture; for one camera, -1: for all. */
static const char *written(int camera)
{
    static char letters[256];
    size_t count = 0;
    struct bytes rest = buffer_view(&peer.written);
    struct live_record record;
    while (live_record_take(&rest, &record) == 0)
        if (camera < 0 || record.camera == camera)
            letters[count++] = record.kind == LIVE_UNIT && record.flags & LIVE_FLAG_KEY ? 'K' : " ucspj"[record.kind];
    letters[count] = '\0';
    assert_int_equal(rest.size, 0);
    return letters;
}

static void every_camera_has_its_status_first(void **state)
{
    (void)state;
    struct page *page = begin();
    assert_string_equal(written(-1), "psss");
    assert_non_null(memmem(peer.written.bytes, peer.written.size, "\"unknown\"", 9)); /* cam-9 */
    assert_non_null(memmem(peer.written.bytes, peer.written.size, "\"opening\"", 9));
    page_pulse(page);
    assert_string_equal(written(-1), "psssp");
    leave(page);
}

static void a_camera_starts_at_a_key_frame_behind_its_config(void **state)
{
    (void)state;
    struct page *page = begin();
    deliver(0, false, 30, 100);
    deliver(0, true, 30, 100);
    deliver(0, false, 30, 100);
    deliver(0, true, 30, 100);
    assert_string_equal(written(0), "scKuK");
    deliver(0, true, 31, 100); /* another level: the decoder begins anew */
    assert_string_equal(written(0), "scKuKcK");
    assert_string_equal(written(1), "s");
    leave(page);
}

static void a_slow_page_misses_units_up_to_the_next_key_frame(void **state)
{
    (void)state;
    struct page *page = begin();
    deliver(0, true, 30, 100);
    deliver(1, true, 30, 100);
    peer.waiting = WAITING_MOST - 200;
    deliver(0, false, 30, 300); /* does not fit */
    deliver(0, false, 30, 100); /* would fit, but cannot be decoded any more */
    deliver(1, false, 30, 100); /* fits */
    peer.waiting = 0;
    deliver(0, false, 30, 100);
    deliver(0, true, 30, 100);
    deliver(0, false, 30, 100);
    assert_string_equal(written(0), "scKKu");
    assert_string_equal(written(1), "scKu");
    leave(page);
}

static void a_config_that_did_not_fit_comes_before_the_next_key_frame(void **state)
{
    (void)state;
    struct page *page = begin();
    peer.waiting = WAITING_MOST - LIVE_HEAD_BYTES - 30;
    deliver(0, true, 30, 20); /* would fit, its config does not */
    peer.waiting = 0;
    deliver(0, true, 30, 20);
    assert_string_equal(written(0), "scK");
    leave(page);
}

/* Of what was written last. */
static bool says(const char *word)
{
    return memmem(peer.written.bytes, peer.written.size, word, strlen(word)) != NULL;
}

static void a_status_that_did_not_fit_comes_with_a_later_pulse(void **state)
{
    (void)state;
    struct page *page = begin();
    peer.waiting = WAITING_MOST - LIVE_HEAD_BYTES;
    change(0, CAMERA_FROZEN);
    change(0, CAMERA_LIVE);
    page_pulse(page);
    assert_string_equal(written(0), "s");
    peer.waiting = 0;
    page_pulse(page);
    page_pulse(page);
    assert_string_equal(written(0), "ss"); /* once, as it is now */
    assert_true(says("\"live\""));
    assert_false(says("\"frozen\""));
    assert_string_equal(written(1), "s");
    leave(page);
}

/* One that is made here, of 100 bytes. */
static void picture_made(int camera, int64_t capture_ms)
{
    static const uint8_t jpeg[100];
    stills[camera]->picture(stills[camera]->context, capture_ms, (struct bytes){ jpeg, sizeof jpeg });
}

static void what_the_browser_cannot_decode_is_sent_as_pictures(void **state)
{
    (void)state;
    struct page *page = begin();
    deliver(0, true, 30, 100);
    assert_null(stills[0]);
    codec = FRAME_H265;
    deliver(1, true, 30, 100);
    deliver(1, false, 30, 100);
    assert_non_null(stills[1]);
    picture_made(1, 1234);
    assert_string_equal(written(0), "scK");
    assert_string_equal(written(1), "sj");
    leave(page);
    assert_null(stills[1]);
}

static void a_page_that_decodes_nothing_is_sent_pictures_alone(void **state)
{
    (void)state;
    struct page *page = begin_as(true);
    deliver(0, true, 30, 100);
    deliver(0, false, 30, 100);
    picture_made(0, 1234);
    peer.waiting = WAITING_MOST - 50;
    picture_made(0, 1434); /* does not fit */
    peer.waiting = 0;
    picture_made(0, 1634);
    assert_string_equal(written(0), "sjj");
    leave(page);
}

static void never_more_than_the_limit_waits(void **state)
{
    (void)state;
    struct page *page = begin();
    for (int i = 0; i < 400; i++) {
        deliver(i % CAMERAS, i % 30 < CAMERAS, 30, 9 + (size_t)i * 97 % 40000);
        if (i % 10 == 0)
            page_pulse(page);
    }
    assert_true(peer.most_waiting > WAITING_MOST / 2);
    assert_true(peer.most_waiting <= WAITING_MOST);
    leave(page);
}

static void a_page_that_left_takes_nothing_more(void **state)
{
    (void)state;
    struct page *page = begin();
    peer.gone = true;
    deliver(0, true, 30, 100);
    peer.closed(peer.context);
    size_t size = peer.written.size;
    deliver(0, true, 30, 100);
    page_pulse(page);
    assert_int_equal(peer.written.size, size);
    page_destroy(page);
    assert_null(viewers[0]);
    assert_null(viewers[1]);
}

static void a_page_may_go_before_its_stream(void **state)
{
    (void)state;
    struct page *page = begin();
    page_destroy(page);
    assert_int_equal(peer.ended, 1);
    assert_null(viewers[0]);
    peer.closed(peer.context); /* later, by the door */
    assert_int_equal(told_ended, 0);
    buffer_finish(&peer.written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_camera_has_its_status_first),
        cmocka_unit_test(a_camera_starts_at_a_key_frame_behind_its_config),
        cmocka_unit_test(a_slow_page_misses_units_up_to_the_next_key_frame),
        cmocka_unit_test(a_config_that_did_not_fit_comes_before_the_next_key_frame),
        cmocka_unit_test(a_status_that_did_not_fit_comes_with_a_later_pulse),
        cmocka_unit_test(what_the_browser_cannot_decode_is_sent_as_pictures),
        cmocka_unit_test(a_page_that_decodes_nothing_is_sent_pictures_alone),
        cmocka_unit_test(never_more_than_the_limit_waits),
        cmocka_unit_test(a_page_that_left_takes_nothing_more),
        cmocka_unit_test(a_page_may_go_before_its_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
