#include "proto/store/event_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static struct fault fault;

static struct event_log *open_log(void **state)
{
    struct event_log *log;
    assert_ok(event_log_open(*state, STORE_READ_WRITE, &log, &fault), &fault);
    return log;
}

static struct event_append append_one(struct event_log *log, const char *id, int64_t received_at_ms)
{
    struct event event = { .id = id, .kind = EVENT_REPORT, .received_at_ms = received_at_ms };
    struct event_append batch = { .event = &event };
    assert_ok(event_log_append(log, &batch, 1, &fault), &fault);
    return batch;
}

static void events_are_numbered_from_one_without_a_gap(void **state)
{
    struct event_log *log = open_log(state);
    assert_int_equal(event_log_last(log, NULL), 0);
    assert_int_equal(append_one(log, "a", 1).seq, 1);
    assert_int_equal(append_one(log, "b", 1).seq, 2);
    event_log_close(log);
    log = open_log(state);
    assert_int_equal(append_one(log, "c", 1).seq, 3);
    assert_int_equal(event_log_last(log, NULL), 3);
    event_log_close(log);
}

/* As where all slots of readers are taken: whoever took that for an empty log would wait for ever. */
static void a_log_that_cannot_be_read_is_no_empty_one(void **state)
{
    struct event_log *log;
    assert_ok(event_log_open_with(*state, STORE_READ_WRITE, &(struct store_options){ .readers = 1 }, &log, &fault),
              &fault);
    append_one(log, "a", 1);
    struct txn *txn = txn_begin_read(event_log_store(log));
    assert_int_equal(event_log_last(log, &fault), -EMFILE);
    assert_non_null(strstr(fault.text, "the end of the log"));
    txn_abort(txn);
    assert_int_equal(event_log_last(log, &fault), 1);
    event_log_close(log);
}

static void the_same_id_again_gets_the_first_number(void **state)
{
    struct event_log *log = open_log(state);
    struct event first = { .id = "a" }, second = { .id = "b" }, again = { .id = "a", .title = "changed" };
    struct event_append batch[] = { { .event = &first }, { .event = &second }, { .event = &again } };
    assert_ok(event_log_append(log, batch, 3, &fault), &fault);
    assert_false(batch[0].repeated);
    assert_true(batch[2].repeated);
    assert_int_equal(batch[2].seq, 1);
    struct event_append later = append_one(log, "b", 1);
    assert_true(later.repeated);
    assert_int_equal(later.seq, 2);
    assert_int_equal(event_log_last(log, NULL), 2);
    struct arena arena = { 0 };
    struct event stored;
    assert_ok(event_log_get(log, 1, &arena, &stored, &fault), &fault);
    assert_string_equal(stored.title, "");
    arena_finish(&arena);
    event_log_close(log);
}

static void an_event_is_found_by_its_id(void **state)
{
    struct event_log *log = open_log(state);
    struct arena arena = { 0 };
    struct event event;
    append_one(log, "a", 1);
    append_one(log, "b", 1);
    assert_ok(event_log_find(log, "b", &arena, &event, &fault), &fault);
    assert_int_equal(event.seq, 2);
    assert_int_equal(event_log_find(log, "c", &arena, &event, &fault), 1);
    arena_finish(&arena);
    event_log_close(log);
}

