/* Packets of UDP in their order: whatever overtakes whatever, each is told once, in turn, and what is lost holds up the others a short while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/reorder.h"

enum { TOLD_MAX = 4096, FIRST = 65530 };

struct stage {
    struct reorder reorder;
    int64_t now_ms;
    uint16_t told[TOLD_MAX];
    size_t count;
    size_t end_after; /* 0: takes all */
};

static bool take(void *context, const struct rtp_packet *packet)
{
    struct stage *stage = context;
    assert_true(stage->count < TOLD_MAX);
    assert_int_equal(packet->payload.size, 4);
    assert_int_equal(bytes_be32(packet->payload.data), packet->sequence); /* its own bytes */
    stage->told[stage->count++] = packet->sequence;
    return stage->count != stage->end_after;
}

static bool push_of(struct stage *stage, uint16_t sequence, uint32_t ssrc)
{
    uint8_t bytes[16] = { 0x80, 96, (uint8_t)(sequence >> 8), (uint8_t)sequence };
    struct rtp_packet packet;
    bytes_put_be32(bytes + 8, ssrc);
    bytes_put_be32(bytes + 12, sequence);
    assert_true(rtp_read((struct bytes){ bytes, sizeof bytes }, &packet));
    stage->reorder.take = take;
    stage->reorder.context = stage;
    return reorder_push(&stage->reorder, (struct bytes){ bytes, sizeof bytes }, &packet, stage->now_ms);
}

/* The packet so many after the first one; numbers go round. */
static bool push(struct stage *stage, int at)
{
    return push_of(stage, (uint16_t)(FIRST + at), 1);
}

static void check_told(struct stage *stage, const int *wanted, size_t count)
{
    for (size_t i = 0; i < count && i < stage->count; i++)
        assert_int_equal(stage->told[i], (uint16_t)(FIRST + wanted[i]));
    assert_int_equal(stage->count, count);
}

#define TOLD(...) check_told(&stage, (const int[]){ __VA_ARGS__ }, sizeof(const int[]){ __VA_ARGS__ } / sizeof(int))
#define PUSH(...) \
    for (const int all[] = { __VA_ARGS__ }, *at = all; at < all + sizeof all / sizeof *all; at++) \
    push(&stage, *at)

static void what_overtook_waits_for_its_turn(void **state)
{
    struct stage stage = { .now_ms = 0 };
    (void)state;
    PUSH(0, 1, 3, 4, 2, 5, 8, 7, 6, 9);
    TOLD(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assert_int_equal(stage.reorder.reordered, 4);
    assert_int_equal(stage.reorder.held, 0);
    reorder_finish(&stage.reorder);
}

static void a_lost_packet_holds_up_a_window(void **state)
{
    struct stage stage = { .now_ms = 0 };
    (void)state;
    PUSH(0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    TOLD(0);
    PUSH(17);
    TOLD(0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17);
    PUSH(1, 18); /* too late: whoever takes it knows */
    TOLD(0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 1, 18);
    reorder_finish(&stage.reorder);
}

static void it_holds_up_no_longer_than_a_while(void **state)
{
    struct stage stage = { .now_ms = 1000 };
    (void)state;
    PUSH(0, 2);
    stage.now_ms += REORDER_PATIENCE_MS - 1;
    PUSH(3);
    TOLD(0);
    stage.now_ms++;
    PUSH(5);
    TOLD(0, 2, 3);
    PUSH(4); /* which had its own while */
    TOLD(0, 2, 3, 4, 5);
    reorder_finish(&stage.reorder);
}

static void a_packet_that_came_twice_is_told_once(void **state)
{
    struct stage stage = { .now_ms = 0 };
    (void)state;
    PUSH(0, 2, 2, 1);
    TOLD(0, 1, 2);
    reorder_finish(&stage.reorder);
}

static void another_stream_begins_at_once(void **state)
{
    struct stage stage = { .now_ms = 0 };
    (void)state;
    PUSH(0, 2, 5);
    push_of(&stage, 7, 2); /* and what waited of the first one is told before it */
    assert_int_equal(stage.count, 4);
    assert_int_equal(stage.told[3], 7);
    push_of(&stage, 9, 2);
    push_of(&stage, 8, 2);
    assert_int_equal(stage.count, 6);
    push_of(&stage, 30000, 2); /* it counts anew */
    assert_int_equal(stage.told[6], 30000);
    reorder_finish(&stage.reorder);
}

static void who_takes_them_may_end(void **state)
{
    struct stage stage = { .end_after = 3 };
    (void)state;
    PUSH(0, 2, 3, 4);
    assert_false(push(&stage, 1));
    TOLD(0, 1, 2);
    reorder_finish(&stage.reorder); /* frees what still waits */
}

/* Any order within the window, with repeats: all, once, in turn. */
static void any_order_within_the_window_is_put_right(void **state)
{
    enum { PACKETS = 2000, REACH = REORDER_WINDOW / 2 };
    struct stage stage = { .now_ms = 0 };
    int order[PACKETS];
    (void)state;
    srand(1);
    for (int i = 0; i < PACKETS; i++)
        order[i] = i;
    for (int block = 1; block + REACH <= PACKETS; block += REACH)
        for (int i = REACH - 1; i > 0; i--) {
            int j = rand() % (i + 1), other = order[block + i];
            order[block + i] = order[block + j];
            order[block + j] = other;
        }
    for (int i = 0; i < PACKETS; i++)
        assert_true(push(&stage, order[i]));
    assert_int_equal(stage.count, PACKETS);
    for (int i = 0; i < PACKETS; i++)
        assert_int_equal(stage.told[i], (uint16_t)(FIRST + i));
    reorder_finish(&stage.reorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_overtook_waits_for_its_turn),
        cmocka_unit_test(a_lost_packet_holds_up_a_window),
        cmocka_unit_test(it_holds_up_no_longer_than_a_while),
        cmocka_unit_test(a_packet_that_came_twice_is_told_once),
        cmocka_unit_test(another_stream_begins_at_once),
        cmocka_unit_test(who_takes_them_may_end),
        cmocka_unit_test(any_order_within_the_window_is_put_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
