#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/record/camera.h"
#include "proto/record/frame.h"

static struct frame frame_of(uint64_t seq, bool key, const char *unit)
{
    return (struct frame){ .key = key,
                           .codec = FRAME_H264,
                           .width = 640,
                           .height = 360,
                           .run = 7,
                           .seq = seq,
                           .capture_ms = INT64_C(1767573000000) + (int64_t)seq,
                           .unit = { (const uint8_t *)unit, strlen(unit) } };
}

static void frames_of_one_message_come_back_as_they_were(void **state)
{
    (void)state;
    struct buffer message = { 0 };
    struct frame first = frame_of(1, true, "key"), second = frame_of(2, false, "delta");
    second.cached = true;
    frame_put(&message, &first);
    frame_put(&message, &second);
    struct bytes rest = buffer_view(&message);
    struct frame back;
    struct fault fault = { "" };
    assert_int_equal(frame_take(&rest, &back, &fault), 0);
    assert_true(back.key);
    assert_false(back.cached);
    assert_int_equal(back.width, 640);
    assert_int_equal(back.height, 360);
    assert_int_equal(back.run, 7);
    assert_int_equal(back.capture_ms, first.capture_ms);
    assert_int_equal(back.unit.size, 3);
    assert_memory_equal(back.unit.data, "key", 3);
    assert_int_equal(frame_take(&rest, &back, &fault), 0);
    assert_false(back.key);
    assert_true(back.cached);
    assert_int_equal(back.seq, 2);
    assert_memory_equal(back.unit.data, "delta", 5);
    assert_int_equal(frame_take(&rest, &back, &fault), 1);
    buffer_finish(&message);
}

