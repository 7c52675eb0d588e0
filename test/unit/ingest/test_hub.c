#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/hub.h"
#include "proto/book/book.h"
#include "proto/record/frame.h"

/* A camera that does what the test says, a bus that writes down what it hears, and a clock that the test turns. */
static int64_t mono_ms;

static int64_t test_mono_ms(void)
{
    return mono_ms;
}

static int64_t test_now_ms(void)
{
    return INT64_C(1767573000000) + mono_ms;
}

struct stage {
    struct source_sink sink; /* of the source that was started last */
    int starts, stops;
    const char *url; /* that was started last */
    bool refuse;
    int frame_messages;
    size_t frames_in_last;
    struct frame last_frame;
    char states[256]; /* "opening live " … */
    char moves[256];  /* "rtsp://two 10,0,-5 " … */
    struct hub *hub;
};

static int fake_start(void *reader, const char *url, const struct source_sink *sink, void **source, struct fault *fault)
{
    struct stage *stage = reader;
    stage->starts++;
    stage->url = url;
    if (stage->refuse)
        return fault_set(fault, -EINVAL, "camera address '%s': not understood", url);
    stage->sink = *sink;
    *source = stage;
    return 0;
}

static void fake_stop(void *source)
{
    ((struct stage *)source)->stops++;
}

/* As a device says them: longer than a status has room for, in characters of three bytes, and some that are none. */
static const char *long_words(void)
{
    static char words[400];
    strcpy(words, "\xff\n ");
    while (strlen(words) < sizeof words - 4)
        strcat(words, "鼓");
    return words;
}

static int fake_move(void *reader, const char *url, const struct source_move *move, struct fault *fault)
{
    struct stage *stage = reader;
    size_t used = strlen(stage->moves);
    if (strcmp(url, "rtsp://three") == 0)
        return fault_set(fault, -ENOTSUP, "%s", long_words());
    snprintf(stage->moves + used, sizeof stage->moves - used, "%s %d,%d,%d ", url, move->pan, move->tilt, move->zoom);
    return 0;
}

static const struct source_ops fake_ops = { .start = fake_start, .stop = fake_stop, .move = fake_move };

static void hear_published(void *context, const char *topic, struct bytes message)
{
    struct stage *stage = context;
    if (strcmp(topic, "frame/cam-01") != 0)
        return;
    stage->frame_messages++;
    stage->frames_in_last = 0;
    while (frame_take(&message, &stage->last_frame, NULL) == 0)
        stage->frames_in_last++;
}

static void hear_change(void *context, const struct camera_status *status)
{
    struct stage *stage = context;
    struct fault fault = { "" };
    size_t used = strlen(stage->states);
    if (record_check(&camera_status_desc, status, &fault))
        fail_msg("a status that nobody could read: %s", fault.text);
    snprintf(stage->states + used, sizeof stage->states - used, "%s ", enum_name(&camera_state_desc, status->state));
}

static const struct book_camera book_cameras[] = {
    { .id = "cam-01", .url = "rtsp://one", .sub_url = "" },
    { .id = "cam-02", .url = "rtsp://two", .sub_url = "rtsp://two/sub", .sub_wide_px = 704 },
    { .id = "cam-03", .url = "rtsp://three", .sub_url = "" },
};

static const struct book_camera *camera_named(const char *id)
{
    for (size_t i = 0; i < sizeof book_cameras / sizeof *book_cameras; i++)
        if (strcmp(book_cameras[i].id, id) == 0)
            return &book_cameras[i];
    return NULL;
}

static int set_up(void **state)
{
    static struct stage stage;
    stage = (struct stage){ 0 };
    mono_ms = 1000;
    struct hub_options options = { .source = &fake_ops,
                                   .reader = &stage,
                                   .publish = hear_published,
                                   .changed = hear_change,
                                   .context = &stage,
                                   .pulled_max = 2,
                                   .ring_ms = 10000,
                                   .ring_bytes = 1 << 20,
                                   .mono_ms = test_mono_ms,
                                   .now_ms = test_now_ms };
    stage.hub = hub_create(&options);
    *state = &stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    hub_destroy(stage->hub);
    return 0;
}

