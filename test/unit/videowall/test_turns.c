/* Who turns which camera, with orders that come late, twice and from two people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "videowall/live/turns.h"

static struct turns turns;
static char other[TURNS_NAME_SIZE];
static int64_t now_ms;

static int begin(void **state)
{
    (void)state;
    turns = (struct turns){ 0 };
    now_ms = 1000;
    return 0;
}

static enum turn_word order(const char *login, const char *press, int64_t serial, int pan)
{
    struct turn_order wanted = { .camera = "cam-01", .login = login, .name = login, .press = press, .serial = serial };
    wanted.pan = pan;
    return turns_take(&turns, &wanted, now_ms, other);
}

static void a_hold_begins_goes_on_and_stops(void **state)
{
    (void)state;
    assert_int_equal(order("li", "p1", 1, 50), TURN_BEGIN);
    now_ms += 1000;
    assert_int_equal(order("li", "p1", 2, 50), TURN_OBEY);
    now_ms += 1000;
    assert_int_equal(order("li", "p1", 3, 50), TURN_OBEY);
    assert_int_equal(order("li", "p1", 4, -50), TURN_BEGIN); /* the other way: worth recording */
    assert_int_equal(order("li", "p1", 5, 0), TURN_OBEY);
    assert_string_equal(other, "");
}

static void a_move_that_comes_after_its_stop_says_nothing(void **state)
{
    (void)state;
    assert_int_equal(order("li", "p1", 1, 50), TURN_BEGIN);
    assert_int_equal(order("li", "p1", 3, 0), TURN_OBEY);
    assert_int_equal(order("li", "p1", 2, 50), TURN_STALE);
    now_ms += 60 * 1000;
    assert_int_equal(order("li", "p1", 2, 50), TURN_STALE);
    assert_int_equal(order("li", "p1", 3, 0), TURN_STALE); /* twice */
}

static void a_stop_that_overtakes_its_first_move_holds(void **state)
{
    (void)state;
    assert_int_equal(order("li", "p1", 2, 0), TURN_OBEY);
    assert_int_equal(order("li", "p1", 1, 50), TURN_STALE);
    assert_int_equal(order("li", "p2", 1, 50), TURN_BEGIN); /* pressed again */
}

static void who_presses_later_has_the_camera(void **state)
{
    (void)state;
    assert_int_equal(order("li", "p1", 1, 50), TURN_BEGIN);
    assert_int_equal(order("wang", "p2", 1, -50), TURN_BEGIN);
    assert_string_equal(other, "li");
    assert_int_equal(order("li", "p1", 2, 50), TURN_TAKEN);
    assert_string_equal(other, "wang");
    assert_int_equal(order("li", "p1", 3, 0), TURN_TAKEN); /* nor does it stop what another turns */
    assert_int_equal(order("wang", "p2", 2, -50), TURN_OBEY);
    assert_string_equal(other, "");
    assert_int_equal(order("li", "p3", 1, 50), TURN_BEGIN);
    assert_string_equal(other, "wang");
}

static void nobody_is_named_who_takes_it_from_himself_or_after_the_end(void **state)
{
    (void)state;
    order("li", "p1", 1, 50);
    assert_int_equal(order("li", "p2", 1, 50), TURN_BEGIN);
    assert_string_equal(other, "");
    now_ms += 2000; /* not renewed: it is over */
    assert_int_equal(order("wang", "p3", 1, 50), TURN_BEGIN);
    assert_string_equal(other, "");
    order("wang", "p3", 2, 0);
    assert_int_equal(order("li", "p4", 1, 50), TURN_BEGIN);
    assert_string_equal(other, "");
}

static void what_did_not_obey_is_nobodys(void **state)
{
    (void)state;
    order("li", "p1", 1, 50);
    turns_forget(&turns, "cam-01", "p0");
    assert_int_equal(order("wang", "p2", 2, 50), TURN_TAKEN);
    turns_forget(&turns, "cam-01", "p1");
    assert_int_equal(order("wang", "p2", 1, 50), TURN_BEGIN);
    assert_string_equal(other, "");
}

static void the_oldest_gives_way_where_many_cameras_turn(void **state)
{
    (void)state;
    char camera[65];
    for (int i = 0; i < TURNS_MAX + 10; i++, now_ms++) {
        snprintf(camera, sizeof camera, "cam-%d", i);
        struct turn_order wanted = { camera, "li", "li", "p1", 1, 50, 0, 0 };
        assert_int_equal(turns_take(&turns, &wanted, now_ms, other), TURN_BEGIN);
    }
    struct turn_order last = { camera, "li", "li", "p1", 1, 50, 0, 0 };
    assert_int_equal(turns_take(&turns, &last, now_ms, other), TURN_STALE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_hold_begins_goes_on_and_stops, begin),
        cmocka_unit_test_setup(a_move_that_comes_after_its_stop_says_nothing, begin),
        cmocka_unit_test_setup(a_stop_that_overtakes_its_first_move_holds, begin),
        cmocka_unit_test_setup(who_presses_later_has_the_camera, begin),
        cmocka_unit_test_setup(nobody_is_named_who_takes_it_from_himself_or_after_the_end, begin),
        cmocka_unit_test_setup(what_did_not_obey_is_nobodys, begin),
        cmocka_unit_test_setup(the_oldest_gives_way_where_many_cameras_turn, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
