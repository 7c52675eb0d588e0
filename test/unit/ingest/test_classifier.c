/* The model: what it says of features, and its file, of which nothing is believed. */
#include "test/unit/ingest/fixture.h"

#include <math.h>
#include <stdio.h>

#include "test/unit/ingest/sayings.h"

/* Three labels, three rows: small enough to say what comes out. */
static struct classifier small_model(void)
{
    static struct classifier_label labels[] = { { "a", 0 }, { "b", 0.5 }, { "路灯", -0.5 } };
    static struct classifier_row rows[] = { { 3, 2 }, { 4, 3 }, { 700, 5 } };
    static double scores[3];
    static struct classifier_weight weights[] = { { 0, 100 }, { 1, -20 }, { 1, 50 }, { 0, -127 }, { 2, 127 } };
    return (struct classifier){
        .settings = { 10, 1, 3 },
        .documents = 12,
        .slope = 2,
        .offset = 1,
        .step = 0.5,
        .labels = labels,
        .label_count = 3,
        .rows = rows,
        .row_count = 3,
        .weights = weights,
        .weight_count = 5,
        .scores = scores,
    };
}

static struct feature_list features_of(struct feature *items, size_t count)
{
    return (struct feature_list){ items, count };
}

static void scores_are_sums_and_the_surest_comes_first(void **state)
{
    (void)state;
    struct classifier model = small_model();
    struct feature items[] = { { .bucket = 3, .value = 1 },
                               { .bucket = 5, .value = 9 },
                               { .bucket = 700, .value = 0.5f } };
    struct feature_list features = features_of(items, 3);
    struct classifier_choice choices[3];
    assert_int_equal(classifier_choose(&model, &features, choices, 3), 3);
    /* a: 50 - 31.75 = 18.25, b: -10, 路灯: 31.75 */
    double sure = classifier_confidence(&model, 2, 13.5), other = exp(-2 * 28.25);
    const struct {
        size_t label;
        double score, confidence;
    } expected[] = { { 2, 31.75, sure },
                     { 0, 18.25, (1 - sure) / (1 + other) },
                     { 1, -10, (1 - sure) * other / (1 + other) } };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(choices[i].label, expected[i].label);
        assert_true(fabs(choices[i].score - expected[i].score) < 1e-9);
        assert_true(fabs(choices[i].confidence - expected[i].confidence) < 1e-12);
    }
    assert_true(fabs(classifier_weight_of(&model, &items[2], 2) - 31.75) < 1e-9);
    assert_true(classifier_weight_of(&model, &items[1], 2) == 0);
    assert_true(classifier_weight_of(&model, &items[0], 2) == 0);
}

static void fewer_are_the_first_of_more(void **state)
{
    (void)state;
    struct classifier model;
    struct features features = { .capacity = 0 };
    struct saying saying;
    sayings_model(&model);
    for (size_t n = 1000; n < 1050; n++) {
        struct classifier_choice all[SAYING_SERVICES], few[SAYING_SERVICES];
        saying_make(&saying, n);
        struct document document = saying_document(&saying);
        features_take(&features, &document, &model.settings);
        assert_int_equal(classifier_choose(&model, &features.list, all, SAYING_SERVICES), SAYING_SERVICES);
        for (size_t most = 1; most < SAYING_SERVICES; most++) {
            assert_int_equal(classifier_choose(&model, &features.list, few, most), most);
            assert_memory_equal(few, all, most * sizeof *few);
        }
        double sum = all[0].confidence;
        for (size_t i = 1; i < SAYING_SERVICES; i++) {
            assert_true(all[i].score <= all[i - 1].score);
            sum += all[i].confidence;
        }
        assert_true(fabs(sum - 1) < 1e-9);
    }
    features_finish(&features);
    classifier_finish(&model);
}

static void what_it_does_not_know_gives_nothing(void **state)
{
    (void)state;
    struct classifier model = small_model();
    struct feature items[] = { { .bucket = 5, .value = 1 } };
    struct feature_list features = features_of(items, 1), none = { NULL, 0 };
    struct classifier_choice choice;
    assert_int_equal(classifier_choose(&model, &features, &choice, 1), 0);
    assert_int_equal(classifier_choose(&model, &none, &choice, 1), 0);
}

static void a_confidence_is_never_certain(void **state)
{
    (void)state;
    struct classifier model = small_model();
    assert_true(classifier_confidence(&model, 0, 1e9) < 1);
    assert_true(classifier_confidence(&model, 0, -1e9) > 0);
    assert_true(fabs(classifier_confidence(&model, 1, 0.25) - 1 / (1 + exp(-2.0))) < 1e-9);
}

/* ---- the file ---- */

