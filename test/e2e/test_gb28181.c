/* Devices of GB/T 28181 (camsim) and the platform's side in one process: they register, are looked at, misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ingest/cameras/gb28181/catalog.h"
#include "ingest/cameras/gb28181/gb28181.h"
#include "ingest/cameras/gb28181/outgoing.h"
#include "proto/base/clock.h"
#include "test/unit/bus/bus_harness.h"
#include "tools/citysim/camsim/camsim.h"

#define OWN "34020000002000000001"
#define DEVICE_1 "34020000001110000001"
#define DEVICE_2 "34020000001110000002"
#define CHANNEL_1 "34020000001310000101"
#define CHANNEL_2 "34020000001310000201"

static struct harness *harness;
static char keys[] = "/tmp/gb28181-keys-XXXXXX";

static const struct book_service service = { .code = "0101" };
static const struct book_gb_alarm alarms[] = {
    { .method = GB_ALARM_VIDEO, .type = 6, .service = &service, .rule = "r:1" }
};
static const struct book_camera cameras[] = {
    { .id = "one",
      .url = "gb28181://" DEVICE_1 "/" CHANNEL_1,
      .sub_url = "gb28181://" DEVICE_1 "/" CHANNEL_1 "?stream=1" },
    { .id = "two", .url = "gb28181://" DEVICE_2 "/" CHANNEL_2, .sub_url = "", .mobile = true },
};

/* A camera that is looked at. */
struct reading {
    void *source;
    int units, keys, wanted, code;
    char reason[200];
    struct source_unit last;
};

struct stage {
    struct book book;
    struct gb28181 *platform;
    struct camsim *camsim;
    struct reading reading;
    size_t online_wanted;
    int64_t count_wanted;
    int alarms;
    int64_t alarm_type, positions;
    double lat, lon; /* of the last one */
    bool keep_alarms;
    struct gb_ticket *ticket;
};
static struct stage stage;

/* ---- the platform ---- */

static void hear_alarm(void *context, const struct gb_alarm *alarm)
{
    struct stage *on = context;
    assert_string_equal(alarm->device, DEVICE_1);
    assert_string_equal(alarm->camera->id, "one");
    assert_string_equal(alarm->rule->rule, "r:1");
    on->alarm_type = alarm->said.type;
    on->alarms++;
    gb28181_answer(alarm->ticket, on->keep_alarms);
}

static void hear_position(void *context, const struct book_camera *camera, double lat, double lon)
{
    struct stage *on = context;
    assert_string_equal(camera->id, "two"); /* the other one does not move */
    assert_true(lat > 39.93 && lat < 39.95 && lon > 116.38 && lon < 116.40);
    on->positions++;
    on->lat = lat;
    on->lon = lon;
}

static void open_platform(struct stage *on)
{
    struct fault fault = { "" };
    struct gb28181_options options = { .loop = harness->loop, .book = &on->book, .keys = keys };
    if (gb28181_open(&options, &on->platform, &fault) < 0)
        fail_msg("%s", fault.text);
    on->book.gb28181.port = gb28181_port(on->platform); /* the same again */
    gb28181_on_alarm(on->platform, hear_alarm, on);
    gb28181_on_position(on->platform, hear_position, on);
}

static void begin(struct stage *on, bool tcp, int64_t keepalive_s)
{
    *on = (struct stage){ .book = { .cameras = cameras,
                                    .camera_count = 2,
                                    .gb28181 = { .id = OWN,
                                                 .listen = "127.0.0.1",
                                                 .media_address = "",
                                                 .media_tcp = tcp,
                                                 .media_ports = 1,
                                                 .keepalive_seconds = keepalive_s,
                                                 .position_seconds = 1,
                                                 .alarms = alarms,
                                                 .alarm_count = 1 } },
                          .keep_alarms = true };
    open_platform(on);
}

