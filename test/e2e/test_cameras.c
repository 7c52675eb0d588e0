/* Our reader of cameras on simulated ones (camsim), on their good and bad days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ingest/cameras/readers.h"
#include "test/unit/bus/bus_harness.h"
#include "tools/citysim/camsim/camsim.h"
#include "videowall/media/rtsp_server.h"

static struct harness *harness;
static const char *const ids[] = { "cam-01", "cam-02" };

/* A camera that is read. */
struct reading {
    void *source;
    int units, keys, code; /* code: 0 while it goes on */
    bool had_delta_first;
    char reason[200];
    struct source_unit last;
    int units_wanted;
    bool changed;
    uint16_t first_height;
};

struct stage {
    struct camsim *camsim;
    struct readers *readers;
    struct reading reading;
    int64_t keep_alives_wanted, lost_wanted;
};

static struct stage stage;

static void unit_came(void *context, const struct source_unit *unit)
{
    struct reading *reading = context;
    reading->had_delta_first |= reading->units++ == 0 && !unit->key;
    reading->keys += unit->key;
    reading->last = *unit;
    if (!reading->first_height)
        reading->first_height = unit->height;
    reading->changed |= unit->height != reading->first_height;
}

static void ended(void *context, int code, const char *reason)
{
    struct reading *reading = context;
    reading->code = code;
    snprintf(reading->reason, sizeof reading->reason, "%s", reason);
}

static void begin_with(struct stage *on, const struct camsim_options *options)
{
    struct fault fault = { "" };
    *on = (struct stage){ .camsim = NULL };
    if (camsim_start(options, &on->camsim, &fault) < 0 || readers_open(harness->loop, &on->readers, &fault) < 0)
        fail_msg("%s", fault.text);
}

static void begin(struct stage *on)
{
    begin_with(on, &(struct camsim_options){ .ids = ids, .id_count = 2 });
}

static void order(struct stage *on, const char *line)
{
    struct fault fault = { "" };
    if (camsim_order(on->camsim, line, &fault) < 1)
        fail_msg("%s: %s", line, fault.text);
}

static void stop_reading(struct stage *on)
{
    if (on->reading.source)
        readers_ops.stop(on->reading.source);
    on->reading = (struct reading){ .units = 0 };
}

static int try_to_read(struct stage *on, const char *host, int64_t port, const char *path, struct fault *fault)
{
    char url[200];
    stop_reading(on);
    snprintf(url, sizeof url, "rtsp://%s:%d/%s", host, (int)port, path);
    struct source_sink sink = { .unit = unit_came, .ended = ended, .context = &on->reading };
    return readers_ops.start(on->readers, url, &sink, &on->reading.source, fault);
}

static void read_from(struct stage *on, const char *host, int64_t port, const char *path)
{
    struct fault fault = { "" };
    if (try_to_read(on, host, port, path, &fault) < 0)
        fail_msg("%s", fault.text);
}

static void read_at(struct stage *on, const char *host, const char *path)
{
    read_from(on, host, camsim_port(on->camsim), path);
}

static void end(struct stage *on)
{
    stop_reading(on);
    readers_close(on->readers);
    camsim_stop(on->camsim);
    *on = (struct stage){ .camsim = NULL };
}

/* Also after a story that broke off. */
static int tear_down(void **state)
{
    (void)state;
    end(&stage);
    return 0;
}

static bool has_units(void *context)
{
    const struct reading *reading = context;
    return reading->code || reading->units >= reading->units_wanted;
}

static bool has_ended(void *context)
{
    return ((struct reading *)context)->code != 0;
}

static bool has_changed(void *context)
{
    const struct reading *reading = context;
    return reading->code || reading->changed;
}

/* So many more. */
static void wait_units(struct stage *on, int more)
{
    on->reading.units_wanted = on->reading.units + more;
    bool there = false; /* a programme that nobody has watched yet is encoded first, on a busy machine for a while */
    for (int tries = 0; !there && tries < 4; tries++)
        there = harness_run(harness, has_units, NULL, &on->reading);
    if (!there || on->reading.code)
        fail_msg("%d units, expected %d: %s", on->reading.units, on->reading.units_wanted, on->reading.reason);
}

static void wait_end(struct stage *on)
{
    if (!harness_run(harness, has_ended, NULL, &on->reading))
        fail_msg("it goes on: %d units", on->reading.units);
}

/* ---- the stories ---- */

static void both_codecs_and_both_streams_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *path, *order;
        enum frame_codec codec;
        int width, height;
    } streams[] = {
        { "cam-01", "cam-01 well", FRAME_H264, 640, 360 },
        { "cam-01", "cam-01 start any", FRAME_H264, 640, 360 },
        { "cam-01", "cam-01 sets sdp", FRAME_H264, 640, 360 },
        { "cam-02", "cam-02 codec h265", FRAME_H265, 640, 360 },
        { "cam-01/main", "cam-01 well", FRAME_H264, 1920, 1080 },
    };
    begin(&stage);
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        order(&stage, streams[i].order);
        read_at(&stage, "127.0.0.1", streams[i].path);
        wait_units(&stage, 40);
        assert_false(stage.reading.had_delta_first);
        assert_int_equal(stage.reading.last.codec, streams[i].codec);
        assert_int_equal(stage.reading.last.width, streams[i].width);
        assert_int_equal(stage.reading.last.height, streams[i].height);
    }
    end(&stage);
}

