/* Live pictures for browsers on real cameras: RTSP, hub, bus, door. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "proto/client/http.h"
#include "proto/door/door.h"
#include "test/e2e/video_stage.h"
#include "videowall/live/live.h"

static struct video_stage stage;
static struct door *door;
static struct live *live;
static struct http *http;

enum { PAGE_CAMERAS = 3 };

/* A page: what it has received of each camera. */
struct viewer {
    struct http_stream *stream;
    struct buffer waiting;
    int units[PAGE_CAMERAS], configs[PAGE_CAMERAS], pulses;
    bool began_with_delta;
    char codec[32];
    char state[PAGE_CAMERAS][16];
    bool broken;
    int units_wanted;
};

static void take_json(struct viewer *viewer, const struct live_record *record)
{
    json_t *body = json_loadb((const char *)record->payload.data, record->payload.size, 0, NULL);
    const char *state = json_string_value(json_object_get(body, "state"));
    const char *codec = json_string_value(json_object_get(body, "codec"));
    if (state)
        snprintf(viewer->state[record->camera], sizeof *viewer->state, "%s", state);
    if (codec)
        snprintf(viewer->codec, sizeof viewer->codec, "%s", codec);
    json_decref(body);
}

static void take(void *context, const struct live_record *record)
{
    struct viewer *viewer = context;
    if (record->kind == LIVE_PULSE) {
        viewer->pulses++;
        return;
    }
    assert_true(record->camera < PAGE_CAMERAS);
    if (record->kind != LIVE_UNIT) {
        viewer->configs[record->camera] += record->kind == LIVE_CONFIG;
        take_json(viewer, record);
    } else if (viewer->units[record->camera]++ == 0 && !(record->flags & LIVE_FLAG_KEY)) {
        viewer->began_with_delta = true;
    }
}

static void piece_came(void *context, struct bytes piece)
{
    struct viewer *viewer = context;
    viewer->broken |= live_record_feed(&viewer->waiting, piece, take, viewer) < 0;
}

static void stream_closed(void *context, int status)
{
    struct viewer *viewer = context;
    viewer->stream = NULL;
    viewer->broken |= status != 200;
}

static void watch(struct viewer *viewer, const char *cameras)
{
    char url[200];
    snprintf(url, sizeof url, "%s/live?cameras=%s", door_address(door), cameras);
    struct http_call call = { .method = "GET", .url = url };
    viewer->stream = http_stream_open(http, &call, piece_came, stream_closed, viewer);
}

static void leave(struct viewer *viewer)
{
    if (viewer->stream)
        http_stream_close(viewer->stream);
    buffer_finish(&viewer->waiting);
}

static bool has_units(void *context)
{
    const struct viewer *viewer = context;
    return viewer->broken ||
           (viewer->units[0] >= viewer->units_wanted && viewer->units[1] >= viewer->units_wanted && viewer->pulses > 0);
}

static bool third_is_lost(void *context)
{
    const struct viewer *viewer = context;
    return strcmp(viewer->state[2], "lost") == 0;
}

/* An answer that is waited for. */
struct answer {
    int status;
    struct buffer body;
    bool came;
};

static void answer_came(void *context, int status, struct bytes body)
{
    struct answer *answer = context;
    answer->status = status;
    answer->came = true;
    buffer_append(&answer->body, body.data, body.size);
}

static bool answered(void *context)
{
    return ((struct answer *)context)->came;
}

static void get(const char *path, struct answer *answer)
{
    char url[200];
    snprintf(url, sizeof url, "%s%s", door_address(door), path);
    buffer_finish(&answer->body);
    *answer = (struct answer){ 0 };
    http_send(http, &(struct http_call){ .method = "GET", .url = url }, answer_came, answer);
    assert_true(harness_run(stage.harness, answered, NULL, answer));
}

/* ---- the stories ---- */

static void one_response_carries_several_cameras(void **state)
{
    (void)state;
    struct viewer viewer = { .units_wanted = 20 };
    watch(&viewer, "cam-01,cam-02,no-such");
    assert_true(harness_run(stage.harness, has_units, NULL, &viewer));
    assert_false(viewer.broken);
    assert_false(viewer.began_with_delta);
    assert_int_equal(viewer.configs[0], 1);
    assert_int_equal(viewer.configs[1], 1);
    assert_memory_equal(viewer.codec, "avc1.42", 7);
    assert_string_equal(viewer.state[0], "live");
    assert_string_equal(viewer.state[2], "unknown");
    assert_int_equal(viewer.units[2], 0);
    leave(&viewer);
}