static void start_devices(struct stage *on, int64_t keepalive_s, const char *order)
{
    char platform[32];
    struct fault fault = { "" };
    snprintf(platform, sizeof platform, "127.0.0.1:%u", gb28181_port(on->platform));
    struct camsim_options options = { .gb_count = 2,
                                      .gb_platform = strdup(platform),
                                      .gb_id = OWN,
                                      .gb_password = "12345678",
                                      .gb_channels = 3,
                                      .gb_keepalive_s = keepalive_s,
                                      .first_order = order };
    if (camsim_start(&options, &on->camsim, &fault) < 0)
        fail_msg("%s", fault.text);
    free((char *)options.gb_platform);
}

static void order(struct stage *on, const char *line)
{
    struct fault fault = { "" };
    if (camsim_order(on->camsim, line, &fault) < 1)
        fail_msg("%s: %s", line, fault.text);
}

static int tear_down(void **state)
{
    (void)state;
    if (stage.reading.source)
        gb28181_ops.stop(stage.reading.source);
    gb28181_close(stage.platform);
    camsim_stop(stage.camsim);
    stage = (struct stage){ .platform = NULL };
    return 0;
}

/* ---- waiting ---- */

/* A busy machine takes its time: what is waited for comes, or the story is wrong. */
static void wait_for(bool (*there)(void *context), void *context, const char *what)
{
    bool came = false;
    for (int tries = 0; !came && tries < 6; tries++)
        came = harness_run(harness, there, NULL, context);
    if (!came)
        fail_msg("it did not happen: %s", what);
}

static bool is_online(void *context)
{
    struct stage *on = context;
    return gb28181_online(on->platform) == on->online_wanted;
}

static void wait_online(struct stage *on, size_t wanted)
{
    on->online_wanted = wanted;
    wait_for(is_online, on, "devices online");
}

static bool has_units(void *context)
{
    struct reading *reading = context;
    return reading->code || reading->units >= reading->wanted;
}

static bool has_ended(void *context)
{
    return ((struct reading *)context)->code != 0;
}

static void wait_units(struct stage *on, int more)
{
    on->reading.wanted = on->reading.units + more;
    wait_for(has_units, &on->reading, "pictures");
    if (on->reading.code)
        fail_msg("the stream ended: %s", on->reading.reason);
}

/* ---- looking ---- */

static void unit_came(void *context, const struct source_unit *unit)
{
    struct reading *reading = context;
    assert_true(reading->units > 0 || unit->key);
    reading->units++;
    reading->keys += unit->key;
    reading->last = *unit;
}

static void ended(void *context, int code, const char *reason)
{
    struct reading *reading = context;
    assert_int_equal(reading->code, 0);
    reading->code = code;
    snprintf(reading->reason, sizeof reading->reason, "%s", reason);
}

static void look_at(struct stage *on, const char *url)
{
    struct fault fault = { "" };
    if (on->reading.source)
        gb28181_ops.stop(on->reading.source);
    on->reading = (struct reading){ .units = 0 };
    struct source_sink sink = { .unit = unit_came, .ended = ended, .context = &on->reading };
    if (gb28181_ops.start(on->platform, url, &sink, &on->reading.source, &fault) < 0)
        fail_msg("%s", fault.text);
}

/* ---- stories ---- */

static bool has_catalog(void *context)
{
    struct stage *on = context;
    return gb28181_channel(on->platform, DEVICE_2, CHANNEL_2) != NULL;
}

static void devices_register_and_tell_their_channels(void **state)
{
    (void)state;
    begin(&stage, true, 60);
    start_devices(&stage, 60, DEVICE_2 " twice");
    wait_online(&stage, 2);
    wait_for(has_catalog, &stage, "a catalog");
    for (int i = 1; i <= 3; i++) {
        char id[GB_ID_DIGITS + 1], name[16];
        snprintf(id, sizeof id, "3402000000131000020%d", i);
        snprintf(name, sizeof name, "通道%d", i);
        assert_string_equal(gb28181_channel(stage.platform, DEVICE_2, id)->name, name);
    }
    assert_null(gb28181_channel(stage.platform, DEVICE_2, CHANNEL_1));
}

