/* An output of the wall that breaks comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/clock.h"
#include "test/unit/book/support.h"
#include "test/unit/bus/bus_harness.h"
#include "videowall/feed/feed.h"
#include "videowall/media/media.h"
#include "videowall/wall/broadcast.h"
#include "videowall/wall/output.h"

#define BROKEN "drumtower_wall_outputs_broken_total"

struct stage {
    struct output *output;
    size_t bytes; /* of the pictures that are pushed */
    int units;    /* that a page got */
    int64_t broken_wanted;
};

static struct harness *harness;
static struct book *book;
static struct feeds *feeds;

static void unit_came(void *context, const struct frame *frame)
{
    (void)frame;
    ((struct stage *)context)->units++;
}

static void push_picture(void *context)
{
    struct stage *stage = context;
    if (!output_wants(stage->output, clock_mono_ms()))
        return;
    GstBuffer *picture = gst_buffer_new_allocate(NULL, stage->bytes, NULL);
    gst_buffer_memset(picture, 0, 128, stage->bytes);
    output_push(stage->output, picture, clock_mono_ms() * 1000);
    gst_buffer_unref(picture);
}

static bool has_broken(void *context)
{
    return harness_metric(BROKEN) >= ((struct stage *)context)->broken_wanted;
}

static bool has_units(void *context)
{
    return ((struct stage *)context)->units >= 5;
}

/* No picture at all is one that the encoder fails on. */
static void break_it(struct stage *stage)
{
    stage->bytes = 16;
    stage->broken_wanted = harness_metric(BROKEN) + 1;
    assert_true(harness_run(harness, has_broken, push_picture, stage));
    assert_false(output_wants(stage->output, clock_mono_ms()));
}

static void an_output_that_broke_comes_back_ever_more_slowly(void **state)
{
    (void)state;
    enum { WHOLE = 1920 * 1080 * 3 / 2 };
    struct stage stage = { .bytes = WHOLE };
    struct output_options options = { .loop = harness->loop, .feeds = feeds };
    struct feed_viewer viewer = { .frame = unit_came, .context = &stage };
    struct fault fault = { "" };
    assert_int_equal(output_open("web", &options, &stage.output, &fault), 0);
    assert_int_equal(feed_add_viewer(feeds, BROADCAST_FEED, &viewer), 0);
    assert_true(harness_run(harness, has_units, push_picture, &stage));
    int64_t now_ms = 1000000; /* the test's clock */
    for (int64_t delay_ms = OUTPUT_MEND_MS; delay_ms <= 4 * OUTPUT_MEND_MS; delay_ms *= 2) {
        break_it(&stage);
        output_mend(stage.output, now_ms);
        output_mend(stage.output, now_ms + delay_ms - 1);
        assert_false(output_wants(stage.output, clock_mono_ms()));
        output_mend(stage.output, now_ms + delay_ms);
        assert_true(output_wants(stage.output, clock_mono_ms()));
        now_ms += 2 * delay_ms;
    }
    stage.bytes = WHOLE;
    stage.units = 0;
    assert_true(harness_run(harness, has_units, push_picture, &stage));
    now_ms += OUTPUT_MEND_LONGEST_MS;
    output_mend(stage.output, now_ms); /* it has lasted */
    break_it(&stage);
    output_mend(stage.output, now_ms);
    output_mend(stage.output, now_ms + OUTPUT_MEND_MS);
    assert_true(output_wants(stage.output, clock_mono_ms()));
    feed_remove_viewer(&viewer);
    output_close(stage.output);
}

static int set_up(void **state)
{
    (void)state;
    struct book_folder folder;
    struct fault fault = { "" };
    harness = harness_create();
    book_folder_make(&folder);
    if (media_init(&fault) < 0 || book_load(folder.path, &book, NULL, NULL, &fault) < 0 ||
        feeds_open(harness->loop, book, harness_port_base(), "test", &feeds, &fault) < 0)
        fail_msg("%s", fault.text);
    book_folder_remove(&folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    feeds_close(feeds);
    book_destroy(book);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(an_output_that_broke_comes_back_ever_more_slowly) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