static void give(struct stage *stage, const struct camera_lease *lease, struct camera_grant *grant)
{
    struct fault fault = { "" };
    hub_lease(stage->hub, lease, camera_named(lease->camera), grant);
    if (record_check(&camera_grant_desc, grant, &fault))
        fail_msg("a grant that nobody could read: %s", fault.text);
}

static enum camera_result ask(struct stage *stage, enum camera_verb verb, const char *camera, const char *holder)
{
    struct camera_lease lease = { .verb = verb, .camera = camera, .holder = holder, .shown = true };
    struct camera_grant grant;
    give(stage, &lease, &grant);
    return grant.result;
}

static enum camera_result lease(struct stage *stage, const char *camera, const char *holder)
{
    return ask(stage, CAMERA_VERB_LEASE, camera, holder);
}

static void deliver(struct stage *stage, bool key)
{
    struct source_unit unit = {
        .key = key, .codec = FRAME_H264, .width = 640, .height = 360, .capture_ms = test_now_ms()
    };
    unit.bytes = (struct bytes){ (const uint8_t *)"unit", 4 };
    stage->sink.unit(stage->sink.context, &unit);
}

/* Time passes in steps of the hub's tick. */
static void pass(struct stage *stage, int64_t ms)
{
    for (int64_t end = mono_ms + ms; mono_ms < end;) {
        mono_ms += HUB_TICK_MS;
        hub_tick(stage->hub);
    }
}

static void a_camera_is_pulled_only_while_leased(void **state)
{
    struct stage *stage = *state;
    pass(stage, 5000);
    assert_int_equal(stage->starts, 0);
    assert_int_equal(lease(stage, "cam-01", "wall"), CAMERA_RESULT_OK);
    assert_int_equal(stage->starts, 1);
    assert_int_equal(lease(stage, "cam-01", "desk"), CAMERA_RESULT_OK);
    assert_int_equal(stage->starts, 1); /* one pull for both */
    assert_int_equal(ask(stage, CAMERA_VERB_RELEASE, "cam-01", "wall"), CAMERA_RESULT_OK);
    assert_int_equal(stage->stops, 0);
    assert_int_equal(ask(stage, CAMERA_VERB_RELEASE, "cam-01", "desk"), CAMERA_RESULT_OK);
    assert_int_equal(stage->stops, 1);
    assert_int_equal(hub_pulled(stage->hub), 0);
    assert_string_equal(stage->states, "opening idle ");
}

static void a_lease_that_is_not_renewed_ends(void **state)
{
    struct stage *stage = *state;
    lease(stage, "cam-01", "wall");
    for (int i = 0; i < 3; i++) {
        deliver(stage, true);
        pass(stage, 1500);
        lease(stage, "cam-01", "wall");
    }
    for (int i = 0; i < CAMERA_LEASE_SECONDS; i++) {
        assert_int_equal(hub_pulled(stage->hub), 1);
        deliver(stage, true);
        pass(stage, 1000);
    }
    assert_int_equal(hub_pulled(stage->hub), 0);
    assert_int_equal(stage->stops, 1);
}

static void what_cannot_be_leased_is_refused(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(lease(stage, "cam-99", "wall"), CAMERA_RESULT_UNKNOWN);
    assert_int_equal(lease(stage, "cam-01", ""), CAMERA_RESULT_INVALID);
    assert_int_equal(ask(stage, CAMERA_VERB_NONE, "cam-01", "wall"), CAMERA_RESULT_INVALID);
    assert_int_equal(ask(stage, CAMERA_VERB_RELEASE, "cam-01", "nobody"), CAMERA_RESULT_OK);
    lease(stage, "cam-01", "wall");
    lease(stage, "cam-02", "wall");
    assert_int_equal(lease(stage, "cam-03", "wall"), CAMERA_RESULT_LIMIT);
    assert_int_equal(lease(stage, "cam-01", "desk"), CAMERA_RESULT_OK); /* one that is pulled anyway */
    char holder[16];
    int granted = 2;
    for (int i = 0; i < HUB_HOLDERS_MAX; i++) {
        snprintf(holder, sizeof holder, "page-%d", i);
        granted += lease(stage, "cam-01", holder) == CAMERA_RESULT_OK;
    }
    assert_int_equal(granted, HUB_HOLDERS_MAX);
}