static bool is_h265(void *context)
{
    const struct reading *reading = context;
    return reading->last.codec == FRAME_H265;
}

static void pictures_come_by_tcp_and_by_udp(void **state)
{
    (void)state;
    for (int tcp = 0; tcp <= 1; tcp++) {
        begin(&stage, tcp, 60);
        start_devices(&stage, 60, NULL);
        wait_online(&stage, 2);
        look_at(&stage, cameras[0].sub_url);
        wait_units(&stage, 40);
        assert_true(stage.reading.keys >= 1);
        assert_int_equal(stage.reading.last.codec, FRAME_H264);
        assert_int_equal(stage.reading.last.width, 640);
        if (tcp) { /* each codec is encoded anew: a while on a busy machine */
            order(&stage, DEVICE_1 " codec h265");
            wait_for(is_h265, &stage.reading, "another codec");
        }
        tear_down(NULL);
    }
}

static void a_device_that_numbers_otherwise_and_says_it_is_elsewhere_is_read(void **state)
{
    (void)state;
    begin(&stage, false, 60);
    start_devices(&stage, 60, "* ssrc");
    wait_online(&stage, 2);
    order(&stage, "* via");
    order(&stage, "* register");
    look_at(&stage, cameras[0].sub_url);
    wait_units(&stage, 5);
}

static void lost_packets_cost_pictures_and_not_the_stream(void **state)
{
    (void)state;
    begin(&stage, false, 60);
    start_devices(&stage, 60, NULL);
    wait_online(&stage, 2);
    look_at(&stage, cameras[0].sub_url);
    wait_units(&stage, 10);
    order(&stage, DEVICE_1 " lose 20");
    wait_units(&stage, 20);
    order(&stage, DEVICE_1 " garbage");
    order(&stage, DEVICE_1 " well");
    wait_units(&stage, 20);
}

static bool has_no_sessions(void *context)
{
    struct stage *on = context;
    return camsim_counts(on->camsim).sessions_now == 0;
}

static bool were_reordered(void *context)
{
    return harness_metric("drumtower_camera_packets_reordered_total") > *(int64_t *)context;
}

static void packets_that_overtake_each_other_cost_nothing(void **state)
{
    int64_t incomplete = harness_metric("drumtower_camera_units_incomplete_total");
    int64_t reordered = harness_metric("drumtower_camera_packets_reordered_total");
    (void)state;
    begin(&stage, false, 60);
    start_devices(&stage, 60, "* shuffle");
    wait_online(&stage, 2);
    look_at(&stage, cameras[0].sub_url);
    wait_units(&stage, 60);
    wait_for(were_reordered, &reordered, "a packet that was put right");
    assert_int_equal(harness_metric("drumtower_camera_units_incomplete_total"), incomplete);
}

static void a_stream_ends_with_goodbye_from_either_side(void **state)
{
    (void)state;
    begin(&stage, true, 60);
    start_devices(&stage, 60, NULL);
    wait_online(&stage, 2);
    look_at(&stage, cameras[0].sub_url);
    wait_units(&stage, 5);
    assert_int_equal(camsim_counts(stage.camsim).sessions_now, 1);
    gb28181_ops.stop(stage.reading.source);
    stage.reading.source = NULL;
    wait_for(has_no_sessions, &stage, "the device stops");
    look_at(&stage, cameras[0].sub_url);
    wait_units(&stage, 5);
    order(&stage, DEVICE_1 " cut");
    wait_for(has_ended, &stage.reading, "the end");
    assert_string_equal(stage.reading.reason, "the device ended the stream");
}

