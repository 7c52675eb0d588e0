/* Evidence on a real camera: RTSP, hub, bus, files, event log. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/sources/camera_evidence.h"
#include "proto/base/clock.h"
#include "proto/store/media_store.h"
#include "test/e2e/video_stage.h"

static struct video_stage stage;
static char data[40];
static struct event_log *event_log;
static struct intake *intake;
static struct camera_evidence *evidence;

/* ---- what an operator's click becomes ---- */

struct wish {
    struct camera_grant grant;
    char message[201];
    bool answered;
};

static void answer_came(void *context, int status, struct bytes answer)
{
    struct wish *wish = context;
    struct arena arena = { 0 };
    assert_int_equal(status, 0);
    assert_int_equal(record_decode(&camera_grant_desc, answer, &arena, &wish->grant, NULL), 0);
    snprintf(wish->message, sizeof wish->message, "%s", wish->grant.message);
    arena_finish(&arena);
    wish->answered = true;
}

static bool is_answered(void *context)
{
    return ((struct wish *)context)->answered;
}

static struct wish keep(const char *camera, const char *id)
{
    struct wish wish = { .answered = false };
    const struct camera_lease lease = {
        .verb = CAMERA_VERB_KEEP, .camera = camera, .holder = "o-01", .id = id, .about_seq = 1
    };
    assert_int_equal(feeds_ask(stage.feeds, &lease, HARNESS_DEADLINE_MS, answer_came, &wish), 0);
    assert_true(harness_run(stage.harness, is_answered, NULL, &wish));
    return wish;
}

static bool log_has(void *context)
{
    return event_log_last(event_log, NULL) >= (int64_t) * (const uint64_t *)context;
}

/* The event of that number, once it is there. */
static struct event event_at(uint64_t seq, struct arena *arena)
{
    struct event event;
    struct fault fault = { "" };
    assert_true(harness_run(stage.harness, log_has, NULL, &seq));
    assert_int_equal(event_log_get(event_log, seq, arena, &event, &fault), 0);
    return event;
}

/* Its file, whose hashes are what the event says. */
static struct buffer file_of(const struct event *event)
{
    char folder[60], hex[HASH_HEX];
    const char *type;
    struct buffer file = { 0 };
    struct fault fault = { "" };
    assert_int_equal(event->media.count, 1);
    const struct media *media = &event->media.items[0];
    snprintf(folder, sizeof folder, "%s/evidence", data);
    assert_int_equal(media_store_get(folder, media->hash, &file, &type, &fault), 0);
    assert_string_equal(type, media->type);
    struct hash sha256 = sha256_of(file.bytes, file.size);
    assert_string_equal(hash_hex(hex, &sha256), media->sha256);
    return file;
}

static bool has_box(const struct buffer *file, const char *type)
{
    return memmem(file->bytes, file->size, type, 4) != NULL;
}

/* ---- the stories ---- */

static void a_click_keeps_a_picture_and_then_a_clip(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct wish wish = keep("cam-01", "click-1");
    assert_int_equal(wish.grant.result, CAMERA_RESULT_OK);
    struct event picture = event_at((uint64_t)wish.grant.seq, &arena);
    assert_int_equal(picture.kind, EVENT_EVIDENCE);
    assert_int_equal(picture.about_seq, 1);
    assert_string_equal(picture.reporter, "o-01");
    assert_string_equal(picture.camera, "cam-01");
    assert_string_equal(picture.text, "路口1：截图");
    assert_string_equal(picture.media.items[0].type, "image/jpeg");
    assert_true(picture.media.items[0].kept_until_ms > clock_now_ms());
    struct buffer file = file_of(&picture);
    assert_true(file.size > 1000);
    buffer_finish(&file);
    struct event clip = event_at((uint64_t)wish.grant.seq + 1, &arena);
    assert_int_equal(clip.kind, EVENT_EVIDENCE);
    assert_string_equal(clip.media.items[0].type, "video/mp4");
    assert_true(clip.happened_at_ms > picture.happened_at_ms);
    file = file_of(&clip);
    assert_true(has_box(&file, "moov") && has_box(&file, "mdat") && has_box(&file, "avc1"));
    buffer_finish(&file);
    arena_finish(&arena);
}

static void the_same_click_again_keeps_nothing_twice(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct wish first = keep("cam-02", "click-2");
    uint64_t last = (uint64_t)first.grant.seq + 1;
    event_at(last, &arena);
    struct wish again = keep("cam-02", "click-2");
    assert_int_equal(again.grant.result, CAMERA_RESULT_OK);
    assert_int_equal(again.grant.seq, first.grant.seq);
    assert_int_equal(event_log_last(event_log, NULL), last);
    arena_finish(&arena);
}

static void what_cannot_be_kept_is_refused_with_a_reason(void **state)
{
    (void)state;
    struct wish dead = keep("cam-dead", "click-3");
    assert_int_equal(dead.grant.result, CAMERA_RESULT_NO_PICTURE);
    assert_string_equal(dead.message, "the camera gave no picture within 5 s");
    assert_int_equal(keep("no-such", "click-4").grant.result, CAMERA_RESULT_INVALID);
    assert_int_equal(keep("cam-01", "").grant.result, CAMERA_RESULT_INVALID);
}