static void units_become_numbered_frames(void **state)
{
    struct stage *stage = *state;
    lease(stage, "cam-01", "wall");
    deliver(stage, true);
    assert_int_equal(stage->last_frame.seq, 1);
    assert_true(stage->last_frame.key);
    assert_false(stage->last_frame.cached);
    uint32_t run = stage->last_frame.run;
    deliver(stage, false);
    assert_int_equal(stage->last_frame.seq, 2);
    assert_int_equal(stage->last_frame.run, run);
    assert_int_equal(stage->last_frame.width, 640);
    assert_int_equal(stage->frames_in_last, 1);
}

static void a_new_holder_gets_the_group_of_pictures_first(void **state)
{
    struct stage *stage = *state;
    lease(stage, "cam-01", "wall");
    for (int i = 0; i < 7; i++)
        deliver(stage, i % 5 == 0);
    int before = stage->frame_messages;
    lease(stage, "cam-01", "wall"); /* a renewal is no new holder */
    assert_int_equal(stage->frame_messages, before);
    lease(stage, "cam-01", "desk");
    assert_int_equal(stage->frame_messages, before + 1);
    assert_int_equal(stage->frames_in_last, 2); /* the key frame 6 and 7 */
    assert_int_equal(stage->last_frame.seq, 7);
    assert_true(stage->last_frame.cached);
}

static void silence_is_frozen_and_then_lost(void **state)
{
    struct stage *stage = *state;
    lease(stage, "cam-01", "wall");
    deliver(stage, true);
    pass(stage, CAMERA_SILENCE_MS - 2 * HUB_TICK_MS);
    assert_string_equal(stage->states, "opening live ");
    pass(stage,
         HUB_TICK_MS); /* the next look would be too late for a camera that fell silent a little before the last one */
    assert_string_equal(stage->states, "opening live frozen ");
    deliver(stage, false);
    assert_string_equal(stage->states, "opening live frozen live ");
    pass(stage, HUB_GIVE_UP_MS);
    assert_string_equal(stage->states, "opening live frozen live frozen lost ");
    assert_int_equal(stage->stops, 1);
}

static void a_lost_camera_is_tried_again_and_comes_back(void **state)
{
    struct stage *stage = *state;
    lease(stage, "cam-01", "wall");
    deliver(stage, true);
    uint32_t run = stage->last_frame.run;
    stage->sink.ended(stage->sink.context, -ECONNRESET, "connection reset");
    assert_int_equal(stage->stops, 1);
    pass(stage, HUB_RETRY_SHOWN_MS - HUB_TICK_MS);
    assert_int_equal(stage->starts, 1); /* not more than once a second */
    pass(stage, 2 * HUB_TICK_MS);
    assert_int_equal(stage->starts, 2);
    assert_string_equal(stage->states, "opening live lost ");
    int messages = stage->frame_messages;
    lease(stage, "cam-01", "desk");
    assert_int_equal(stage->frame_messages, messages); /* pictures of the old run are not sent again */
    deliver(stage, true);
    assert_string_equal(stage->states, "opening live lost live ");
    assert_int_equal(stage->last_frame.seq, 1);
    assert_int_not_equal(stage->last_frame.run, run);
}

static void whatever_a_device_says_can_be_told(void **state)
{
    struct stage *stage = *state;
    lease(stage, "cam-01", "wall");
    stage->sink.ended(stage->sink.context, -ECONNRESET, long_words());
    assert_string_equal(stage->states, "opening lost ");
}

static void a_camera_dead_at_start_does_not_stop_the_hub(void **state)
{
    struct stage *stage = *state;
    stage->refuse = true;
    assert_int_equal(lease(stage, "cam-02", "wall"), CAMERA_RESULT_OK);
    assert_string_equal(stage->states, "opening lost ");
    stage->refuse = false;
    assert_int_equal(lease(stage, "cam-01", "wall"), CAMERA_RESULT_OK);
    deliver(stage, true);
    assert_string_equal(stage->states, "opening lost opening live ");
}

static void a_camera_without_a_picture_is_given_up_and_tried_again(void **state)
{
    struct stage *stage = *state;
    lease(stage, "cam-01", "wall");
    pass(stage, HUB_GIVE_UP_MS);
    assert_string_equal(stage->states, "opening lost ");
    pass(stage, 2 * HUB_RETRY_SHOWN_MS);
    assert_int_equal(stage->starts, 2);
}