static void who_says_nothing_any_more_is_offline_and_its_stream_ends(void **state)
{
    (void)state;
    begin(&stage, true, 1);
    start_devices(&stage, 1, NULL);
    wait_online(&stage, 2);
    look_at(&stage, cameras[0].sub_url);
    wait_units(&stage, 5);
    order(&stage, DEVICE_1 " silent");
    wait_for(has_ended, &stage.reading, "the end");
    assert_string_equal(stage.reading.reason, "three keep-alives have not come");
    assert_int_equal(gb28181_online(stage.platform), 1);
    look_at(&stage, cameras[0].sub_url);
    wait_for(has_ended, &stage.reading, "it says why");
    assert_string_equal(stage.reading.reason, "the device " DEVICE_1 " is not registered");
    order(&stage, DEVICE_1 " well");
    order(&stage, DEVICE_1 " register");
    wait_online(&stage, 2);
}

static void after_our_restart_devices_register_anew_by_themselves(void **state)
{
    (void)state;
    begin(&stage, true, 60);
    start_devices(&stage, 1, NULL);
    wait_online(&stage, 2);
    gb28181_close(stage.platform);
    open_platform(&stage);
    assert_int_equal(gb28181_online(stage.platform), 0);
    wait_online(&stage, 2);
    assert_int_equal(camsim_counts(stage.camsim).registrations, 4);
}

static bool is_refused(void *context)
{
    struct stage *on = context;
    return camsim_counts(on->camsim).refused >= on->count_wanted;
}

static void a_wrong_password_is_refused(void **state)
{
    (void)state;
    begin(&stage, true, 60);
    start_devices(&stage, 60, DEVICE_2 " password");
    stage.count_wanted = 1;
    wait_for(is_refused, &stage, "a refusal");
    wait_online(&stage, 1);
    order(&stage, DEVICE_2 " well");
    wait_online(&stage, 2);
}

static bool has_moved(void *context)
{
    struct stage *on = context;
    return camsim_counts(on->camsim).moves >= on->count_wanted;
}

static void a_camera_turns(void **state)
{
    (void)state;
    struct fault fault = { "" };
    begin(&stage, true, 60);
    struct source_move left = { .pan = -100 };
    assert_int_equal(gb28181_ops.move(stage.platform, cameras[0].url, &left, &fault), -ENOTCONN);
    start_devices(&stage, 60, NULL);
    wait_online(&stage, 2);
    assert_int_equal(gb28181_ops.move(stage.platform, cameras[0].url, &left, &fault), 0);
    stage.count_wanted = 1;
    wait_for(has_moved, &stage, "a move");
    assert_string_equal(camsim_counts(stage.camsim).last_move, "A50F0102FF0000B6");
}

static bool time_passed(void *context)
{
    return clock_mono_ms() >= *(int64_t *)context;
}

static void an_order_that_was_lost_is_not_said_after_the_stop(void **state)
{
    (void)state;
    struct fault fault = { "" };
    struct source_move left = { .pan = -100 }, none = { 0 };
    begin(&stage, true, 60);
    start_devices(&stage, 60, NULL);
    wait_online(&stage, 2);
    order(&stage, DEVICE_1 " mute");
    assert_int_equal(gb28181_ops.move(stage.platform, cameras[0].url, &left, &fault), 0);
    order(&stage, DEVICE_1 " mute"); /* once more: by then it has not heard the order */
    order(&stage, DEVICE_1 " well");
    assert_int_equal(gb28181_ops.move(stage.platform, cameras[0].url, &none, &fault), 0);
    stage.count_wanted = 1;
    wait_for(has_moved, &stage, "the stop");
    int64_t later_mono_ms = clock_mono_ms() + 4 * OUTGOING_FIRST_MS; /* the lost one would be sent twice until then */
    wait_for(time_passed, &later_mono_ms, "two seconds");
    assert_int_equal(camsim_counts(stage.camsim).moves, 1);
    assert_string_equal(camsim_counts(stage.camsim).last_move, "A50F0100000000B5");
}

static bool has_kept_alarms(void *context)
{
    struct stage *on = context;
    return camsim_counts(on->camsim).alarms_kept >= on->count_wanted;
}

static bool has_alarms(void *context)
{
    struct stage *on = context;
    return on->alarms >= on->count_wanted;
}