static struct bytes words(const char *text)
{
    return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static int gather_memo(void *context, struct bytes key, struct bytes value)
{
    char *all = context;
    sprintf(all + strlen(all), "%.*s=%.*s;", (int)key.size, (const char *)key.data, (int)value.size,
            (const char *)value.data);
    return 0;
}

static void memos_are_put_with_the_events_they_go_with(void **state)
{
    struct event_log *log = open_log(state);
    struct event first = { .id = "a" };
    const struct event_memo kept[] = { { "mqtt/a", words("1") }, { "mqtt/b", words("2") }, { "nqtt/c", words("3") } };
    const struct event_memo changed[] = { { "mqtt/a", words("") }, { "mqtt/b", words("4") } };
    struct event_append batch[] = { { .event = &first, .memos = kept, .memo_count = 3 } };
    struct event_append again[] = {
        { .event = &first, .memos = changed, .memo_count = 1 }, /* repeated: put all the same */
        { .memos = changed + 1, .memo_count = 1 }
    }; /* no event at all */
    struct arena arena = { 0 };
    struct bytes value;
    char all[200] = "";
    assert_ok(event_log_append(log, batch, 1, &fault), &fault);
    assert_ok(event_log_memo(log, "mqtt/a", &arena, &value, &fault), &fault);
    assert_memory_equal(value.data, "1", value.size);
    assert_ok(event_log_append(log, again, 2, &fault), &fault);
    assert_int_equal(event_log_last(log, NULL), 1);
    assert_int_equal(event_log_memo(log, "mqtt/a", &arena, &value, &fault), 1);
    event_log_close(log);
    log = open_log(state);
    assert_ok(event_log_memos(log, "mqtt/", gather_memo, all, &fault), &fault);
    assert_string_equal(all, "mqtt/b=4;");
    arena_finish(&arena);
    event_log_close(log);
}

static int check_time(void *context, const struct event *event, struct bytes bytes)
{
    int64_t *last = context;
    assert_true(bytes.size > 0);
    assert_true(event->received_at_ms >= *last);
    *last = event->received_at_ms;
    return 0;
}

static void the_received_time_never_goes_back(void **state)
{
    static const int64_t times[] = { 5000, 7000, 6999, 0, 7000, 8000, 1 };
    struct event_log *log = open_log(state);
    struct arena arena = { 0 };
    struct event event;
    for (size_t i = 0; i < 7; i++) {
        char id[16];
        snprintf(id, sizeof id, "e%zu", i);
        append_one(log, id, times[i]);
        if (i == 3) { /* also over a restart */
            event_log_close(log);
            log = open_log(state);
        }
    }
    int64_t last = 0;
    assert_ok(event_log_read(log, 1, 100, &arena, check_time, &last, &fault), &fault);
    assert_int_equal(last, 8000);
    assert_ok(event_log_get(log, 3, &arena, &event, &fault), &fault);
    assert_int_equal(event.received_at_ms, 7000);
    arena_finish(&arena);
    event_log_close(log);
}

static void a_contact_is_kept_beside_its_event(void **state)
{
    struct event_log *log = open_log(state);
    struct arena arena = { 0 };
    struct contact contact = { .name = "王芳", .phone = "13800000000" }, found;
    struct event with = { .id = "a" }, without = { .id = "b" };
    struct event_append batch[] = { { .event = &with, .contact = &contact }, { .event = &without } };
    assert_ok(event_log_append(log, batch, 2, &fault), &fault);
    assert_ok(event_log_contact(log, 1, &arena, &found, &fault), &fault);
    assert_string_equal(found.name, "王芳");
    assert_int_equal(event_log_contact(log, 2, &arena, &found, &fault), 1);
    struct event event;
    assert_int_equal(event_log_get(log, 3, &arena, &event, &fault), 1);
    arena_finish(&arena);
    event_log_close(log);
}

struct reading {
    uint64_t seen[8];
    size_t count, stop_after;
};

static int note_seq(void *context, const struct event *event, struct bytes bytes)
{
    struct reading *reading = context;
    (void)bytes;
    reading->seen[reading->count++] = (uint64_t)event->seq;
    return reading->count == reading->stop_after ? 42 : 0;
}

static void reading_starts_anywhere_and_stops_when_told(void **state)
{
    struct event_log *log = open_log(state);
    struct arena arena = { 0 };
    for (int i = 0; i < 5; i++)
        append_one(log, (const char[]){ (char)('a' + i), 0 }, 1);
    struct reading reading = { .stop_after = 8 };
    assert_ok(event_log_read(log, 2, 2, &arena, note_seq, &reading, &fault), &fault);
    assert_int_equal(reading.count, 2);
    assert_int_equal(reading.seen[0], 2);
    assert_int_equal(reading.seen[1], 3);
    reading = (struct reading){ .stop_after = 1 };
    assert_int_equal(event_log_read(log, 1, 100, &arena, note_seq, &reading, &fault), 42);
    reading = (struct reading){ .stop_after = 8 };
    assert_ok(event_log_read(log, 6, 100, &arena, note_seq, &reading, &fault), &fault);
    assert_int_equal(reading.count, 0);
    arena_finish(&arena);
    event_log_close(log);
}

static void an_event_that_could_not_be_read_again_is_refused(void **state)
{
    struct event_log *log = open_log(state);
    static char long_text[EVENT_TEXT_BYTES + 2];
    memset(long_text, 'x', sizeof long_text - 1);
    static struct attribute attributes[4097];
    for (size_t i = 0; i < 4097; i++)
        attributes[i] = (struct attribute){ .code = "c", .value = long_text + sizeof long_text - 901 };
    const struct {
        struct event event;
        int error;
        const char *reason;
    } rows[] = {
        { { .id = long_text }, -EINVAL, "event.id: more than 64 bytes" },
        { { .id = "x", .text = long_text }, -EINVAL, "event 'x': event.text: more than 16000 bytes" },
        { { .id = "x", .title = "\xff" }, -EINVAL, "event.title: expected UTF-8" },
        { { .id = "x", .place.lat = 1e308 * 10 }, -EINVAL, "place.lat: expected a finite number" },
        { { .id = "x", .kind = (enum event_kind)99 }, -EINVAL, "event.kind: expected event_kind" },
        { { .id = "x", .attributes = { attributes, 4097 } }, -EINVAL, "event.attributes: 4097 items" },
        { { .id = "x", .attributes = { attributes, 4096 } }, -EMSGSIZE, "bytes, at most 1048576" },
    };
    struct event good = { .id = "good" };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event bad = rows[i].event;
        struct event_append batch[] = { { .event = &good }, { .event = &bad } };
        assert_int_equal(event_log_append(log, batch, 2, &fault), rows[i].error);
        if (!strstr(fault.text, rows[i].reason))
            fail_msg("row %zu: expected '%s' in '%s'", i, rows[i].reason, fault.text);
    }
    assert_int_equal(event_log_last(log, NULL), 0); /* nor the good one: all or none */
    struct event largest = { .id = "largest", .attributes = { attributes, 900 } };
    assert_ok(event_log_append(log, &(struct event_append){ .event = &largest }, 1, &fault), &fault);
    struct arena arena = { 0 };
    assert_ok(event_log_get(log, 1, &arena, &good, &fault), &fault);
    assert_int_equal(good.attributes.count, 900);
    arena_finish(&arena);
    event_log_close(log);
}