/* A clip as ffmpeg writes it, in a file of that name. */
static void encode_clip(const char *file)
{
    char command[400];
    snprintf(command, sizeof command,
             "ffmpeg -nostdin -loglevel error -y -f lavfi -i testsrc2=size=352x288:rate=15 -t 6 -c:v libx265 -preset "
             "ultrafast -x265-params log-level=none:keyint=15:bframes=0 %s",
             file);
    assert_int_equal(system(command), 0);
}

static void cameras_of_another_make_are_read(void **state)
{
    (void)state;
    char file[] = "/tmp/drumtower-clip-XXXXXX.mkv", served[200];
    int fd = mkstemps(file, 4);
    assert_true(fd >= 0);
    close(fd);
    encode_clip(file);
    snprintf(served, sizeof served, "( filesrc location=%s ! matroskademux ! h265parse ! rtph265pay name=pay0 )", file);
    struct rtsp_server *server;
    struct fault fault = { "" };
    assert_int_equal(rtsp_server_start("127.0.0.1", 0, &server, &fault), 0);
    rtsp_server_add(server, "/gst",
                    "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 ! x264enc "
                    "tune=zerolatency key-int-max=15 ! rtph264pay name=pay0 )",
                    NULL);
    rtsp_server_add(server, "/ffmpeg", served, NULL);
    begin(&stage);
    static const struct {
        const char *path;
        enum frame_codec codec;
        int height;
    } streams[] = { { "gst", FRAME_H264, 240 }, { "ffmpeg", FRAME_H265, 288 } };
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        read_from(&stage, "127.0.0.1", rtsp_server_port(server), streams[i].path);
        wait_units(&stage, 30);
        assert_false(stage.reading.had_delta_first);
        assert_true(stage.reading.keys >= 1);
        assert_int_equal(stage.reading.last.codec, streams[i].codec);
        assert_int_equal(stage.reading.last.height, streams[i].height);
    }
    end(&stage);
    rtsp_server_stop(server);
    unlink(file);
}

static void a_password_is_given_when_asked_for(void **state)
{
    (void)state;
    for (int sha256 = 0; sha256 <= 1; sha256++) {
        begin_with(&stage, &(struct camsim_options){
                               .ids = ids, .id_count = 2, .user = "admin", .password = "a:b c", .sha256 = sha256 });
        read_at(&stage, "admin:a%3ab%20c@127.0.0.1", "cam-01");
        wait_units(&stage, 2);
        read_at(&stage, "admin:wrong@127.0.0.1", "cam-01");
        wait_end(&stage);
        assert_int_equal(stage.reading.code, -EACCES);
        end(&stage);
    }
}

static void a_wrong_password_is_said_once_and_not_again_for_a_while(void **state)
{
    (void)state;
    struct fault fault = { "" };
    begin_with(&stage,
               &(struct camsim_options){
                   .ids = ids, .id_count = 2, .user = "admin", .password = "secret", .fresh_challenges = true });
    read_at(&stage, "admin:secret@127.0.0.1", "cam-01"); /* each request is asked for anew */
    wait_units(&stage, 2);
    int64_t refused = camsim_counts(stage.camsim).refused;
    assert_true(refused >= 3);
    read_at(&stage, "admin:wrong@127.0.0.1", "cam-01");
    wait_end(&stage);
    assert_int_equal(stage.reading.code, -EACCES);
    assert_string_equal(stage.reading.reason, SOURCE_REFUSED);
    refused = camsim_counts(stage.camsim).refused - refused;
    assert_in_range(refused, 2, 3); /* the question, the answer; the goodbye of the one before */
    int64_t connections = camsim_counts(stage.camsim).connections;
    assert_int_equal(try_to_read(&stage, "admin:wrong@127.0.0.1", camsim_port(stage.camsim), "cam-01", &fault),
                     -EACCES);
    assert_string_equal(fault.text, "not asked again for 5 minutes: " SOURCE_REFUSED);
    read_at(&stage, "admin:secret@127.0.0.1", "cam-01"); /* the book was put right */
    wait_units(&stage, 2);
    assert_int_equal(camsim_counts(stage.camsim).connections, connections + 1);
    end(&stage);
}

static bool was_kept_alive(void *context)
{
    (void)context;
    return stage.reading.code || camsim_counts(stage.camsim).keep_alives >= stage.keep_alives_wanted;
}

