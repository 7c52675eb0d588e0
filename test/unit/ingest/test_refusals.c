/* Who refused our password is left alone for a while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(who_refused_us_is_left_alone_for_five_minutes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
