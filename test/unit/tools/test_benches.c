/* What the benches say of their measurements: percentiles, ratios, bars, JSON; and the net of a commit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/benches/recording.h"
#include "tools/benches/samples.h"
#include "tools/benches/verdict.h"

/* ---- percentiles ---- */

static void a_percentile_is_a_value_that_was_measured(void **state)
{
    (void)state;
    struct samples samples = { 0 };
    for (int64_t i = 100; i >= 1; i--)
        samples_add(&samples, i * 10);
    assert_int_equal(samples_percentile(&samples, 50), 500);
    assert_int_equal(samples_percentile(&samples, 99), 990);
    assert_int_equal(samples_percentile(&samples, 100), 1000);
    assert_int_equal(samples_percentile(&samples, 0), 10);
    samples_finish(&samples);
}

static void of_one_sample_every_percentile_is_that_one(void **state)
{
    (void)state;
    struct samples samples = { 0 };
    samples_add(&samples, 7);
    assert_int_equal(samples_percentile(&samples, 1), 7);
    assert_int_equal(samples_percentile(&samples, 99), 7);
    samples_finish(&samples);
    assert_int_equal(samples_percentile(&samples, 50), 0);
}

/* ---- ratios and bars ---- */

static struct verdict measured(void)
{
    struct verdict verdict = { .bench = "engine" };
    verdict_figure(&verdict, VERDICT_OURS, "ours", 600, "reports/s");
    verdict_figure(&verdict, VERDICT_PEER, "slow", 100, "reports/s");
    verdict_figure(&verdict, VERDICT_PEER, "fast", 150, "reports/s");
    return verdict;
}

static void a_ratio_is_one_figure_by_another(void **state)
{
    (void)state;
    struct verdict verdict = measured();
    verdict_ratio(&verdict, "ours_to_fast", "ours", "fast", "");
    assert_true(verdict_value(&verdict, "ours_to_fast") == 4);
}

static void without_the_peer_there_is_no_ratio(void **state)
{
    (void)state;
    struct verdict verdict = measured();
    verdict_figure(&verdict, VERDICT_PEER, "stopped", 0, "");
    verdict_ratio(&verdict, "to_absent", "ours", "absent", "");
    verdict_ratio(&verdict, "to_stopped", "ours", "stopped", "");
    assert_true(isnan(verdict_value(&verdict, "to_absent")));
    assert_true(isnan(verdict_value(&verdict, "to_stopped")));
}

static void the_strongest_peer_is_the_one_that_counts(void **state)
{
    (void)state;
    static const char *const peers[] = { "absent", "fast", "slow" };
    struct verdict verdict = measured();
    verdict_best(&verdict, VERDICT_PEER, "peer", peers, 3, "");
    assert_true(verdict_value(&verdict, "peer") == 150);
    verdict_best(&verdict, VERDICT_PEER, "nobody", peers, 1, "");
    assert_true(isnan(verdict_value(&verdict, "nobody")));
}

static void a_bar_is_met_from_its_own_value_on(void **state)
{
    (void)state;
    struct verdict verdict = measured();
    verdict_bar(&verdict, "ours", VERDICT_AT_LEAST, 600);
    verdict_bar(&verdict, "slow", VERDICT_AT_MOST, 100);
    assert_true(verdict_met(&verdict));
    verdict_bar(&verdict, "ours", VERDICT_AT_LEAST, 600.5);
    assert_false(verdict_bar_met(&verdict, &verdict.bars[2]));
    assert_false(verdict_met(&verdict));
}

static void what_was_not_measured_meets_no_bar(void **state)
{
    (void)state;
    struct verdict verdict = measured();
    assert_false(verdict_met(&verdict)); /* no bar at all */
    verdict_bar(&verdict, "absent", VERDICT_AT_LEAST, 0);
    verdict_bar(&verdict, "absent", VERDICT_AT_MOST, 1e9);
    assert_false(verdict_bar_met(&verdict, &verdict.bars[0]));
    assert_false(verdict_bar_met(&verdict, &verdict.bars[1]));
}

static void the_json_holds_figures_ratios_and_bars_in_one_line(void **state)
{
    (void)state;
    struct buffer line = { 0 };
    struct verdict verdict = { .bench = "engine" };
    verdict_figure(&verdict, VERDICT_OURS, "engine", 2500.5, "");
    verdict_figure(&verdict, VERDICT_LIMIT, "lmdb", 5001, "");
    verdict_figure(&verdict, VERDICT_WORK, "odd", (double)NAN, "");
    verdict_ratio(&verdict, "engine_to_lmdb", "engine", "lmdb", "");
    verdict_bar(&verdict, "engine_to_lmdb", VERDICT_AT_LEAST, 0.5);
    verdict_bar(&verdict, "absent", VERDICT_AT_MOST, 2);
    verdict_json(&verdict, &line);
    assert_string_equal(buffer_string(&line), "{\"bench\":\"engine\",\"ours\":{\"engine\":2500.5},\"limits\":{\"lmdb\":"
                                              "5001},\"peers\":{},"
                                              "\"ratios\":{\"engine_to_lmdb\":0.5},\"work\":{\"odd\":null},\"bar\":["
                                              "{\"figure\":\"engine_to_lmdb\",\"at_least\":0.5,\"value\":0.5,\"met\":"
                                              "true},"
                                              "{\"figure\":\"absent\",\"at_most\":2,\"value\":null,\"met\":false}],"
                                              "\"bar_met\":false}");
    buffer_finish(&line);
}

