#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/record/case.h"
#include "proto/record/codec.h"
#include "proto/record/command.h"
#include "proto/record/notice.h"

static void round_trip_keeps_every_field(void **state)
{
    (void)state;
    struct media photos[] = { { .hash = "ab12", .type = "image/jpeg" } };
    struct event event = {
        .seq = 7,
        .kind = EVENT_REPORT,
        .source = SOURCE_RESIDENT,
        .title = "井盖丢失",
        .place = { .lat = 39.94, .lon = 116.39, .area = "110101001001001", .marks = 1 << MARK_OUTSIDE },
        .media = { photos, 1 },
        .received_at_ms = INT64_C(1767573000000),
        .solved = true,
    };
    struct buffer bytes = { 0 };
    record_encode(&event_desc, &event, &bytes);
    struct arena arena = { 0 };
    struct event back;
    struct fault fault = { "" };
    assert_int_equal(record_decode(&event_desc, buffer_view(&bytes), &arena, &back, &fault), 0);
    assert_int_equal(back.seq, 7);
    assert_int_equal(back.kind, EVENT_REPORT);
    assert_string_equal(back.title, "井盖丢失");
    assert_string_equal(back.text, "");
    assert_true(back.place.lon == 116.39);
    assert_true(place_has_mark(&back.place, MARK_OUTSIDE));
    assert_int_equal(back.media.count, 1);
    assert_string_equal(back.media.items[0].type, "image/jpeg");
    assert_string_equal(back.media.items[0].url, "");
    assert_true(back.solved);
    struct buffer again = { 0 };
    record_encode(&event_desc, &back, &again);
    assert_int_equal(again.size, bytes.size);
    assert_memory_equal(again.bytes, bytes.bytes, bytes.size);
    buffer_finish(&bytes);
    buffer_finish(&again);
    arena_finish(&arena);
}

static void unknown_fields_survive_a_round_trip(void **state)
{
    (void)state;
    /* a media record of a newer version: {0: 2, 1: "ff", 99: {5: [1, 2]}, 2: "image/png"} */
    static const uint8_t newer[] = { 0x84, 0, 2,    1,   0xa2, 'f', 'f', 99,  0x81, 5,   0x92, 1,
                                     2,    2, 0xa9, 'i', 'm',  'a', 'g', 'e', '/',  'p', 'n',  'g' };
    struct arena arena = { 0 };
    struct media media;
    struct fault fault = { "" };
    assert_int_equal(record_decode(&media_desc, (struct bytes){ newer, sizeof newer }, &arena, &media, &fault), 0);
    assert_int_equal(media.extra.pairs, 1);
    struct buffer bytes = { 0 };
    record_encode(&media_desc, &media, &bytes);
    static const uint8_t unknown_pair[] = { 99, 0x81, 5, 0x92, 1, 2 };
    assert_true(memmem(bytes.bytes, bytes.size, unknown_pair, sizeof unknown_pair) != NULL);
    assert_int_equal(record_decode(&media_desc, buffer_view(&bytes), &arena, &media, &fault), 0);
    assert_string_equal(media.type, "image/png");
    buffer_finish(&bytes);
    arena_finish(&arena);
}

static void hostile_bytes_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *reason;
    } rows[] = {
        { "", 0, "cut short" },
        { "\xdd\xff\xff\xff\xff", 5, "more elements than bytes" },
        { "\xdf\x7f\xff\xff\xff", 5, "more elements than bytes" },
        { "\xdc\xff\xff", 3, "more elements than bytes" },
        { "\x82\x00\x01\x63\x91\x91\x91\x91\x91\x91\x91\x91\x91\x01", 14, "nested too deep" },
        { "\x81\x00\x01\x00", 4, "after the end" },
        { "\xc7\x01\x01\x01", 4, "extension" },
        { "\x82\x00\x01\x02\xa2\xff\xfe", 7, "UTF-8" },
        { "\x82\x00\x01\x02\xa1\x00", 6, "UTF-8" },
        { "\x82\x00\x01\x02\x05", 5, "media.type: expected text" },
        { "\x83\x00\x01\x02\xa1x\x02\xa1y", 9, "tag 2 twice" },
        { "\x81\x02\xa1x", 4, "no version" },
        { "\x81\xa1x\x01", 4, "not a tag" },
        { "\x01", 1, "expected a map" },
    };
    struct arena arena = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct media media;
        struct fault fault = { "" };
        struct bytes in = { (const uint8_t *)rows[i].bytes, rows[i].size };
        assert_true(record_decode(&media_desc, in, &arena, &media, &fault) < 0);
        if (!strstr(fault.text, rows[i].reason) || strncmp(fault.text, "media", strlen("media")) != 0)
            fail_msg("row %zu: expected '%s' of media in '%s'", i, rows[i].reason, fault.text);
    }
    arena_finish(&arena);
}

static void utf8_is_checked_to_the_letter(void **state)
{
    (void)state;
    assert_true(text_is_utf8("鼓楼 ok \xf0\x9f\x94\x94", 14));
    assert_false(text_is_utf8("\xc0\x80", 2));         /* overlong NUL */
    assert_false(text_is_utf8("\xed\xa0\x80", 3));     /* a surrogate */
    assert_false(text_is_utf8("\xf4\x90\x80\x80", 4)); /* beyond U+10FFFF */
    assert_false(text_is_utf8("\xe9\xbc", 2));         /* cut short */
}

static void every_tag_and_name_stands_once(void **state)
{
    (void)state;
    const struct record_desc *all[] = {
        &event_desc,     &place_desc,  &media_desc,  &attribute_desc, &contact_desc,
        &case_file_desc, &task_desc,   &clock_desc,  &voice_desc,     &step_desc,
        &command_desc,   &answer_desc, &notice_desc, &topic_desc,     &outbox_row_desc
    };
    for (size_t r = 0; r < sizeof all / sizeof *all; r++)
        for (size_t i = 0; i < all[r]->field_count; i++)
            for (size_t j = 0; j < i; j++) {
                assert_int_not_equal(all[r]->fields[i].tag, all[r]->fields[j].tag);
                assert_string_not_equal(all[r]->fields[i].name, all[r]->fields[j].name);
            }
}

static void rows_of_a_state_stand_together(void **state)
{
    (void)state;
    size_t total = 0;
    for (int from = 1; from < (int)case_state_desc.count; from++) {
        size_t count;
        const struct transition *rows = transitions_of((enum case_state)from, &count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(rows[i].from, from);
            assert_ptr_equal(transition_find(rows[i].from, rows[i].verb), &rows[i]); /* one row per state and verb */
        }
        total += count;
    }
    assert_true(total > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_keeps_every_field),
        cmocka_unit_test(unknown_fields_survive_a_round_trip),
        cmocka_unit_test(hostile_bytes_are_refused_with_a_reason),
        cmocka_unit_test(utf8_is_checked_to_the_letter),
        cmocka_unit_test(every_tag_and_name_stands_once),
        cmocka_unit_test(rows_of_a_state_stand_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