static void assert_same_file(const struct buffer *a, const struct buffer *b)
{
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->bytes, b->bytes, a->size);
}

static void the_file_gives_the_model_again(void **state)
{
    (void)state;
    struct classifier models[2] = { small_model() }, again;
    sayings_model(&models[1]);
    for (size_t i = 0; i < 2; i++) {
        struct buffer file = { 0 }, second = { 0 };
        struct fault fault = { "" };
        classifier_encode(&models[i], &file);
        if (classifier_decode(buffer_view(&file), &again, &fault))
            fail_msg("%s", fault.text);
        assert_int_equal(again.label_count, models[i].label_count);
        assert_int_equal(again.documents, models[i].documents);
        assert_true(again.slope == models[i].slope && again.offset == models[i].offset && again.step == models[i].step);
        for (size_t label = 0; label < again.label_count; label++) {
            assert_string_equal(again.labels[label].name, models[i].labels[label].name);
            assert_true(again.labels[label].offset == models[i].labels[label].offset);
        }
        assert_memory_equal(again.rows, models[i].rows, again.row_count * sizeof *again.rows);
        for (size_t w = 0; w < again.weight_count; w++)
            assert_true(again.weights[w].label == models[i].weights[w].label &&
                        again.weights[w].steps == models[i].weights[w].steps);
        classifier_encode(&again, &second);
        assert_same_file(&file, &second);
        buffer_finish(&file);
        buffer_finish(&second);
        classifier_finish(&again);
    }
    classifier_finish(&models[1]);
}

static void assert_refused(struct bytes file, const char *why)
{
    struct classifier model;
    struct fault fault = { "" };
    uint8_t *exact = malloc(file.size + 1); /* for who watches the memory */
    memcpy(exact, file.data, file.size);
    int result = classifier_decode((struct bytes){ exact, file.size }, &model, &fault);
    free(exact);
    assert_int_equal(result, -EINVAL);
    if (!strstr(fault.text, why))
        fail_msg("'%s' does not say '%s'", fault.text, why);
}

static void every_changed_byte_and_every_cut_is_refused(void **state)
{
    (void)state;
    struct classifier model = small_model();
    struct buffer file = { 0 };
    classifier_encode(&model, &file);
    for (size_t size = 0; size < file.size; size++)
        assert_refused((struct bytes){ file.bytes, size }, "model");
    for (size_t i = 0; i < file.size; i++)
        for (int change = 1; change < 256; change += 50) {
            file.bytes[i] ^= (uint8_t)change;
            assert_refused(buffer_view(&file), "model");
            file.bytes[i] ^= (uint8_t)change;
        }
    buffer_append(&file, "x", 1);
    assert_refused(buffer_view(&file), "damaged");
    buffer_finish(&file);
}

/* The right hash under wrong bytes: what somebody writes who means it. */
static void seal(struct buffer *file)
{
    struct hash hash = hash_of(file->bytes, file->size - HASH_BYTES);
    memcpy(file->bytes + file->size - HASH_BYTES, hash.bytes, HASH_BYTES);
}