/* ---- several processes ---- */

/* What a helper said was answered. */
struct answered {
    char id[32];
    uint64_t seq;
};

static size_t read_answers(struct helper *helper, struct answered *answers, size_t max)
{
    char line[1024];
    size_t count = 0;
    while (count < max && helper_line(helper, line, sizeof line)) {
        char *space;
        answers[count].seq = strtoull(line, &space, 10);
        assert_true(*space == ' ');
        snprintf(answers[count++].id, sizeof answers->id, "%.31s", space + 1);
    }
    return count;
}

static void assert_answers_are_in_the_log(struct event_log *log, const struct answered *answers, size_t count)
{
    struct arena arena = { 0 };
    for (size_t i = 0; i < count; i++) {
        struct event event;
        assert_ok(event_log_get(log, answers[i].seq, &arena, &event, &fault), &fault);
        assert_string_equal(event.id, answers[i].id);
        arena_reset(&arena);
    }
    arena_finish(&arena);
}

struct ids {
    char (*seen)[32];
    size_t count;
};

static int collect_id(void *context, const struct event *event, struct bytes bytes)
{
    struct ids *ids = context;
    (void)bytes;
    assert_int_equal(event->seq, ids->count + 1); /* without a gap */
    snprintf(ids->seen[ids->count++], sizeof *ids->seen, "%.31s", event->id);
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void assert_every_id_is_there_once(struct event_log *log)
{
    struct arena arena = { 0 };
    uint64_t last = (uint64_t)event_log_last(log, NULL);
    struct ids ids = { .seen = calloc(last, sizeof *ids.seen) };
    assert_ok(event_log_read(log, 1, last, &arena, collect_id, &ids, &fault), &fault);
    assert_int_equal(ids.count, last);
    qsort(ids.seen, ids.count, sizeof *ids.seen, compare_ids);
    for (size_t i = 1; i < ids.count; i++)
        assert_string_not_equal(ids.seen[i - 1], ids.seen[i]);
    free(ids.seen);
    arena_finish(&arena);
}

static void two_processes_append_to_one_log(void **state)
{
    enum { EACH = 600 };
    static struct answered answers[3][EACH];
    static const char *const prefixes[] = { "left", "right", "left" }; /* the third repeats the first's ids */
    struct helper helpers[3] = { 0 };
    for (int i = 0; i < 3; i++)
        helper_start(&helpers[i], (const char *const[]){ "append", *state, prefixes[i], "600", "3", NULL });
    for (int i = 0; i < 3; i++) {
        assert_int_equal(read_answers(&helpers[i], answers[i], EACH), EACH);
        assert_int_equal(helper_wait(&helpers[i]), 0);
    }
    struct event_log *log = open_log(state);
    assert_int_equal(event_log_last(log, NULL), 2 * EACH);
    for (int i = 0; i < 3; i++)
        assert_answers_are_in_the_log(log, answers[i], EACH);
    for (int i = 0; i < EACH; i++)
        assert_int_equal(answers[0][i].seq, answers[2][i].seq);
    assert_every_id_is_there_once(log);
    event_log_close(log);
}

static void what_was_answered_survives_a_kill_in_mid_load(void **state)
{
    enum { ROUNDS = 5, MOST = 100000 };
    struct answered *answers = calloc(MOST, sizeof *answers);
    for (int round = 0; round < ROUNDS; round++) {
        char prefix[16];
        struct helper helper = { 0 };
        snprintf(prefix, sizeof prefix, "round%d", round);
        helper_start(&helper, (const char *const[]){ "append", *state, prefix, "100000", "8", NULL });
        size_t count = read_answers(&helper, answers, 40 + 37 * (size_t)round); /* each time at another moment */
        helper_kill(&helper);
        count += read_answers(&helper, answers + count, MOST - count);
        assert_int_equal(helper_wait(&helper), -9);
        struct event_log *log = open_log(state);
        assert_answers_are_in_the_log(log, answers, count);
        assert_every_id_is_there_once(log);
        append_one(log, prefix, 1); /* the killed writer's lock does not stay */
        event_log_close(log);
    }
    free(answers);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, make_test_folder, remove_test_folder)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        in_a_folder(events_are_numbered_from_one_without_a_gap),
        in_a_folder(a_log_that_cannot_be_read_is_no_empty_one),
        in_a_folder(the_same_id_again_gets_the_first_number),
        in_a_folder(an_event_is_found_by_its_id),
        in_a_folder(memos_are_put_with_the_events_they_go_with),
        in_a_folder(the_received_time_never_goes_back),
        in_a_folder(a_contact_is_kept_beside_its_event),
        in_a_folder(reading_starts_anywhere_and_stops_when_told),
        in_a_folder(an_event_that_could_not_be_read_again_is_refused),
        in_a_folder(two_processes_append_to_one_log),
        in_a_folder(what_was_answered_survives_a_kill_in_mid_load),
    };
    helper_program = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