static void what_is_no_frame_is_refused_with_a_reason(void **state)
{
    (void)state;
    struct buffer good = { 0 };
    struct frame frame = frame_of(1, true, "unit");
    frame_put(&good, &frame);
    static const struct {
        size_t at;
        uint8_t value;
        size_t size; /* of what is read; 0 = all */
        const char *reason;
    } rows[] = {
        { 0, 'X', 0, "DTF1" },
        { 0, 'D', FRAME_HEAD_BYTES - 1, "head of 35 bytes" },
        { 0, 'D', FRAME_HEAD_BYTES + 3, "of 4 bytes where 3 are left" },
        { 32, 0xff, 0, "bytes where 4" },
        { 7, 9, 0, "codec 9" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[FRAME_HEAD_BYTES + 4];
        memcpy(bytes, good.bytes, sizeof bytes);
        bytes[rows[i].at] = rows[i].value;
        struct bytes rest = { bytes, rows[i].size ? rows[i].size : sizeof bytes };
        struct frame back;
        struct fault fault = { "" };
        assert_int_equal(frame_take(&rest, &back, &fault), -EINVAL);
        if (!strstr(fault.text, rows[i].reason))
            fail_msg("row %zu: expected '%s' in '%s'", i, rows[i].reason, fault.text);
    }
    buffer_finish(&good);
}

static size_t frames_in(struct bytes message, struct frame *last)
{
    size_t count = 0;
    while (frame_take(&message, last, NULL) == 0)
        count++;
    return count;
}

static void the_cache_holds_the_group_since_the_last_key_frame(void **state)
{
    (void)state;
    struct frame_cache cache = { .limit = 4096 };
    struct frame early = frame_of(1, false, "d");
    frame_cache_add(&cache, &early);
    assert_int_equal(cache.packed.size, 0); /* nothing can be decoded yet */
    for (uint64_t seq = 2; seq <= 9; seq++) {
        struct frame frame = frame_of(seq, seq % 5 == 0 || seq == 2, "unit");
        frame_cache_add(&cache, &frame);
    }
    struct frame last;
    assert_int_equal(frames_in(buffer_view(&cache.packed), &last), 5); /* 5 to 9 */
    assert_int_equal(last.seq, 9);
    assert_true(last.cached);
    frame_cache_finish(&cache);
}

static void a_group_that_grows_too_big_is_given_up_until_the_next_key_frame(void **state)
{
    (void)state;
    struct frame_cache cache = { .limit = 2 * (FRAME_HEAD_BYTES + 4) };
    for (uint64_t seq = 1; seq <= 4; seq++) {
        struct frame frame = frame_of(seq, seq == 1, "unit");
        frame_cache_add(&cache, &frame);
    }
    assert_int_equal(cache.packed.size, 0);
    struct frame key = frame_of(5, true, "unit"), last;
    frame_cache_add(&cache, &key);
    assert_int_equal(frames_in(buffer_view(&cache.packed), &last), 1);
    frame_cache_finish(&cache);
}

/* One letter a frame: k/d key or delta, K/D the same from the cache; a digit is its number in the run. */
static void a_reader_takes_only_what_it_can_decode(void **state)
{
    (void)state;
    static const struct {
        const char *story, *heard, *taken;
    } rows[] = {
        { "from the start", "k1 d2 d3 k4 d5", "yyyyy" },
        { "joins in the middle, waits for the key frame", "d3 d4 k5 d6", "nnyy" },
        { "a gap: waits for the key frame", "k1 d2 d4 d5 k6 d7", "yynnyy" },
        { "the cache is sent for somebody else", "k1 d2 d3 K1 D2 D3 d4", "yyynnny" },
        { "joins in the middle, then the cache comes", "d3 d4 K1 D2 D3 D4 d5", "nnyyyyy" },
        { "a repeat of the old group does not end a wait", "k1 d2 d4 D2 k5", "yynny" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct frame_order order = { 0 };
        size_t n = 0;
        for (const char *at = rows[i].heard; *at; at += at[2] ? 3 : 2, n++) {
            struct frame frame = frame_of((uint64_t)(at[1] - '0'), at[0] == 'k' || at[0] == 'K', "u");
            frame.cached = at[0] == 'K' || at[0] == 'D';
            if (frame_order_takes(&order, &frame) != (rows[i].taken[n] == 'y'))
                fail_msg("%s: frame %zu (%.2s) expected %c", rows[i].story, n, at, rows[i].taken[n]);
        }
    }
}

static void a_new_run_starts_at_its_key_frame(void **state)
{
    (void)state;
    struct frame_order order = { 0 };
    struct frame frame = frame_of(900, true, "u");
    assert_true(frame_order_takes(&order, &frame));
    frame = frame_of(1, false, "u");
    frame.run = 8;
    assert_false(frame_order_takes(&order, &frame));
    frame.seq = 2;
    frame.key = true;
    assert_true(frame_order_takes(&order, &frame));
}

static void a_lease_travels_as_a_record(void **state)
{
    (void)state;
    struct camera_lease lease = { .verb = CAMERA_VERB_LEASE, .camera = "cam-01", .holder = "wall-1", .shown = true };
    struct buffer bytes = { 0 };
    record_encode(&camera_lease_desc, &lease, &bytes);
    struct arena arena = { 0 };
    struct camera_lease back;
    assert_int_equal(record_decode(&camera_lease_desc, buffer_view(&bytes), &arena, &back, NULL), 0);
    assert_int_equal(back.verb, CAMERA_VERB_LEASE);
    assert_string_equal(back.camera, "cam-01");
    assert_string_equal(back.holder, "wall-1");
    assert_int_equal(back.seconds, 0);
    assert_true(back.shown);
    arena_finish(&arena);
    buffer_finish(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_one_message_come_back_as_they_were),
        cmocka_unit_test(what_is_no_frame_is_refused_with_a_reason),
        cmocka_unit_test(the_cache_holds_the_group_since_the_last_key_frame),
        cmocka_unit_test(a_group_that_grows_too_big_is_given_up_until_the_next_key_frame),
        cmocka_unit_test(a_reader_takes_only_what_it_can_decode),
        cmocka_unit_test(a_new_run_starts_at_its_key_frame),
        cmocka_unit_test(a_lease_travels_as_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
