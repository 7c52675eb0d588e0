/* A document as a sparse vector: what is read of it, and under which names. */
#include "test/unit/ingest/fixture.h"

#include <math.h>
#include <stdio.h>

#include "ingest/enrich/classify/feature.h"

static const struct feature_settings settings = FEATURE_SETTINGS_DEFAULT;

static const struct feature *find(const struct features *features, uint32_t bucket)
{
    for (size_t i = 0; i < features->list.count; i++)
        if (features->list.items[i].bucket == bucket)
            return &features->list.items[i];
    return NULL;
}

/* Texts of the runs, in order of their places, each in brackets. */
static void runs_of(const char *text, const struct feature_settings *by, char *out, size_t size)
{
    struct features features = { .capacity = 0 };
    features_take(&features, &(struct document){ .text = text }, by);
    size_t length = 0;
    out[0] = 0;
    for (size_t from = 0; from < features.text.size; from++)
        for (size_t bytes = 1; bytes < 32; bytes++)
            for (size_t i = 0; i < features.list.count; i++)
                if (features.list.items[i].from == from && features.list.items[i].length == bytes)
                    length += (size_t)snprintf(out + length, size - length, "[%.*s]", (int)bytes,
                                               (const char *)features.text.bytes + from);
    features_finish(&features);
}

static void runs_are_of_characters_in_lower_case_with_single_blanks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t shortest, longest;
        const char *runs;
    } rows[] = {
        { "灯坏", 1, 3, "[ 灯][ 灯坏][灯][灯坏][灯坏 ][坏][坏 ]" },
        { "  A\t\r\n bC ", 2, 2, "[ a][a ][ b][bc][c ]" },
        { "灯", 1, 1, "[灯]" },
        { "", 1, 3, "" },
        { " \n ", 1, 3, "" },
        { "aa", 1, 1, "[a]" }, /* twice, in one feature */
        { "é!", 1, 2, "[ é][é][é!][!][! ]" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char runs[400];
        runs_of(rows[i].text, &(struct feature_settings){ 20, rows[i].shortest, rows[i].longest }, runs, sizeof runs);
        assert_string_equal(runs, rows[i].runs);
    }
}

/* The file's weights stand under these buckets: they may never change. Computed apart, by the definition of the hash. */
enum { LAMP_BUCKET = 435290, AREA_BUCKET = 429901, BOTH_BUCKET = 256411 };
static void names_have_the_buckets_of_fnv_1a(void **state)
{
    (void)state;
    struct features features = { .capacity = 0 };
    struct document document = { .text = "路灯" };
    document_mark(&document, "area", " West ");
    document_mark(&document, "source", "resident");
    features_take(&features, &document, &settings);
    const struct feature *lamp = find(&features, LAMP_BUCKET), *area = find(&features, AREA_BUCKET),
                         *both = find(&features, BOTH_BUCKET);
    assert_true(lamp && area && both);
    assert_int_equal(lamp->length, strlen("路灯"));
    assert_true(area->length == 0 && area->from == 0 && area->with == 0);
    assert_true(both->length == 0 && both->from == 0 && both->with == 1);
    features_finish(&features);
}

static void a_vector_is_of_unit_length_and_in_order(void **state)
{
    (void)state;
    struct features features = { .capacity = 0 };
    struct document document = { .text = "井盖丢了，井盖丢了，井盖丢了" };
    for (size_t marks = 0; marks < 3; marks++) {
        features_take(&features, &document, &settings);
        double squares = 0, words = 0;
        for (size_t i = 0; i < features.list.count; i++) {
            double square = (double)features.list.items[i].value * features.list.items[i].value;
            squares += square;
            words += features.list.items[i].length ? square : 0;
            assert_true(i == 0 || features.list.items[i - 1].bucket < features.list.items[i].bucket);
        }
        assert_true(fabs(squares - 1) < 1e-5);
        assert_true(fabs(words - (marks ? 0.5 : 1)) < 1e-5); /* words and marks weigh the same, however many */
        document_mark(&document, marks ? "area" : "source", "x");
    }
    features_finish(&features);
}