static void a_unit_too_big_for_the_bus_leaves_a_gap(void **state)
{
    struct stage *stage = *state;
    lease(stage, "cam-01", "wall");
    deliver(stage, true);
    static uint8_t big[FRAME_UNIT_MAX + 1];
    struct source_unit unit = { .key = true, .codec = FRAME_H264, .bytes = { big, sizeof big } };
    stage->sink.unit(stage->sink.context, &unit);
    assert_int_equal(stage->last_frame.seq, 1);
    deliver(stage, false);
    assert_int_equal(stage->last_frame.seq, 3);
}

static enum camera_result ask_wide(struct stage *stage, int64_t wide_px, bool armed)
{
    struct camera_lease lease = { .verb = CAMERA_VERB_LEASE,
                                  .camera = "cam-02",
                                  .holder = armed ? "armed" : "wall",
                                  .shown = !armed,
                                  .wide_px = wide_px,
                                  .armed = armed };
    struct camera_grant grant;
    hub_lease(stage->hub, &lease, camera_named("cam-02"), &grant);
    assert_int_equal(grant.status.main, wide_px > 704);
    return grant.result;
}

static void who_shows_a_camera_wide_gets_its_main_stream(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask_wide(stage, 704, false), CAMERA_RESULT_OK);
    assert_string_equal(stage->url, "rtsp://two/sub");
    assert_int_equal(ask_wide(stage, 1280, false), CAMERA_RESULT_OK); /* the same holder: it leaves the other stream */
    assert_string_equal(stage->url, "rtsp://two");
    assert_int_equal(stage->stops, 1);
    assert_int_equal(hub_pulled(stage->hub), 1);
    lease(stage, "cam-02", "page"); /* another one, small: both are pulled */
    assert_int_equal(hub_pulled(stage->hub), 2);
    assert_string_equal(stage->url, "rtsp://two/sub");
    ask(stage, CAMERA_VERB_RELEASE, "cam-02", "wall");
    ask(stage, CAMERA_VERB_RELEASE, "cam-02", "page");
    assert_int_equal(hub_pulled(stage->hub), 0);
}

/* Groups of five pictures, one a second. */
static void deliver_seconds(struct stage *stage, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        deliver(stage, i % 5 == 0);
        mono_ms += 1000;
    }
}

static size_t kept_frames(struct stage *stage, const char *camera, int64_t *first_ms)
{
    bool main;
    struct bytes kept = hub_kept(stage->hub, camera, &main);
    struct frame frame;
    size_t count = 0;
    while (frame_take(&kept, &frame, NULL) == 0)
        if (count++ == 0) {
            assert_true(frame.key);
            *first_ms = frame.capture_ms;
        }
    return count;
}

static void an_armed_camera_is_kept_and_not_sent(void **state)
{
    struct stage *stage = *state;
    int64_t first_ms;
    assert_int_equal(ask_wide(stage, 1280, true), CAMERA_RESULT_OK);
    deliver_seconds(stage, 33);
    assert_int_equal(stage->frame_messages, 0);
    size_t kept = kept_frames(stage, "cam-02", &first_ms);
    assert_in_range(kept, 11, 18); /* ten seconds before the newest group, in whole groups */
    assert_true(test_now_ms() - first_ms >= 10000);
    assert_int_equal(kept_frames(stage, "cam-01", &first_ms), 0);
}

static void a_shown_camera_keeps_its_last_seconds_and_sends_the_newest_group(void **state)
{
    struct stage *stage = *state;
    int64_t first_ms;
    lease(stage, "cam-01", "wall");
    deliver_seconds(stage, 33);
    assert_in_range(kept_frames(stage, "cam-01", &first_ms), 11, 18);
    int before = stage->frame_messages;
    lease(stage, "cam-01", "desk");
    assert_int_equal(stage->frame_messages, before + 1);
    assert_int_equal(stage->frames_in_last, 3); /* 31 to 33 */
}