static void an_alarm_is_sent_until_it_is_kept(void **state)
{
    (void)state;
    begin(&stage, true, 60);
    start_devices(&stage, 1, NULL);
    wait_online(&stage, 2);
    stage.keep_alarms = false; /* the log does not keep up */
    order(&stage, DEVICE_1 " alarm 6");
    stage.count_wanted = 2;
    wait_for(has_alarms, &stage, "an alarm, again");
    assert_int_equal(camsim_counts(stage.camsim).alarms_kept, 0);
    stage.keep_alarms = true;
    stage.count_wanted = 1;
    wait_for(has_kept_alarms, &stage, "an answer");
    assert_int_equal(stage.alarm_type, 6);
}

static bool has_positions(void *context)
{
    const struct stage *on = context;
    return on->positions >= on->count_wanted;
}

static void a_mobile_camera_says_where_it_is(void **state)
{
    (void)state;
    begin(&stage, true, 60);
    start_devices(&stage, 60, NULL);
    stage.count_wanted = 1;
    wait_for(has_positions, &stage, "a position");
    double lat = stage.lat, lon = stage.lon;
    stage.count_wanted = 2;
    wait_for(has_positions, &stage, "another one");
    assert_true(lat != stage.lat || lon != stage.lon);
    order(&stage, DEVICE_2 " register"); /* it knows nothing of what it was asked before */
    stage.count_wanted = stage.positions + 3;
    wait_for(has_positions, &stage, "positions after its restart");
}

static void what_cannot_be_looked_at_says_why(void **state)
{
    (void)state;
    begin(&stage, true, 60);
    start_devices(&stage, 60, NULL);
    wait_online(&stage, 2);
    look_at(&stage, "gb28181://" DEVICE_1 "/34020000001310000199");
    wait_for(has_ended, &stage.reading, "the end");
    assert_string_equal(stage.reading.reason, "the device refuses: 404, it has no such channel");
    struct source_sink sink = { .unit = unit_came, .ended = ended, .context = &stage.reading };
    struct fault fault = { "" };
    void *source;
    assert_int_equal(
        gb28181_ops.start(stage.platform, "gb28181://34020000001119999999/" CHANNEL_1, &sink, &source, &fault),
        -EINVAL);
    assert_int_equal(gb28181_ops.start(stage.platform, "gb28181://x", &sink, &source, &fault), -EINVAL);
}

static int open_harness(void **state)
{
    (void)state;
    char path[64];
    harness = harness_create();
    if (!mkdtemp(keys))
        return -1;
    snprintf(path, sizeof path, "%s/gb28181.key", keys);
    FILE *file = fopen(path, "w");
    if (!file || fputs("12345678\n", file) < 0 || fclose(file) != 0 || chmod(path, 0600) < 0)
        return -1;
    return 0;
}

static int close_harness(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "%s/gb28181.key", keys);
    unlink(path);
    rmdir(keys);
    return 0;
}

#define STORY(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(devices_register_and_tell_their_channels),
        STORY(pictures_come_by_tcp_and_by_udp),
        STORY(a_device_that_numbers_otherwise_and_says_it_is_elsewhere_is_read),
        STORY(lost_packets_cost_pictures_and_not_the_stream),
        STORY(packets_that_overtake_each_other_cost_nothing),
        STORY(a_stream_ends_with_goodbye_from_either_side),
        STORY(who_says_nothing_any_more_is_offline_and_its_stream_ends),
        STORY(after_our_restart_devices_register_anew_by_themselves),
        STORY(a_wrong_password_is_refused),
        STORY(a_camera_turns),
        STORY(an_order_that_was_lost_is_not_said_after_the_stop),
        STORY(an_alarm_is_sent_until_it_is_kept),
        STORY(a_mobile_camera_says_where_it_is),
        STORY(what_cannot_be_looked_at_says_why),
    };
    return cmocka_run_group_tests(tests, open_harness, close_harness);
}
