/* Feeds over a real bus; the test plays ingest. */
#include <stdio.h>
#include <string.h>

#include "proto/book/places.h"
#include "test/unit/book/support.h"
#include "test/unit/bus/bus_harness.h"
#include "videowall/feed/feed.h"

static struct harness *harness;
static struct book *book;
static struct feeds *feeds;

/* What the test is as ingest. */
static struct {
    struct bus_publisher *publisher;
    enum camera_result result; /* of the next leases */
    int leases, releases;
    char holder[65], second_holder[65];
    uint32_t run;
    uint64_t seq;
    bool away;       /* answers nothing */
    int64_t wide_px; /* of the newest lease */
} ingest = { .result = CAMERA_RESULT_OK, .run = 1 };

/* What a viewer has seen: a letter a frame, K key or d delta, and the state told last. */
struct seen {
    struct feed_viewer viewer;
    char frames[200];
    uint64_t last_seq;
    enum camera_state state;
    char reason[200];
    int told; /* so often */
    int leases_wanted;
};

static int lease_arrived(void *context, struct bus_ticket *ticket, struct bytes request)
{
    (void)context;
    if (ingest.away)
        return 0;
    struct arena arena = { 0 };
    struct camera_lease lease;
    assert_int_equal(record_decode(&camera_lease_desc, request, &arena, &lease, NULL), 0);
    ingest.wide_px = lease.wide_px;
    ingest.leases += lease.verb == CAMERA_VERB_LEASE;
    ingest.releases += lease.verb == CAMERA_VERB_RELEASE;
    snprintf(*ingest.holder ? ingest.second_holder : ingest.holder, sizeof ingest.holder, "%s", lease.holder);
    struct camera_grant grant = { .result = ingest.result, .message = "no more cameras" };
    grant.status = (struct camera_status){ .camera = lease.camera, .state = CAMERA_OPENING };
    struct buffer answer = { 0 };
    record_encode(&camera_grant_desc, &grant, &answer);
    bus_answer(ticket, buffer_view(&answer));
    buffer_finish(&answer);
    arena_finish(&arena);
    return 0;
}

static void publish_status(enum camera_state state)
{
    struct camera_status status = { .camera = "cam-01", .state = state, .since_ms = 7, .reason = "" };
    struct buffer message = { 0 };
    record_encode(&camera_status_desc, &status, &message);
    bus_publish(ingest.publisher, "camera/cam-01", buffer_view(&message));
    buffer_finish(&message);
}

/* Every fifth is a key frame. */
static void publish_frame(const char *topic, uint64_t seq)
{
    struct frame frame = {
        .key = seq % 5 == 1, .codec = FRAME_H264, .run = ingest.run, .seq = seq, .unit = { (const uint8_t *)"unit", 4 }
    };
    struct buffer message = { 0 };
    frame_put(&message, &frame);
    bus_publish(ingest.publisher, topic, buffer_view(&message));
    buffer_finish(&message);
}

static void ingest_ticks(void *context)
{
    (void)context;
    publish_frame("frame/cam-01", ++ingest.seq);
}

static void see_frame(void *context, const struct frame *frame)
{
    struct seen *seen = context;
    size_t used = strlen(seen->frames);
    if (used < sizeof seen->frames - 1)
        seen->frames[used] = frame->key ? 'K' : 'd';
    seen->last_seq = frame->seq;
}

static void see_status(void *context, const struct camera_status *status)
{
    struct seen *seen = context;
    seen->told++;
    seen->state = status->state;
    snprintf(seen->reason, sizeof seen->reason, "%s", status->reason);
}

static int look(struct seen *seen, const char *camera)
{
    *seen = (struct seen){ .viewer = { .frame = see_frame, .status = see_status, .context = seen } };
    return feed_add_viewer(feeds, camera, &seen->viewer);
}

static bool saw_two_groups(void *context)
{
    const struct seen *seen = context;
    return strchr(seen->frames, 'K') && strlen(seen->frames) >= 8;
}