static void what_was_before_a_camera_died_is_kept_until_it_is_too_old(void **state)
{
    struct stage *stage = *state;
    int64_t first_ms, again_ms;
    lease(stage, "cam-01", "wall");
    deliver_seconds(stage, 23);
    lease(stage, "cam-01", "wall");
    size_t before = kept_frames(stage, "cam-01", &first_ms);
    stage->sink.ended(stage->sink.context, -ECONNRESET, "connection reset");
    assert_int_equal(kept_frames(stage, "cam-01", &again_ms), before);
    pass(stage, 2 * HUB_RETRY_SHOWN_MS);
    assert_int_equal(stage->starts, 2);
    deliver(stage, false); /* it begins in the middle of a group: behind the old one it could not be decoded */
    assert_int_equal(kept_frames(stage, "cam-01", &again_ms), before);
    deliver(stage, true);
    assert_true(kept_frames(stage, "cam-01", &again_ms) > 1);
    assert_true(test_now_ms() - again_ms >= 10000); /* still ten seconds before now */
    stage->sink.ended(stage->sink.context, -ECONNRESET, "connection reset");
    stage->refuse = true;
    for (int i = 0; i < 9; i++) {
        pass(stage, 1000);
        lease(stage, "cam-01", "wall");
        assert_true(kept_frames(stage, "cam-01", &again_ms) > 1);
    }
    pass(stage, 1000 + HUB_TICK_MS);
    assert_int_equal(kept_frames(stage, "cam-01", &again_ms), 0);
}

/* Both streams of the camera are pulled; sinks[0] is the main one's. */
static void lease_both(struct stage *stage, struct source_sink sinks[2])
{
    struct camera_lease wide = { CAMERA_VERB_LEASE, .camera = "cam-02", .holder = "screen", .wide_px = 1280 };
    struct camera_grant grant;
    wide.shown = true;
    give(stage, &wide, &grant);
    sinks[0] = stage->sink;
    lease(stage, "cam-02", "page");
    sinks[1] = stage->sink;
}

static void what_is_kept_is_of_the_stream_that_is_live(void **state)
{
    struct stage *stage = *state;
    struct source_sink sinks[2];
    bool main = true;
    assert_int_equal(hub_kept(stage->hub, "cam-02", &main).size, 0);
    assert_false(main);
    lease_both(stage, sinks);
    stage->sink = sinks[1];
    deliver(stage, true);
    assert_true(hub_kept(stage->hub, "cam-02", &main).size > 0);
    assert_false(main); /* the main one is pulled and gives nothing */
    stage->sink = sinks[0];
    deliver(stage, true);
    hub_kept(stage->hub, "cam-02", &main);
    assert_true(main);
    sinks[0].ended(sinks[0].context, -ECONNRESET, "connection reset");
    hub_kept(stage->hub, "cam-02", &main);
    assert_false(main);
    sinks[1].ended(sinks[1].context, -ECONNRESET, "connection reset");
    hub_kept(stage->hub, "cam-02", &main);
    assert_true(main); /* both died: of what was, the better one */
}

static void a_camera_that_refuses_our_password_is_not_asked_again_soon(void **state)
{
    struct stage *stage = *state;
    lease(stage, "cam-01", "wall");
    stage->sink.ended(stage->sink.context, -EACCES, SOURCE_REFUSED);
    for (int i = 0; i < HUB_REFUSED_MS / 5000; i++) { /* somebody looks all the time */
        assert_int_equal(stage->starts, 1);
        struct camera_lease renewal = { CAMERA_VERB_LEASE, .camera = "cam-01", .holder = "wall", .shown = true };
        struct camera_grant grant;
        give(stage, &renewal, &grant);
        assert_int_equal(grant.status.state, CAMERA_LOST);
        assert_string_equal(grant.status.reason, SOURCE_REFUSED);
        pass(stage, 5000);
    }
    lease(stage, "cam-01", "wall");
    pass(stage, HUB_TICK_MS);
    assert_int_equal(stage->starts, 2);
}

static void retries_spread_and_slow_down_where_nobody_looks(void **state)
{
    (void)state;
    for (unsigned attempts = 0; attempts < 40; attempts++) {
        assert_in_range(hub_retry_delay_ms(attempts, true, attempts * 977), HUB_RETRY_SHOWN_MS,
                        HUB_RETRY_SHOWN_MS * 5 / 4);
        int64_t least = attempts < 6 ? HUB_RETRY_SHOWN_MS << attempts : HUB_RETRY_LONGEST_MS;
        if (least > HUB_RETRY_LONGEST_MS)
            least = HUB_RETRY_LONGEST_MS;
        assert_in_range(hub_retry_delay_ms(attempts, false, attempts * 977), least, least * 5 / 4);
    }
    assert_int_not_equal(hub_retry_delay_ms(3, false, 1), hub_retry_delay_ms(3, false, 1001));
}