static void every_wrong_value_is_refused_by_name(void **state)
{
    (void)state;
    enum {
        SETTINGS = 8,
        SLOPE = SETTINGS + 3 + 4,
        STEP = SLOPE + 8,
        LABELS = STEP + 4,
        ROWS = LABELS + 2,
        WEIGHTS = ROWS + 4,
        FIRST = WEIGHTS + 4, /* 1 'a' real, 1 'b' real, 6 "路灯" real */
        SECOND = FIRST + 1 + 1 + 4,
        ROW = SECOND + 1 + 1 + 4 + 1 + 6 + 4, /* bucket, 2, (0, 100), (1, -20) */
        ROW2 = ROW + 4 + 2 + 2 * 3,           /* bucket, 1, (1, 50) */
    };
    static const struct {
        size_t at, size;
        const char *bytes, *why;
    } rows[] = {
        { SETTINGS, 1, "\x09", "a space of 9 bits" },
        { SETTINGS, 1, "\x19", "a space of 25 bits" },
        { SETTINGS + 1, 1, "\x00", "runs of 0 to 3" },
        { SETTINGS + 1, 1, "\x04", "runs of 4 to 3" },
        { SETTINGS + 2, 1, "\x07", "runs of 1 to 7" },
        { SLOPE, 4, "\x7f\xc0\x00\x00", "slope nan" },
        { SLOPE + 4, 4, "\x7f\x80\x00\x00", "offset inf" },
        { STEP, 4, "\x00\x00\x00\x00", "the step above 0" },
        { STEP, 4, "\xbf\x00\x00\x00", "the step above 0" },
        { LABELS, 2, "\x00\x01", "1 labels" },
        { LABELS, 2, "\x00\x02", "row 0" },
        { LABELS, 2, "\xff\xff", "more than the file holds" },
        { ROWS, 4, "\x00\x00\x00\x02", "the rows end before" },
        { ROWS, 4, "\xff\xff\xff\xff", "more than the file holds" },
        { WEIGHTS, 4, "\x00\x00\x00\x04", "row 2: 2 weights" },
        { WEIGHTS, 4, "\x00\x00\x00\x06", "the rows end before" },
        { WEIGHTS, 4, "\xff\xff\xff\xff", "more than the file holds" },
        { FIRST, 1, "\x00", "label 0 has 0 bytes" },
        { FIRST, 1, "\x41", "label 0 has 65 bytes" },
        { FIRST + 1, 1, "\xff", "label 0 is no UTF-8" },
        { FIRST + 1, 1, "\x00", "label 0 is no UTF-8" },
        { FIRST + 1, 1, "c", "label 1 is not after" },
        { FIRST + 1, 1, "b", "label 1 is not after" },
        { FIRST + 2, 4, "\xff\xff\xff\xff", "the offset of label 0" },
        { ROW, 4, "\x00\x00\x04\x00", "row 0: bucket 1024" },
        { ROW, 4, "\x00\x00\x00\x04", "row 1: bucket 4" },
        { ROW + 4, 2, "\x00\x00", "row 0: 0 weights" },
        { ROW + 4, 2, "\x00\x06", "row 0: 6 weights" },
        { ROW + 6, 2, "\x00\x03", "row 0: label 3" },
        { ROW + 6, 2, "\x00\x01", "row 0: label 1 is none, or not after" },
        { ROW + 8, 1, "\x00", "a weight of 0" },
        { ROW + 8, 1, "\x80", "a weight of -128" },
        { ROW2, 4, "\x00\x00\x00\x03", "row 1: bucket 3" },
    };
    struct classifier model = small_model();
    struct buffer file = { 0 }, damaged = { 0 };
    classifier_encode(&model, &file);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer_clear(&damaged);
        buffer_append(&damaged, file.bytes, file.size);
        memcpy(damaged.bytes + rows[i].at, rows[i].bytes, rows[i].size);
        seal(&damaged);
        assert_refused(buffer_view(&damaged), rows[i].why);
    }
    buffer_finish(&file);
    buffer_finish(&damaged);
}

/* Chance finds what no table names: the answer is an error, or a model whose file these bytes are. */
static void any_sealed_bytes_are_an_error_or_a_model(void **state)
{
    (void)state;
    struct classifier model = small_model(), read;
    struct buffer file = { 0 }, damaged = { 0 }, again = { 0 };
    struct fault fault;
    size_t models = 0;
    unsigned dice = 1;
    classifier_encode(&model, &file);
    for (int round = 0; round < 20000; round++) {
        buffer_clear(&damaged);
        buffer_append(&damaged, file.bytes, file.size);
        for (int i = 0; i <= rand_r(&dice) % 3; i++)
            damaged.bytes[8 + (size_t)rand_r(&dice) % (file.size - 8 - HASH_BYTES)] = (uint8_t)rand_r(&dice);
        if (rand_r(&dice) % 8 == 0)
            damaged.size -= (size_t)rand_r(&dice) % (file.size - 8 - HASH_BYTES);
        seal(&damaged);
        if (classifier_decode(buffer_view(&damaged), &read, &fault))
            continue;
        models++;
        buffer_clear(&again);
        classifier_encode(&read, &again);
        assert_same_file(&damaged, &again);
        classifier_finish(&read);
    }
    assert_true(models > 100 && models < 19900);
    buffer_finish(&file);
    buffer_finish(&damaged);
    buffer_finish(&again);
}

static void a_file_that_is_not_there_is_told_as_such(void **state)
{
    (void)state;
    struct classifier model;
    struct fault fault = { "" };
    assert_int_equal(classifier_read("/nowhere/suggest.model", &model, &fault), -ENOENT);
    assert_non_null(strstr(fault.text, "/nowhere/suggest.model"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_sums_and_the_surest_comes_first),
        cmocka_unit_test(fewer_are_the_first_of_more),
        cmocka_unit_test(what_it_does_not_know_gives_nothing),
        cmocka_unit_test(a_confidence_is_never_certain),
        cmocka_unit_test(the_file_gives_the_model_again),
        cmocka_unit_test(every_changed_byte_and_every_cut_is_refused),
        cmocka_unit_test(every_wrong_value_is_refused_by_name),
        cmocka_unit_test(any_sealed_bytes_are_an_error_or_a_model),
        cmocka_unit_test(a_file_that_is_not_there_is_told_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