static void the_first_viewer_leases_and_all_of_them_see(void **state)
{
    (void)state;
    struct seen first, second;
    assert_int_equal(look(&first, "cam-01"), 0);
    assert_true(harness_run(harness, saw_two_groups, ingest_ticks, &first));
    assert_int_equal(first.frames[0], 'K');
    assert_int_equal(look(&second, "cam-01"), 0);
    assert_int_equal(second.frames[0], 'K'); /* at once, from what is kept here */
    assert_int_equal(second.last_seq, first.last_seq);
    assert_string_equal(ingest.second_holder, ""); /* asked once so far */
    assert_true(strncmp(ingest.holder, "test-", 5) == 0);
    feed_remove_viewer(&first.viewer);
    feed_remove_viewer(&second.viewer);
}

static bool saw_after_gap(void *context)
{
    const struct seen *seen = context;
    return seen->last_seq >= ingest.seq;
}

static void repeats_are_dropped_and_a_gap_waits_for_a_key_frame(void **state)
{
    (void)state;
    struct seen seen;
    look(&seen, "cam-01");
    memset(seen.frames, 0, sizeof seen.frames);
    ingest.seq += 5 - ingest.seq % 5; /* the next one is a key frame */
    ingest.run++;
    publish_frame("frame/cam-01", ingest.seq + 1);
    publish_frame("frame/cam-01", ingest.seq + 2);
    publish_frame("frame/cam-01", ingest.seq + 1); /* for somebody else */
    publish_frame("frame/cam-01", ingest.seq + 2);
    publish_frame("frame/cam-01", ingest.seq + 3);
    publish_frame("frame/cam-01", ingest.seq + 5); /* 4 is lost */
    publish_frame("frame/cam-01", ingest.seq + 6);
    publish_frame("frame/cam-01", ingest.seq + 7);
    ingest.seq += 7;
    assert_true(harness_run(harness, saw_after_gap, NULL, &seen));
    assert_string_equal(seen.frames, "KddKd");
    feed_remove_viewer(&seen.viewer);
}

static bool was_released(void *context)
{
    (void)context;
    return ingest.releases > 0;
}

static void the_lease_is_given_back_when_nobody_looks(void **state)
{
    (void)state;
    assert_true(harness_run(harness, was_released, NULL, NULL));
    struct camera_status status = feed_status(feeds, &book->cameras[0]);
    assert_string_equal(status.camera, "cam-01");
}

static bool state_is_live(void *context)
{
    return ((const struct seen *)context)->state == CAMERA_LIVE;
}

static bool state_is_lost(void *context)
{
    return ((const struct seen *)context)->state == CAMERA_LOST;
}

static void tell_live(void *context)
{
    (void)context;
    publish_status(CAMERA_LIVE);
}

static void an_ingest_that_says_nothing_is_noticed_and_comes_back(void **state)
{
    (void)state;
    struct seen seen;
    look(&seen, "cam-01");
    assert_true(harness_run(harness, state_is_live, tell_live, &seen));
    ingest.away = true;
    assert_true(harness_run(harness, state_is_lost, NULL, &seen));
    assert_string_equal(seen.reason, "ingest does not answer");
    ingest.away = false;
    assert_true(harness_run(harness, state_is_live, tell_live, &seen));
    feed_remove_viewer(&seen.viewer);
}

static bool was_asked_again(void *context)
{
    return ingest.leases >= ((const struct seen *)context)->leases_wanted;
}

static void a_refused_lease_is_told_with_its_reason(void **state)
{
    (void)state;
    struct seen seen;
    assert_int_equal(look(&seen, "no-such"), 1);
    ingest.result = CAMERA_RESULT_LIMIT;
    assert_int_equal(look(&seen, "cam-02"), 0);
    assert_true(harness_run(harness, state_is_lost, NULL, &seen));
    assert_string_equal(seen.reason, "no more cameras");
    int told = seen.told;
    seen.leases_wanted = ingest.leases + 1; /* some seconds later, refused again */
    assert_true(harness_run(harness, was_asked_again, NULL, &seen));
    assert_string_equal(seen.reason, "no more cameras");
    assert_int_equal(seen.told, told); /* nothing else in between, as that ingest does not answer */
    ingest.result = CAMERA_RESULT_OK;
    feed_remove_viewer(&seen.viewer);
}