static void logged(struct request *request, const struct event_append *done, void *context)
{
    (void)request;
    *(uint64_t *)context = done->seq;
}

static bool has_seq(void *context)
{
    return *(uint64_t *)context != 0;
}

/* A report from the cameras' place; its number. */
static uint64_t report(const char *id, const char *service)
{
    uint64_t seq = 0;
    struct event event = { .id = id,
                           .kind = EVENT_REPORT,
                           .source = SOURCE_RESIDENT,
                           .service = service,
                           .text = "在这里",
                           .place = { .lat = 39.94, .lon = 116.39, .area = "g1" } };
    const struct event_append append = { .event = &event };
    assert_int_equal(intake_add(intake, &append, logged, &seq), INTAKE_TAKEN);
    assert_true(harness_run(stage.harness, has_seq, NULL, &seq));
    return seq;
}

static void a_report_that_the_rule_names_has_evidence_and_no_other(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    report("r-1", "P0101");
    uint64_t seq = report("r-2", "E0101");
    struct event picture = event_at(seq + 1, &arena);
    assert_int_equal(picture.kind, EVENT_EVIDENCE);
    assert_int_equal(picture.about_seq, seq);
    assert_string_equal(picture.camera, "cam-01"); /* of those that stand there, the book's first */
    assert_string_equal(picture.reporter, "");
    event_at(seq + 2, &arena);
    assert_int_equal(event_log_last(event_log, NULL), seq + 2);
    arena_finish(&arena);
}

/* ---- retention ---- */

static bool is_forgotten(void *context)
{
    struct arena arena = { 0 };
    struct bytes value;
    bool gone = event_log_memo(event_log, context, &arena, &value, NULL) == 1;
    arena_finish(&arena);
    return gone;
}

static void begin_evidence(void)
{
    struct fault fault = { "" };
    if (camera_evidence_open(&(struct camera_evidence_options){ stage.harness->loop, stage.book, data, event_log,
                                                                intake, stage.cameras },
                             &evidence, &fault) < 0)
        fail_msg("%s", fault.text);
}

static void what_is_over_is_erased_at_the_next_look(void **state)
{
    (void)state;
    static const char *const contents[2] = { "\xff\xd8\xff"
                                             "over",
                                             "\xff\xd8\xff"
                                             "not yet" };
    char folder[60], hashes[2][HASH_HEX], keys[2][80], until[2][24];
    struct event_memo memos[2];
    struct fault fault = { "" };
    snprintf(folder, sizeof folder, "%s/evidence", data);
    for (int i = 0; i < 2; i++) {
        struct bytes file = { (const uint8_t *)contents[i], strlen(contents[i]) };
        assert_int_equal(media_store_put(folder, file, file, hashes[i], &fault), 0);
        snprintf(keys[i], sizeof keys[i], "evidence/%s", hashes[i]);
        snprintf(until[i], sizeof until[i], "%lld", (long long)(clock_now_ms() + (i ? 1000000 : -1)));
        memos[i] = (struct event_memo){ keys[i], { (const uint8_t *)until[i], strlen(until[i]) } };
    }
    struct event_append append = { .memos = memos, .memo_count = 2 };
    assert_int_equal(event_log_append(event_log, &append, 1, &fault), 0);
    camera_evidence_close(evidence);
    begin_evidence();
    assert_true(harness_run(stage.harness, is_forgotten, NULL, keys[0]));
    assert_false(is_forgotten(keys[1]));
    struct buffer file = { 0 };
    const char *type;
    assert_int_equal(media_store_get(folder, hashes[0], &file, &type, &fault), 1);
    assert_int_equal(media_store_get(folder, hashes[1], &file, &type, &fault), 0);
    buffer_finish(&file);
}

/* ---- the stage ---- */

static int set_up(void **state)
{
    (void)state;
    struct bus_publisher *doorbell;
    struct fault fault = { "" };
    strcpy(data, "/tmp/evidence-XXXXXX");
    video_stage_open(&stage);
    if (!mkdtemp(data) || crypto_init(&fault) < 0 || event_log_open(data, STORE_READ_WRITE, &event_log, &fault) < 0 ||
        bus_publisher_dial(harness_port_base(), BUS_EVENTS, &doorbell, &fault) < 0 ||
        intake_open(&(struct intake_options){ .loop = stage.harness->loop,
                                              .log = event_log,
                                              .doorbell = doorbell,
                                              .queue = 64,
                                              .patience_ms = 60000,
                                              .book = stage.book },
                    &intake, &fault) < 0)
        fail_msg("%s", fault.text);
    begin_evidence();
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status, (void)kind, (void)where;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    intake_settle(intake);
    camera_evidence_close(evidence);
    intake_close(intake);
    event_log_close(event_log);
    video_stage_close(&stage);
    nftw(data, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_click_keeps_a_picture_and_then_a_clip),
        cmocka_unit_test(the_same_click_again_keeps_nothing_twice),
        cmocka_unit_test(what_cannot_be_kept_is_refused_with_a_reason),
        cmocka_unit_test(a_report_that_the_rule_names_has_evidence_and_no_other),
        cmocka_unit_test(what_is_over_is_erased_at_the_next_look),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
