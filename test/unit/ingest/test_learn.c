/* Learning: the same lessons, the same model; and one that is right, and knows how sure it may be. */
#include "test/unit/ingest/fixture.h"

#include <stdio.h>

#include "test/unit/ingest/sayings.h"

static void the_same_lessons_give_the_same_bytes(void **state)
{
    (void)state;
    struct buffer files[2] = { { 0 } };
    for (size_t i = 0; i < 2; i++) {
        struct classifier model;
        srand((unsigned)i + 7); /* whoever drew before */
        sayings_model(&model);
        classifier_encode(&model, &files[i]);
        classifier_finish(&model);
    }
    assert_int_equal(files[0].size, files[1].size);
    assert_memory_equal(files[0].bytes, files[1].bytes, files[0].size);
    buffer_finish(&files[0]);
    buffer_finish(&files[1]);
}

/* Lessons from the n-th on: how many are right, and how sure the model says it is of the right and the wrong ones. */
struct exam {
    size_t count, right;
    double confidence[2]; /* of wrong and right ones, on average */
};

static struct exam examine(const struct classifier *model, const struct lessons *lessons, size_t from)
{
    struct exam exam = { .count = lessons->count - from };
    for (size_t i = from; i < lessons->count; i++) {
        struct classifier_choice best;
        assert_int_equal(classifier_choose(model, &lessons->items[i].features, &best, 1), 1);
        assert_true(best.confidence > 0 && best.confidence < 1);
        bool right = strcmp(model->labels[best.label].name, lessons->items[i].label) == 0;
        exam.right += right;
        exam.confidence[right] += best.confidence;
    }
    exam.confidence[0] /= (double)(exam.count - exam.right + !(exam.count - exam.right));
    exam.confidence[1] /= (double)(exam.right + !exam.right);
    return exam;
}

/* Two services have the same words: only the pair of word and area tells them apart. */
static void words_and_areas_tell_the_services_apart(void **state)
{
    (void)state;
    struct classifier model;
    struct lessons lessons = { .settings = FEATURE_SETTINGS_DEFAULT };
    sayings_model(&model);
    sayings_learn(&lessons, 5000, 500);
    struct exam exam = examine(&model, &lessons, 0);
    print_message("# %zu of %zu right\n", exam.right, exam.count);
    assert_true(exam.right * 100 >= exam.count * 98);
    lessons_finish(&lessons);
    classifier_finish(&model);
}

/* A third of what is told is told wrongly, so a third of what is said will be wrong: the model must say so. */
static void who_is_told_lies_is_not_sure(void **state)
{
    (void)state;
    struct classifier model;
    struct lessons lessons = { .settings = FEATURE_SETTINGS_DEFAULT };
    struct fault fault = { "" };
    struct saying saying, other;
    for (size_t i = 0; i < 2400; i++) {
        saying_make(&saying, i);
        saying_make(&other, i * 31 + 7);
        struct document document = saying_document(&saying);
        lessons_add(&lessons, &document, i % 3 ? saying.service : other.service);
    }
    assert_int_equal(learn_classifier(&lessons, 1000, 600, &model, &fault), 0);
    struct exam exam = examine(&model, &lessons, 1600);
    double right = (double)exam.right / (double)exam.count;
    double said = (exam.confidence[1] * (double)exam.right + exam.confidence[0] * (double)(exam.count - exam.right)) /
                  (double)exam.count;
    print_message("# %.3f are right, %.3f said\n", right, said);
    assert_true(right > 0.5 && right < 0.8);
    assert_true(said > right - 0.06 && said < right + 0.06);
    lessons_finish(&lessons);
    classifier_finish(&model);
}

static void without_an_examination_it_is_never_sure(void **state)
{
    (void)state;
    struct classifier model;
    struct lessons lessons = { .settings = FEATURE_SETTINGS_DEFAULT };
    struct fault fault = { "" };
    sayings_learn(&lessons, 0, 400);
    assert_int_equal(learn_classifier(&lessons, 300, 0, &model, &fault), 0);
    struct exam exam = examine(&model, &lessons, 300);
    assert_true(exam.right > 90 && exam.confidence[1] < 0.55);
    lessons_finish(&lessons);
    classifier_finish(&model);
}

static void one_label_is_no_choice(void **state)
{
    (void)state;
    struct classifier model;
    struct lessons lessons = { .settings = FEATURE_SETTINGS_DEFAULT };
    struct fault fault = { "" };
    for (size_t i = 0; i < 10; i++)
        lessons_add(&lessons, &(struct document){ .text = "路灯不亮" }, "0102");
    assert_int_equal(learn_classifier(&lessons, 10, 0, &model, &fault), -EINVAL);
    assert_string_equal(fault.text, "1 different labels to learn; expected 2 to 4096");
    assert_int_equal(learn_classifier(&lessons, 0, 0, &model, &fault), -EINVAL);
    lessons_finish(&lessons);
}

/* A word of one report alone is chance: a name, a number. */
static void what_one_lesson_has_is_left_out(void **state)
{
    (void)state;
    struct classifier model;
    struct lessons lessons = { .settings = { 20, 1, 1 } };
    struct fault fault = { "" };
    static const char *const texts[][2] = { { "井x", "a" }, { "灯y", "b" }, { "井", "a" }, { "灯", "b" } };
    for (size_t i = 0; i < 4; i++)
        lessons_add(&lessons, &(struct document){ .text = texts[i][0] }, texts[i][1]);
    assert_int_equal(learn_classifier(&lessons, 4, 0, &model, &fault), 0);
    assert_int_equal(model.row_count, 2);
    classifier_finish(&model);
    lessons_finish(&lessons);
}

/* What has nothing to hold on to still gives a model, which knows nothing. */
static void lessons_without_words_teach_nothing(void **state)
{
    (void)state;
    struct classifier model;
    struct lessons lessons = { .settings = FEATURE_SETTINGS_DEFAULT };
    struct fault fault = { "" };
    struct buffer file = { 0 };
    for (size_t i = 0; i < 10; i++)
        lessons_add(&lessons, &(struct document){ .text = "" }, i % 2 ? "a" : "b");
    assert_int_equal(learn_classifier(&lessons, 6, 4, &model, &fault), 0);
    assert_int_equal(model.row_count, 0);
    classifier_encode(&model, &file);
    classifier_finish(&model);
    assert_int_equal(classifier_decode(buffer_view(&file), &model, &fault), 0);
    classifier_finish(&model);
    buffer_finish(&file);
    lessons_finish(&lessons);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_lessons_give_the_same_bytes),
        cmocka_unit_test(words_and_areas_tell_the_services_apart),
        cmocka_unit_test(who_is_told_lies_is_not_sure),
        cmocka_unit_test(without_an_examination_it_is_never_sure),
        cmocka_unit_test(one_label_is_no_choice),
        cmocka_unit_test(what_one_lesson_has_is_left_out),
        cmocka_unit_test(lessons_without_words_teach_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
