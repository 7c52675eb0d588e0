#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tools/citysim/camsim/orders.h"
#include "tools/citysim/camsim/packets.h"

static struct sim_order parsed(const char *line)
{
    struct sim_order order;
    struct fault fault = { "" };
    if (order_parse(line, &order, &fault) < 0)
        fail_msg("%s: %s", line, fault.text);
    return order;
}

static void orders_change_how_a_camera_is(void **state)
{
    (void)state;
    struct sim_behaviour behaviour = { .scene = PROGRAMME_PLACE_3 };
    const char *const lines[] = { "a freeze",   "a lose 25",   "a codec h265", "a see blurred", "a clock -90",
                                  "a sets sdp", "a start any", "a change",     "a garbage",     "a fixed",
                                  "a digest",   "a fault",     "a huge",       "a late 20" };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct sim_order order = parsed(lines[i]);
        order_apply(&order, PROGRAMME_PLACE_3, &behaviour);
    }
    assert_true(behaviour.frozen && behaviour.changed && behaviour.garbage && behaviour.sets_in_sdp_only &&
                behaviour.starts_anywhere);
    assert_true(behaviour.fixed && behaviour.http_digest && behaviour.faulty && behaviour.huge);
    assert_int_equal(behaviour.late_ms, 20);
    assert_int_equal(behaviour.lose_per_mille, 25);
    assert_int_equal(behaviour.clock_ahead_s, -90);
    assert_int_equal(behaviour.scene, PROGRAMME_BLURRED);
    struct sim_order well = parsed("a well");
    order_apply(&well, PROGRAMME_PLACE_3, &behaviour);
    struct sim_behaviour healthy = { .scene = PROGRAMME_PLACE_3, .codec = PROGRAMME_H265 };
    assert_memory_equal(&behaviour, &healthy, sizeof healthy);
}

static void wrong_orders_are_refused(void **state)
{
    (void)state;
    const char *const lines[] = { "",       "a",           "a dance",       "a freeze now",
                                  "a lose", "a lose many", "a codec mpeg2", "a lose 1 2" };
    struct sim_order order;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(order_parse(lines[i], &order, NULL), -EINVAL);
}

static int concerned(const char *which, uint64_t seed)
{
    char line[80], id[16];
    snprintf(line, sizeof line, "%s well", which);
    struct sim_order order = parsed(line);
    struct dice dice = { .state = seed };
    int count = 0;
    for (int i = 0; i < 1000; i++) {
        snprintf(id, sizeof id, "cam-%03d", i);
        count += order_concerns(&order, id, &dice);
    }
    return count;
}

static void an_order_is_for_one_some_or_all(void **state)
{
    (void)state;
    assert_int_equal(concerned("cam-007", 1), 1);
    assert_int_equal(concerned("cam-00*", 1), 10);
    assert_int_equal(concerned("*", 1), 1000);
    assert_int_equal(concerned("0%", 1), 0);
    assert_int_equal(concerned("100%", 1), 1000);
    assert_in_range(concerned("25%", 1), 200, 300);
    assert_int_equal(concerned("25%", 5), concerned("25%", 5));
}

/* A unit of 3,000 bytes behind its parameter sets. */
static void units_are_cut_into_packets(void **state)
{
    (void)state;
    static uint8_t unit[3100] = { 0, 0, 0, 1, 9, 0x10, 0, 0, 0, 1, 0x67, 1, 2, 3, 0, 0, 0, 1, 0x68, 4, 0, 0, 1, 0x65 };
    memset(unit + 24, 0xab, sizeof unit - 24);
    struct programme programme = { .codec = PROGRAMME_H264 };
    packets_add(&programme, (struct bytes){ unit, sizeof unit });
    assert_int_equal(programme.packet_count, 4);
    const uint8_t sets[] = { 0x78, 0, 4, 0x67, 1, 2, 3, 0, 2, 0x68, 4 }; /* STAP-A */
    assert_true(programme.packets[0].sets);
    assert_int_equal(programme.packets[0].size, sizeof sets);
    assert_memory_equal(programme.bytes.bytes, sets, sizeof sets);
    assert_string_equal(buffer_string(&programme.sprop), "sprop-parameter-sets=ZwECAw==,aAQ=");
    size_t payload = 0;
    for (size_t i = 1; i < 4; i++) {
        const uint8_t *at = programme.bytes.bytes + programme.packets[i].at;
        assert_int_equal(at[0], 0x7c); /* FU-A */
        assert_int_equal(at[1], 5 | (i == 1 ? 0x80 : 0) | (i == 3 ? 0x40 : 0));
        assert_true(programme.packets[i].size <= PACKETS_PAYLOAD_MAX);
        payload += programme.packets[i].size - 2;
    }
    assert_int_equal(payload, sizeof unit - 24);
    assert_true(programme.packets[3].last && !programme.packets[2].last);
    programme_finish(&programme);
}

static void pictures_are_counted_from_the_epoch(void **state)
{
    (void)state;
    struct programme programme = { .pictures_per_s = 15 };
    for (int64_t unit = INT64_C(25000000000); unit < INT64_C(25000000000) + 100; unit++) {
        int64_t due_us = programme_unit_due_us(&programme, unit);
        assert_int_equal(programme_unit_at(&programme, due_us), unit);
        assert_int_equal(programme_unit_at(&programme, due_us - 1), unit - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_change_how_a_camera_is),       cmocka_unit_test(wrong_orders_are_refused),
        cmocka_unit_test(an_order_is_for_one_some_or_all),     cmocka_unit_test(units_are_cut_into_packets),
        cmocka_unit_test(pictures_are_counted_from_the_epoch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