static void messages_that_are_none_are_counted_and_harm_nothing(void **state)
{
    (void)state;
    struct seen seen;
    look(&seen, "cam-01");
    int64_t before = harness_metric("drumtower_feed_malformed_total");
    static const char *const topics[] = { "frame/cam-01", "camera/cam-01", "frame/no-such", "other" };
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        bus_publish(ingest.publisher, topics[i], (struct bytes){ (const uint8_t *)"rubbish", 7 });
    memset(seen.frames, 0, sizeof seen.frames);
    assert_true(harness_run(harness, saw_two_groups, ingest_ticks, &seen));
    assert_int_equal(harness_metric("drumtower_feed_malformed_total"), before + 2);
    feed_remove_viewer(&seen.viewer);
}

static void both_ticks(void *context)
{
    (void)context;
    publish_frame("frame/cam-02", ++ingest.seq);
    publish_frame("frame/cam-02/main", ingest.seq + 1000);
}

static bool was_leased_wide(void *context)
{
    return (ingest.wide_px > 704) == *(bool *)context;
}

static void who_shows_a_camera_wide_has_its_main_stream(void **state)
{
    (void)state;
    struct seen wide = { .viewer = { .frame = see_frame, .context = &wide, .wide_px = 705 } };
    struct seen small = { .viewer = { .frame = see_frame, .context = &small, .wide_px = 704 } };
    assert_int_equal(feed_add_viewer(feeds, "cam-02", &wide.viewer), 0);
    assert_true(harness_run(harness, saw_two_groups, both_ticks, &wide));
    assert_true(wide.last_seq > 1000);
    bool yes = true, no = false;
    assert_true(harness_run(harness, was_leased_wide, NULL, &yes));
    assert_string_not_equal(ingest.second_holder, ingest.holder);         /* a holder has one stream of a camera */
    assert_int_equal(feed_add_viewer(feeds, "cam-02", &small.viewer), 0); /* beside it, with a lease of its own */
    assert_true(harness_run(harness, saw_two_groups, both_ticks, &small));
    assert_true(small.last_seq < 1000);
    assert_true(harness_run(harness, was_leased_wide, NULL, &no));
    assert_string_equal(ingest.second_holder, ingest.holder);
    feed_remove_viewer(&wide.viewer);
    feed_remove_viewer(&small.viewer);
}