static void a_page_that_comes_later_starts_with_the_cached_group(void **state)
{
    (void)state;
    struct viewer first = { .units_wanted = 5 }, second = { .units_wanted = 1 };
    watch(&first, "cam-01,cam-02");
    assert_true(harness_run(stage.harness, has_units, NULL, &first));
    watch(&second, "cam-02,cam-01");
    assert_true(harness_run(stage.harness, has_units, NULL, &second));
    assert_false(second.began_with_delta);
    leave(&first);
    leave(&second);
}

static void the_list_tells_how_each_camera_does(void **state)
{
    (void)state;
    struct viewer viewer = { .units_wanted = 3 };
    watch(&viewer, "cam-01,cam-02,cam-dead");
    assert_true(harness_run(stage.harness, has_units, NULL, &viewer));
    assert_true(harness_run(stage.harness, third_is_lost, NULL, &viewer));
    struct answer answer = { 0 };
    get("/live/cameras", &answer);
    assert_int_equal(answer.status, 200);
    json_t *body = json_loadb((const char *)answer.body.bytes, answer.body.size, 0, NULL);
    const json_t *list = json_object_get(body, "cameras");
    assert_int_equal(json_array_size(list), SIMULATED + 1);
    static const char *const states[] = { "live", "live", "idle", "idle", "lost" };
    for (size_t i = 0; i <= SIMULATED; i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(list, i), "state")), states[i]);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "id")), "cam-01");
    json_decref(body);
    buffer_finish(&answer.body);
    leave(&viewer);
}

static void a_snapshot_is_a_jpeg_of_a_camera_that_nobody_watched(void **state)
{
    (void)state;
    struct answer answer = { 0 };
    get("/live/snapshot/cam-04.jpg", &answer);
    assert_int_equal(answer.status, 200);
    assert_true(answer.body.size > 1000);
    assert_memory_equal(answer.body.bytes, "\xff\xd8\xff", 3);
    buffer_finish(&answer.body);
}

static void what_cannot_be_shown_is_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int status;
        const char *code;
    } rows[] = {
        { "/live", 400, "cameras" },
        { "/live?cameras=", 400, "cameras" },
        { "/live?cameras=a,,b", 400, "cameras" },
        { "/live/snapshot/no-such.jpg", 404, "unknown_camera" },
        { "/live/snapshot/cam-01.png", 404, "not_found" },
        { "/live/snapshot/cam-dead.jpg", 504, "no_picture" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = { 0 };
        get(rows[i].path, &answer);
        if (answer.status != rows[i].status || !strstr(buffer_string(&answer.body), rows[i].code))
            fail_msg("%s: %d %s", rows[i].path, answer.status, buffer_string(&answer.body));
        buffer_finish(&answer.body);
    }
}

static int set_up(void **state)
{
    (void)state;
    video_stage_open(&stage);
    struct door_options door_options = { .listen = "127.0.0.1:0",
                                         .connections = 64,
                                         .connections_per_address = 64,
                                         .header_bytes = 16384,
                                         .body_bytes = 65536,
                                         .request_seconds = 30 };
    struct fault fault = { "" };
    int result = door_open(stage.harness->loop, &door_options, &door, &fault);
    if (result == 0) {
        struct live_options options = {
            .loop = stage.harness->loop, .door = door, .feeds = stage.feeds, .book = stage.book
        };
        result = live_open(&options, &live, &fault);
    }
    if (result == 0)
        result = http_create(stage.harness->loop, &http, &fault);
    if (result < 0)
        fail_msg("%s", fault.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_destroy(http);
    live_close(live);
    door_close(door);
    video_stage_close(&stage);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_response_carries_several_cameras),
        cmocka_unit_test(a_page_that_comes_later_starts_with_the_cached_group),
        cmocka_unit_test(the_list_tells_how_each_camera_does),
        cmocka_unit_test(a_snapshot_is_a_jpeg_of_a_camera_that_nobody_watched),
        cmocka_unit_test(what_cannot_be_shown_is_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
