#include "proto/store/tally.h"

#include <stdio.h>

#include "support.h"

enum { NAMES = 5000 };

static const char *name_of(int i)
{
    static char name[32];
    snprintf(name, sizeof name, "reported/dept/%d", i);
    return name;
}

static void names_are_summed_apart_however_many_there_are(void **state)
{
    (void)state;
    struct tally tally = { 0 };
    assert_int_equal(tally_sum(&tally, "never"), 0);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < NAMES; i++)
            tally_add(&tally, name_of(i), round - i);
    assert_int_equal(tally.count, NAMES);
    for (int i = 0; i < NAMES; i++) {
        assert_int_equal(tally_sum(&tally, name_of(i)), 3 - 3 * i);
        assert_string_equal(tally.entries[i].name, name_of(i));
    }
    assert_int_equal(tally_sum(&tally, "reported/dept/"), 0);
    tally_finish(&tally);
}

static void a_cleared_one_begins_anew(void **state)
{
    (void)state;
    struct tally tally = { 0 };
    for (int round = 0; round < 3; round++) {
        assert_int_equal(tally.count, 0);
        for (int i = 0; i < 200; i++)
            tally_add(&tally, name_of(i), 1);
        assert_int_equal(tally_sum(&tally, name_of(7)), 1);
        tally_clear(&tally);
        assert_int_equal(tally_sum(&tally, name_of(7)), 0);
    }
    tally_finish(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_summed_apart_however_many_there_are),
        cmocka_unit_test(a_cleared_one_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
