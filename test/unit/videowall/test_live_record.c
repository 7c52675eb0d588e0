#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "videowall/live/live.h"

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static void the_bytes_are_those_that_the_page_reads(void **state)
{
    (void)state;
    struct buffer out = { 0 };
    struct live_record record = { .camera = 0x0102,
                                  .kind = LIVE_UNIT,
                                  .flags = LIVE_FLAG_KEY,
                                  .time_ms = INT64_C(0x0102030405),
                                  .payload = bytes_of("abc") };
    live_record_put(&out, &record);
    static const uint8_t expected[] = { 0, 0, 0, 15, 1, 2, 1, 1, 0, 0, 0, 1, 2, 3, 4, 5, 'a', 'b', 'c' };
    assert_int_equal(out.size, sizeof expected);
    assert_memory_equal(out.bytes, expected, sizeof expected);
    buffer_finish(&out);
}

static void records_come_back_whatever_the_pieces(void **state)
{
    (void)state;
    struct buffer stream = { 0 };
    struct live_record first = { .camera = 3, .kind = LIVE_STATUS, .time_ms = 5, .payload = bytes_of("{}") };
    struct live_record second = { .camera = LIVE_NO_CAMERA, .kind = LIVE_PULSE, .time_ms = 6 };
    live_record_put(&stream, &first);
    live_record_put(&stream, &second);
    for (size_t cut = 0; cut <= stream.size; cut++) {
        struct bytes rest = { stream.bytes, cut };
        struct live_record back;
        size_t count = 0;
        while (live_record_take(&rest, &back) == 0)
            count++;
        size_t whole = cut == stream.size ? 2 : cut >= LIVE_HEAD_BYTES + 2 ? 1 : 0;
        assert_int_equal(count, whole);
        if (whole == 1) {
            assert_int_equal(back.camera, 3);
            assert_int_equal(back.kind, LIVE_STATUS);
            assert_memory_equal(back.payload.data, "{}", 2);
        }
    }
    buffer_finish(&stream);
}

static void count_records(void *context, const struct live_record *record)
{
    assert_int_equal(record->kind, LIVE_STATUS);
    ++*(int *)context;
}

static void a_reader_may_get_it_byte_by_byte(void **state)
{
    (void)state;
    struct buffer stream = { 0 }, waiting = { 0 };
    struct live_record record = { .kind = LIVE_STATUS, .payload = bytes_of("{}") };
    for (int i = 0; i < 3; i++)
        live_record_put(&stream, &record);
    int count = 0;
    for (size_t i = 0; i < stream.size; i++)
        assert_int_equal(live_record_feed(&waiting, (struct bytes){ stream.bytes + i, 1 }, count_records, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(waiting.size, 0);
    assert_int_equal(
        live_record_feed(&waiting, (struct bytes){ (const uint8_t *)"\0\0\0\1", 4 }, count_records, &count), -EINVAL);
    buffer_finish(&stream);
    buffer_finish(&waiting);
}

static void a_length_that_cannot_be_is_an_error(void **state)
{
    (void)state;
    static const uint8_t rows[][4] = { { 0, 0, 0, 0 }, { 0, 0, 0, 11 }, { 0xff, 0xff, 0xff, 0xff } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes rest = { rows[i], 4 };
        struct live_record record;
        assert_int_equal(live_record_take(&rest, &record), -EINVAL);
    }
}

static void the_codec_is_read_from_the_sequence_parameter_set(void **state)
{
    (void)state;
    /* access unit delimiter, sequence parameter set (constrained baseline, level 3.0), picture parameter set */
    static const uint8_t key[] = { 0, 0, 0, 1, 9, 0x10, 0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xd9, 0, 0, 0, 1, 0x68 };
    char name[12];
    assert_true(live_codec_name((struct bytes){ key, sizeof key }, name));
    assert_string_equal(name, "avc1.42c01e");
    assert_false(live_codec_name((struct bytes){ key, 10 }, name));
    assert_false(live_codec_name((struct bytes){ key, 13 }, name)); /* cut inside */
    assert_false(live_codec_name((struct bytes){ NULL, 0 }, name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_those_that_the_page_reads),
        cmocka_unit_test(records_come_back_whatever_the_pieces),
        cmocka_unit_test(a_reader_may_get_it_byte_by_byte),
        cmocka_unit_test(a_length_that_cannot_be_is_an_error),
        cmocka_unit_test(the_codec_is_read_from_the_sequence_parameter_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
