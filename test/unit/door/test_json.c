#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/door/json.h"
#include "proto/door/session.h"
#include "proto/record/case.h"
#include "proto/record/command.h"
#include "proto/record/notice.h"
#include "test/unit/record/filled_record.h"

static const struct record_desc *const kinds[] = {
    &event_desc,  &contact_desc, &place_desc, &media_desc,      &attribute_desc, &case_file_desc,
    &task_desc,   &clock_desc,   &voice_desc, &step_desc,       &command_desc,   &answer_desc,
    &notice_desc, &account_desc, &topic_desc, &outbox_row_desc,
};

static void every_kind_of_record_survives_a_round_trip(void **state)
{
    (void)state;
    int seed = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct arena arena = { 0 };
        struct buffer before = { 0 }, after = { 0 };
        struct fault fault = { "" };
        void *record = arena_alloc(&arena, kinds[i]->size), *back = arena_alloc(&arena, kinds[i]->size);
        filled_record(kinds[i], record, &arena, &seed);
        json_t *json = record_to_json(kinds[i], record);
        char *text = json_dumps(json, JSON_COMPACT);
        json_decref(json);
        json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        if (record_from_json(kinds[i], json, &arena, back, &fault))
            fail_msg("%s: %s", kinds[i]->name, fault.text);
        record_encode(kinds[i], record, &before);
        record_encode(kinds[i], back, &after);
        assert_int_equal(before.size, after.size);
        assert_memory_equal(before.bytes, after.bytes, before.size);
        json_decref(json);
        free(text);
        buffer_finish(&before);
        buffer_finish(&after);
        arena_finish(&arena);
    }
}

static void an_empty_record_shows_every_field(void **state)
{
    (void)state;
    struct event event = { 0 };
    json_t *json = record_to_json(&event_desc, &event);
    assert_int_equal(json_object_size(json), event_desc.field_count);
    assert_string_equal(json_string_value(json_object_get(json, "title")), "");
    assert_string_equal(json_string_value(json_object_get(json, "kind")), "none");
    assert_int_equal(json_array_size(json_object_get(json, "media")), 0);
    assert_true(json_is_false(json_object_get(json, "solved")));
    struct arena arena = { 0 };
    struct event back;
    assert_int_equal(record_from_json(&event_desc, json, &arena, &back, NULL), 0);
    assert_string_equal(back.place.area, "");
    json_decref(json);
    arena_finish(&arena);
}

static void what_does_not_fit_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } rows[] = {
        { "[]", "event: expected an object" },
        { "{\"nonsense\":1}", "no field is called 'nonsense'" },
        { "{\"seq\":\"1\"}", "event.seq: expected a whole number" },
        { "{\"seq\":1.5}", "event.seq: expected a whole number" },
        { "{\"title\":null}", "event.title: expected text" },
        { "{\"kind\":\"riot\"}", "event.kind: 'riot' is no event_kind" },
        { "{\"kind\":1}", "is no event_kind" },
        { "{\"solved\":1}", "event.solved: expected true or false" },
        { "{\"place\":[]}", "place: expected an object" },
        { "{\"place\":{\"lat\":\"north\"}}", "place.lat: expected a number" },
        { "{\"media\":{}}", "event.media: expected a list" },
        { "{\"media\":[1]}", "media: expected an object" },
        { "{\"language\":\"01234567890123456\"}", "event.language: 17 bytes, at most 16" },
    };
    struct arena arena = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fault fault = { "" };
        struct event event;
        json_t *json = json_loads(rows[i].text, 0, NULL);
        assert_non_null(json);
        assert_int_equal(record_from_json(&event_desc, json, &arena, &event, &fault), -EINVAL);
        if (!strstr(fault.text, rows[i].reason))
            fail_msg("row %zu: expected '%s' in '%s'", i, rows[i].reason, fault.text);
        json_decref(json);
    }
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_record_survives_a_round_trip),
        cmocka_unit_test(an_empty_record_shows_every_field),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