static enum camera_result move(struct stage *stage, const char *camera, int pan, int tilt, int zoom)
{
    struct camera_lease lease = {
        .verb = CAMERA_VERB_MOVE, .camera = camera, .holder = "page", .pan = pan, .tilt = tilt, .zoom = zoom
    };
    struct camera_grant grant;
    give(stage, &lease, &grant);
    return grant.result;
}

static void a_camera_that_turns_stops_when_nobody_goes_on_turning_it(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(move(stage, "cam-02", 100, 0, -5), CAMERA_RESULT_OK); /* its main address, pulled or not */
    assert_string_equal(stage->moves, "rtsp://two 100,0,-5 ");
    pass(stage, CAMERA_MOVE_SECONDS * 1000 - HUB_TICK_MS);
    assert_int_equal(move(stage, "cam-02", 50, 0, 0), CAMERA_RESULT_OK);
    pass(stage, CAMERA_MOVE_SECONDS * 1000 - HUB_TICK_MS);
    assert_string_equal(stage->moves, "rtsp://two 100,0,-5 rtsp://two 50,0,0 ");
    pass(stage, 3 * HUB_TICK_MS);
    assert_string_equal(stage->moves, "rtsp://two 100,0,-5 rtsp://two 50,0,0 rtsp://two 0,0,0 ");
    assert_int_equal(hub_pulled(stage->hub), 0);
}

static void a_camera_that_was_stopped_is_not_stopped_again(void **state)
{
    struct stage *stage = *state;
    move(stage, "cam-01", 0, -20, 0);
    move(stage, "cam-01", 0, 0, 0);
    pass(stage, CAMERA_MOVE_SECONDS * 2000);
    assert_string_equal(stage->moves, "rtsp://one 0,-20,0 rtsp://one 0,0,0 ");
}

static void what_cannot_turn_says_so(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(move(stage, "cam-01", 101, 0, 0), CAMERA_RESULT_INVALID);
    assert_int_equal(move(stage, "cam-09", 1, 0, 0), CAMERA_RESULT_UNKNOWN);
    assert_int_equal(move(stage, "cam-03", 1, 0, 0), CAMERA_RESULT_UNABLE);
    assert_string_equal(stage->moves, "");
}

#define HUB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HUB_TEST(a_camera_is_pulled_only_while_leased),
        HUB_TEST(a_lease_that_is_not_renewed_ends),
        HUB_TEST(what_cannot_be_leased_is_refused),
        HUB_TEST(units_become_numbered_frames),
        HUB_TEST(a_new_holder_gets_the_group_of_pictures_first),
        HUB_TEST(silence_is_frozen_and_then_lost),
        HUB_TEST(a_lost_camera_is_tried_again_and_comes_back),
        HUB_TEST(whatever_a_device_says_can_be_told),
        HUB_TEST(a_camera_dead_at_start_does_not_stop_the_hub),
        HUB_TEST(a_camera_without_a_picture_is_given_up_and_tried_again),
        HUB_TEST(a_unit_too_big_for_the_bus_leaves_a_gap),
        HUB_TEST(who_shows_a_camera_wide_gets_its_main_stream),
        HUB_TEST(an_armed_camera_is_kept_and_not_sent),
        HUB_TEST(a_shown_camera_keeps_its_last_seconds_and_sends_the_newest_group),
        HUB_TEST(what_was_before_a_camera_died_is_kept_until_it_is_too_old),
        HUB_TEST(what_is_kept_is_of_the_stream_that_is_live),
        HUB_TEST(a_camera_that_refuses_our_password_is_not_asked_again_soon),
        HUB_TEST(a_camera_that_turns_stops_when_nobody_goes_on_turning_it),
        HUB_TEST(a_camera_that_was_stopped_is_not_stopped_again),
        HUB_TEST(what_cannot_turn_says_so),
        cmocka_unit_test(retries_spread_and_slow_down_where_nobody_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
