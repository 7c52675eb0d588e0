/* Who refused our password is left alone for a while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "ingest/cameras/refusals.h"

#define ADDRESS "rtsp://admin:wrong@192.0.2.7/1"

static void who_refused_us_is_left_alone_for_five_minutes(void **state)
{
    (void)state;
    struct refusals *refusals = refusals_create();
    struct fault fault = { "" };
    assert_int_equal(refusals_check(refusals, ADDRESS, 1000, &fault), 0);
    refusals_keep(refusals, ADDRESS, "it says no", 1000);
    assert_int_equal(refusals_check(refusals, ADDRESS, 1000 + REFUSALS_MS - 1, &fault), -EACCES);
    assert_string_equal(fault.text, "not asked again for 5 minutes: it says no");
    assert_int_equal(refusals_check(refusals, "rtsp://admin:right@192.0.2.7/1", 1000, &fault), 0);
    assert_int_equal(refusals_check(refusals, ADDRESS, 1000 + REFUSALS_MS, &fault), 0);
    refusals_keep(refusals, ADDRESS, "no", 400000);
    refusals_keep(refusals, ADDRESS, "no again", 500000); /* two who asked at once */
    assert_int_equal(refusals_check(refusals, ADDRESS, 500000 + REFUSALS_MS - 1, &fault), -EACCES);
    assert_string_equal(fault.text, "not asked again for 5 minutes: no again");
    refusals_destroy(refusals);
    refusals_destroy(NULL);
}

static const char *channel(unsigned number)
{
    static char address[64];
    snprintf(address, sizeof address, "rtsp://admin:wrong@192.0.2.8:554/channel/%u?sub", number);
    return address;
}

/* A recorder locks its account after a handful of wrong passwords, whichever channels they were for. */
static void an_account_that_is_refused_again_and_again_is_tried_by_one_address(void **state)
{
    (void)state;
    struct refusals *refusals = refusals_create();
    struct fault fault = { "" };
    for (unsigned number = 1; number < REFUSALS_IN_A_ROW; number++)
        refusals_keep(refusals, channel(number), "it says no", 0);
    refusals_keep(refusals, channel(1), "it says no", 0); /* two who asked at once for the same one */
    assert_int_equal(refusals_check(refusals, channel(64), 1000, &fault), 0);
    refusals_keep(refusals, channel(64), "it says no", 1000);
    assert_int_equal(refusals_check(refusals, channel(63), 1001, &fault), -EACCES);
    assert_string_equal(fault.text, "not asked again for 5 minutes: it says no");
    assert_int_equal(refusals_check(refusals, "rtsp://admin:right@192.0.2.8:554/channel/63", 1001, &fault), 0);
    assert_int_equal(refusals_check(refusals, "rtsp://admin:wrong@192.0.2.8:555/channel/63", 1001, &fault), 0);
    int64_t later = 1000 + REFUSALS_MS;
    assert_int_equal(refusals_check(refusals, channel(62), later, &fault), 0); /* it tries for all */
    assert_int_equal(refusals_check(refusals, channel(1), later + 1, &fault), -EACCES);
    refusals_keep(refusals, channel(62), "still no", later + 10);
    assert_int_equal(refusals_check(refusals, channel(1), later + REFUSALS_MS, &fault), -EACCES);
    assert_string_equal(fault.text, "not asked again for 5 minutes: still no");
    later += 10 + REFUSALS_MS;
    assert_int_equal(refusals_check(refusals, channel(1), later, &fault), 0);
    refusals_end(refusals, channel(1)); /* the password is right now */
    assert_int_equal(refusals_check(refusals, channel(64), later, &fault), 0);
    refusals_destroy(refusals);
}

static void channels_that_a_recorder_forbids_cost_the_others_nothing(void **state)
{
    (void)state;
    struct refusals *refusals = refusals_create();
    struct fault fault = { "" };
    for (unsigned number = 1; number < 4 * REFUSALS_IN_A_ROW; number++) {
        refusals_keep(refusals, channel(number), "no right to look", 0);
        if (number % REFUSALS_IN_A_ROW == REFUSALS_IN_A_ROW - 1)
            refusals_end(refusals, channel(64));
    }
    assert_int_equal(refusals_check(refusals, channel(63), 1, &fault), 0);
    refusals_destroy(refusals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_refused_us_is_left_alone_for_five_minutes),
        cmocka_unit_test(an_account_that_is_refused_again_and_again_is_tried_by_one_address),
        cmocka_unit_test(channels_that_a_recorder_forbids_cost_the_others_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