static int set_up(void **state)
{
    (void)state;
    static struct book_folder folder;
    static struct bus_server *server;
    struct fault fault = { "" };
    harness = harness_create();
    int64_t port = harness_port_base();
    book_folder_make(&folder);
    book_folder_write(&folder, "cameras.yaml",
                      "cameras:\n"
                      "  - {id: cam-01, name: one, url: \"rtsp://a/1\", lat: 39.94, lon: 116.39, bearing_deg: 0}\n"
                      "  - {id: cam-02, name: two, url: \"rtsp://a/2/main\", sub_url: \"rtsp://a/2\", lat: 39.94, lon: "
                      "116.39, bearing_deg: 0}\n");
    if (book_load(folder.path, &book, NULL, NULL, &fault) < 0 ||
        bus_server_open(harness->loop, port, BUS_CAMERAS, 8, lease_arrived, NULL, &server, &fault) < 0 ||
        bus_publisher_open(port, BUS_FRAMES, &ingest.publisher, &fault) < 0 ||
        feeds_open(harness->loop, book, port, "test", &feeds, &fault) < 0)
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

/* What whoever makes our own pictures was told. */
struct own {
    struct feed *feed;
    int begun, ended;
    uint64_t seq;
};

static void own_watched(void *context, bool watched)
{
    struct own *own = context;
    own->begun += watched;
    own->ended += !watched;
}

static void tell_own(struct own *own, int count)
{
    for (int i = 0; i < count; i++) {
        struct frame frame = { .key = ++own->seq % 5 == 1, .codec = FRAME_H264, .run = 7, .seq = own->seq };
        frame.unit = (struct bytes){ (const uint8_t *)"unit", 4 };
        feed_tell(own->feed, &frame);
    }
}

static bool is_unwatched(void *context)
{
    return ((const struct own *)context)->ended > 0;
}

static void pictures_of_our_own_are_made_while_somebody_looks(void **state)
{
    (void)state;
    struct seen first, second;
    struct own own = { 0 };
    int leases = ingest.leases;
    own.feed = feeds_add_own(feeds, "own/1", own_watched, &own);
    tell_own(&own, 1); /* nobody looks: left out */
    assert_int_equal(look(&first, "own/2"), 1);
    assert_int_equal(look(&first, "own/1"), 0);
    assert_int_equal(own.begun, 1);
    assert_int_equal(first.state, CAMERA_OPENING);
    own.seq = 0;
    tell_own(&own, 7);
    assert_string_equal(first.frames, "KddddKd");
    assert_int_equal(first.state, CAMERA_LIVE);
    assert_int_equal(look(&second, "own/1"), 0);
    assert_string_equal(second.frames, "Kd"); /* the group that is under way */
    own.seq++;                                /* one is lost */
    tell_own(&own, 3);
    assert_string_equal(first.frames, "KddddKdK");
    feed_remove_viewer(&first.viewer);
    assert_true(harness_run(harness, state_is_lost, NULL, &second)); /* nothing comes any more */
    assert_string_equal(second.reason, "it makes no pictures");
    feed_remove_viewer(&second.viewer);
    assert_true(harness_run(harness, is_unwatched, NULL, &own));
    assert_int_equal(own.begun, 1);
    assert_int_equal(ingest.leases, leases);
    assert_int_equal(look(&first, "own/1"), 0);
    assert_int_equal(own.begun, 2);
    feed_end_own(own.feed);
    feed_remove_viewer(&first.viewer);
}

static bool is_placed(void *context)
{
    (void)context;
    return places_said(feeds_places(feeds), book_camera(book, "cam-01"))->at_ms != 0;
}

static void say_position(void *context)
{
    (void)context;
    struct camera_position position = { .camera = "cam-01", .lat = 39.95, .lon = 116.4, .at_ms = 7 };
    struct buffer message = { 0 };
    record_encode(&camera_position_desc, &position, &message);
    bus_publish(ingest.publisher, "position/cam-99", buffer_view(&message)); /* of no camera */
    bus_publish(ingest.publisher, "position/cam-01", buffer_view(&message));
    buffer_finish(&message);
}

static void where_a_camera_is_is_heard(void **state)
{
    (void)state;
    assert_true(harness_run(harness, is_placed, say_position, NULL));
    const struct said_place *said = places_said(feeds_places(feeds), book_camera(book, "cam-01"));
    assert_true(said->lat == 39.95 && said->lon == 116.4 && said->at_ms == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_viewer_leases_and_all_of_them_see),
        cmocka_unit_test(repeats_are_dropped_and_a_gap_waits_for_a_key_frame),
        cmocka_unit_test(the_lease_is_given_back_when_nobody_looks),
        cmocka_unit_test(an_ingest_that_says_nothing_is_noticed_and_comes_back),
        cmocka_unit_test(a_refused_lease_is_told_with_its_reason),
        cmocka_unit_test(messages_that_are_none_are_counted_and_harm_nothing),
        cmocka_unit_test(who_shows_a_camera_wide_has_its_main_stream),
        cmocka_unit_test(where_a_camera_is_is_heard),
        cmocka_unit_test(pictures_of_our_own_are_made_while_somebody_looks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