static void what_is_beyond_the_limit_is_not_read(void **state)
{
    (void)state;
    static char text[3 * FEATURES_TEXT_MAX + 200];
    struct features features = { .capacity = 0 };
    for (size_t i = 0; i < FEATURES_TEXT_MAX; i++)
        memcpy(text + 3 * i, "灯", 3);
    features_take(&features, &(struct document){ .text = text }, &settings);
    size_t size = features.text.size;
    memset(text + 3 * FEATURES_TEXT_MAX, 'x', 100);
    features_take(&features, &(struct document){ .text = text }, &settings);
    assert_int_equal(features.text.size, size);
    assert_int_equal(features.list.count, 7); /* 灯 by itself, beginning, in the middle, at the end */
    features_finish(&features);
}

/* Every byte everywhere: it may be no UTF-8, it may be cut. */
static void any_bytes_are_read_within_their_bounds(void **state)
{
    (void)state;
    struct features features = { .capacity = 0 };
    for (int first = 1; first < 256; first++)
        for (int second = 0; second < 256; second += 3) {
            char *text = malloc(4); /* exactly, for who watches the memory */
            memcpy(text, (char[]){ (char)first, (char)second, (char)0xe4, 0 }, 4);
            features_take(&features, &(struct document){ .text = text }, &settings);
            for (size_t i = 0; i < features.list.count; i++)
                assert_true((size_t)features.list.items[i].from + features.list.items[i].length <= features.text.size);
            free(text);
        }
    features_finish(&features);
}

static void marks_are_bounded_and_empty_ones_are_none(void **state)
{
    (void)state;
    struct document document = { .text = "x" };
    document_mark(&document, "area", "");
    document_mark(&document, "area", NULL);
    assert_int_equal(document.mark_count, 0);
    for (size_t i = 0; i < 2 * DOCUMENT_MARKS_MAX; i++)
        document_mark(&document, "area", "x");
    assert_int_equal(document.mark_count, DOCUMENT_MARKS_MAX);
}

static void an_event_gives_its_words_title_source_and_areas(void **state)
{
    const struct book *book = *state;
    struct arena arena = { 0 };
    struct document document;
    static const struct {
        const char *title, *text, *words;
    } rows[] = {
        { "路灯坏了", "路灯坏了\n三天了", "路灯坏了\n三天了" },
        { "路灯", "三天了", "路灯\n三天了" },
        { "路灯", "", "路灯" },
        { "", "三天了", "三天了" },
        { NULL, NULL, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct event event = {
            .title = rows[i].title, .text = rows[i].text, .source = SOURCE_HOTLINE, .place = { .area = "west" }
        };
        document_of_event(&document, &event, book, &arena);
        assert_string_equal(document.text, rows[i].words);
    }
    static const struct document_mark marks[] = { { "source", "hotline" }, { "area", "west" }, { "area1", "t1" } };
    assert_int_equal(document.mark_count, 3); /* of the last row, which has no title */
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(document.marks[i].name, marks[i].name);
        assert_string_equal(document.marks[i].value, marks[i].value);
    }
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_of_characters_in_lower_case_with_single_blanks),
        cmocka_unit_test(names_have_the_buckets_of_fnv_1a),
        cmocka_unit_test(a_vector_is_of_unit_length_and_in_order),
        cmocka_unit_test(what_is_beyond_the_limit_is_not_read),
        cmocka_unit_test(any_bytes_are_read_within_their_bounds),
        cmocka_unit_test(marks_are_bounded_and_empty_ones_are_none),
        cmocka_unit_test(an_event_gives_its_words_title_source_and_areas),
    };
    return cmocka_run_group_tests(tests, load_test_book, free_test_book);
}