static void a_session_is_kept_alive(void **state)
{
    (void)state;
    begin_with(&stage, &(struct camsim_options){ .ids = ids, .id_count = 2, .session_seconds = 8 });
    read_at(&stage, "127.0.0.1", "cam-01");
    stage.keep_alives_wanted = 2;
    assert_true(harness_run(harness, was_kept_alive, NULL, &stage));
    assert_int_equal(stage.reading.code, 0);
    assert_int_equal(camsim_counts(stage.camsim).expired, 0);
    wait_units(&stage, 1);
    end(&stage);
}

static void changed_parameter_sets_are_followed(void **state)
{
    (void)state;
    begin(&stage);
    read_at(&stage, "127.0.0.1", "cam-01");
    wait_units(&stage, 5);
    order(&stage, "cam-01 change");
    assert_true(harness_run(harness, has_changed, NULL, &stage.reading));
    assert_int_equal(stage.reading.code, 0);
    assert_int_equal(stage.reading.last.height, 576);
    wait_units(&stage, 5);
    end(&stage);
}

static bool has_lost(void *context)
{
    (void)context;
    return stage.reading.code || harness_metric("drumtower_camera_packets_lost_total") >= stage.lost_wanted;
}

static void lost_packets_cost_pictures_and_not_the_camera(void **state)
{
    (void)state;
    begin(&stage);
    read_at(&stage, "127.0.0.1", "cam-01");
    wait_units(&stage, 5);
    stage.lost_wanted = harness_metric("drumtower_camera_packets_lost_total") + 5;
    order(&stage, "cam-01 lose 100");
    assert_true(harness_run(harness, has_lost, NULL, &stage));
    order(&stage, "cam-01 well");
    wait_units(&stage, 31);
    assert_int_equal(stage.reading.code, 0);
    end(&stage);
}

static void garbage_ends_or_harms_nothing_for_long(void **state)
{
    (void)state;
    begin(&stage);
    read_at(&stage, "127.0.0.1", "cam-01");
    wait_units(&stage, 5);
    order(&stage, "cam-01 garbage");
    int64_t sent = camsim_counts(stage.camsim).pictures;
    while (camsim_counts(stage.camsim).pictures < sent + 45) /* three seconds of it */
        harness_run(harness, has_units, NULL, &stage.reading);
    assert_int_equal(stage.reading.code, 0);
    order(&stage, "cam-01 well");
    wait_units(&stage, 31);
    order(&stage,
          "cam-01 noise"); /* between the packets: the place in the stream is lost, or what follows makes no sense */
    wait_end(&stage);
    end(&stage);
}

static void a_camera_that_dies_or_is_not_there_is_told(void **state)
{
    (void)state;
    begin(&stage);
    read_at(&stage, "localhost", "cam-01"); /* a name, looked up */
    wait_units(&stage, 5);
    order(&stage, "cam-01 die");
    wait_end(&stage);
    read_at(&stage, "127.0.0.1", "cam-01");
    wait_end(&stage);
    order(&stage, "cam-01 well");
    read_at(&stage, "127.0.0.1", "cam-01");
    wait_units(&stage, 5);
    order(&stage, "cam-01 cut");
    wait_end(&stage);
    read_at(&stage, "127.0.0.1", "cam-99");
    wait_end(&stage);
    assert_string_equal(stage.reading.reason, "the camera answers DESCRIBE with 404 Not Found");
    read_at(&stage, "no-such-host.invalid", "cam-01");
    wait_end(&stage);
    end(&stage);
}

static void a_camera_may_be_left_at_any_moment(void **state)
{
    (void)state;
    begin(&stage);
    read_at(&stage, "no-such-host.invalid", "cam-01");
    read_at(&stage, "localhost", "cam-01");
    read_at(&stage, "127.0.0.1", "cam-01"); /* connecting */
    order(&stage, "cam-01 mute");
    read_at(&stage, "127.0.0.1", "cam-01");
    read_at(&stage, "127.0.0.1", "cam-02");
    wait_units(&stage, 1);
    end(&stage);
}

static int set_up(void **state)
{
    (void)state;
    harness = harness_create();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(both_codecs_and_both_streams_are_read, tear_down),
        cmocka_unit_test_teardown(cameras_of_another_make_are_read, tear_down),
        cmocka_unit_test_teardown(a_password_is_given_when_asked_for, tear_down),
        cmocka_unit_test_teardown(a_wrong_password_is_said_once_and_not_again_for_a_while, tear_down),
        cmocka_unit_test_teardown(a_session_is_kept_alive, tear_down),
        cmocka_unit_test_teardown(changed_parameter_sets_are_followed, tear_down),
        cmocka_unit_test_teardown(lost_packets_cost_pictures_and_not_the_camera, tear_down),
        cmocka_unit_test_teardown(garbage_ends_or_harms_nothing_for_long, tear_down),
        cmocka_unit_test_teardown(a_camera_that_dies_or_is_not_there_is_told, tear_down),
        cmocka_unit_test_teardown(a_camera_may_be_left_at_any_moment, tear_down),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