/* ---- the net of a commit ---- */

static struct bytes text(const char *words)
{
    return (struct bytes){ (const uint8_t *)words, strlen(words) };
}

static void put(struct recording *recording, int table, const char *key, const char *value)
{
    recording_add(recording, table, WRITE_PUT, text(key), text(value));
}

static void take_away(struct recording *recording, int table, const char *key)
{
    recording_add(recording, table, WRITE_DELETE, text(key), text(""));
}

static void assert_row(const struct recording *recording, const struct net_row *row, enum net_kind kind, int table,
                       const char *key, const char *value)
{
    struct bytes got_key = recording_key(recording, row->write), got_value = recording_value(recording, row->write);
    assert_int_equal(row->kind, kind);
    assert_int_equal(row->write->table, table);
    assert_int_equal(got_key.size, strlen(key));
    assert_memory_equal(got_key.data, key, got_key.size);
    assert_int_equal(got_value.size, strlen(value));
    assert_memory_equal(got_value.data, value, got_value.size);
}

static void a_row_written_often_in_a_commit_is_told_once(void **state)
{
    (void)state;
    struct recording recording = { 0 };
    size_t count;
    put(&recording, 1, "open", "1");
    put(&recording, 1, "open", "2");
    put(&recording, 0, "case", "a");
    recording_end_commit(&recording);
    put(&recording, 1, "open", "3");
    recording_end_commit(&recording);
    struct net *net = net_create(&recording, &recording.commits);
    const struct net_row *rows = net_next(net, &count);
    assert_int_equal(count, 2);
    assert_row(&recording, &rows[0], NET_INSERT, 0, "case", "a");
    assert_row(&recording, &rows[1], NET_INSERT, 1, "open", "2");
    rows = net_next(net, &count);
    assert_int_equal(count, 1);
    assert_row(&recording, &rows[0], NET_UPDATE, 1, "open", "3");
    assert_null(net_next(net, &count));
    net_destroy(net);
    recording_finish(&recording);
}

static void what_came_and_went_in_one_commit_is_not_told(void **state)
{
    (void)state;
    struct recording recording = { 0 };
    size_t count;
    put(&recording, 0, "due", "");
    take_away(&recording, 0, "due");
    put(&recording, 0, "old", "");
    recording_end_commit(&recording);
    take_away(&recording, 0, "old");
    put(&recording, 0, "due", "");
    recording_end_commit(&recording);
    take_away(&recording, 0, "due");
    put(&recording, 0, "due", "again");
    recording_end_commit(&recording);
    struct net *net = net_create(&recording, &recording.commits);
    const struct net_row *rows = net_next(net, &count);
    assert_int_equal(count, 1);
    assert_row(&recording, &rows[0], NET_INSERT, 0, "old", "");
    rows = net_next(net, &count);
    assert_int_equal(count, 2);
    assert_row(&recording, &rows[0], NET_INSERT, 0, "due", "");
    assert_row(&recording, &rows[1], NET_DELETE, 0, "old", "");
    rows = net_next(net, &count);
    assert_int_equal(count, 1);
    assert_row(&recording, &rows[0], NET_UPDATE, 0, "due", "again");
    net_destroy(net);
    recording_finish(&recording);
}

static void steps_divide_a_commit(void **state)
{
    (void)state;
    struct recording recording = { 0 };
    size_t count;
    put(&recording, 0, "a", "1");
    recording_end_step(&recording);
    put(&recording, 0, "a", "2");
    recording_end_commit(&recording); /* ends a step too */
    assert_int_equal(recording.steps.count, 2);
    assert_int_equal(recording.commits.count, 1);
    struct net *net = net_create(&recording, &recording.steps);
    const struct net_row *rows = net_next(net, &count);
    assert_row(&recording, &rows[0], NET_INSERT, 0, "a", "1");
    assert_int_equal(net_position(net), 1);
    rows = net_next(net, &count);
    assert_row(&recording, &rows[0], NET_UPDATE, 0, "a", "2");
    assert_int_equal(net_position(net), recording.commits.ends[0]);
    net_destroy(net);
    recording_finish(&recording);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_percentile_is_a_value_that_was_measured),
        cmocka_unit_test(of_one_sample_every_percentile_is_that_one),
        cmocka_unit_test(a_ratio_is_one_figure_by_another),
        cmocka_unit_test(without_the_peer_there_is_no_ratio),
        cmocka_unit_test(the_strongest_peer_is_the_one_that_counts),
        cmocka_unit_test(a_bar_is_met_from_its_own_value_on),
        cmocka_unit_test(what_was_not_measured_meets_no_bar),
        cmocka_unit_test(the_json_holds_figures_ratios_and_bars_in_one_line),
        cmocka_unit_test(a_row_written_often_in_a_commit_is_told_once),
        cmocka_unit_test(what_came_and_went_in_one_commit_is_not_told),
        cmocka_unit_test(steps_divide_a_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
