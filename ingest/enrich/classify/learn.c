#include "ingest/enrich/classify/learn.h"

#include <assert.h>
#include <linear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 1, LESSONS_LEAST = 2 }; /* what one lesson alone has is chance, and there is most of it */
static const double WEIGHT_COST = 1, WEIGHT_EPSILON = 0.1;
static const double SIGMOID_COST = 1, SIGMOID_EPSILON = 0.001;

/* ---- lessons ---- */

void lessons_add(struct lessons *lessons, const struct document *document, const char *label)
{
    if (lessons->count == lessons->capacity) {
        lessons->capacity = lessons->capacity ? 2 * lessons->capacity : 1024;
        lessons->items = realloc(lessons->items, lessons->capacity * sizeof *lessons->items);
        if (!lessons->items)
            abort();
    }
    features_take(&lessons->scratch, document, &lessons->settings);
    size_t count = lessons->scratch.list.count;
    struct feature *features = arena_array(&lessons->arena, count + 1, sizeof *features);
    if (count)
        memcpy(features, lessons->scratch.list.items, count * sizeof *features);
    lessons->items[lessons->count++] = (struct lesson){
        .label = arena_text(&lessons->arena, label, strlen(label)),
        .features = { features, count },
    };
}

void lessons_finish(struct lessons *lessons)
{
    features_finish(&lessons->scratch);
    arena_finish(&lessons->arena);
    free(lessons->items);
    *lessons = (struct lessons){ .count = 0 };
}

/* ---- labels ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int find_labels(const struct lessons *lessons, size_t teach, struct classifier *model, struct fault *fault)
{
    const char **names = arena_array(&model->arena, teach + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < teach; i++)
        names[i] = lessons->items[i].label;
    qsort(names, teach, sizeof *names, by_name);
    for (size_t i = 0; i < teach; i++)
        if (!count || strcmp(names[count - 1], names[i]) != 0)
            names[count++] = names[i];
    if (count < 2 || count > CLASSIFIER_LABELS_MAX)
        return fault_set(fault, -EINVAL, "%zu different labels to learn; expected 2 to %d", count,
                         CLASSIFIER_LABELS_MAX);
    model->labels = arena_array(&model->arena, count, sizeof *model->labels);
    model->scores = arena_array(&model->arena, count, sizeof *model->scores);
    model->label_count = count;
    for (size_t i = 0; i < count; i++)
        model->labels[i].name = arena_text(&model->arena, names[i], strlen(names[i]));
    return 0;
}

/* label_count where the model has none of that name. */
static size_t label_of(const struct classifier *model, const char *name)
{
    size_t low = 0, high = model->label_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(model->labels[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < model->label_count && strcmp(model->labels[low].name, name) == 0 ? low : model->label_count;
}

/* ---- weights ---- */

/* liblinear's view of the lessons: features numbered from 1 in order of their buckets. */
struct weighing {
    struct problem problem;
    struct feature_node *nodes;
    uint32_t *numbers; /* of each bucket; 0: not used */
};

static void weighing_finish(struct weighing *weighing)
{
    free(weighing->problem.x);
    free(weighing->problem.y);
    free(weighing->nodes);
    free(weighing->numbers);
}

static void *array(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

/* Numbers the buckets that LESSONS_LEAST lessons have, and makes the model's rows of them; returns the nodes that all lessons need. */
static size_t number_buckets(struct weighing *weighing, const struct lessons *lessons, size_t teach,
                             struct classifier *model)
{
    size_t buckets = (size_t)1 << lessons->settings.bits, nodes = teach;
    uint32_t *numbers = weighing->numbers = array(buckets, sizeof *numbers);
    for (size_t i = 0; i < teach; i++)
        for (size_t f = 0; f < lessons->items[i].features.count; f++)
            numbers[lessons->items[i].features.items[f].bucket]++;
    for (size_t bucket = 0; bucket < buckets; bucket++) {
        bool kept = numbers[bucket] >= LESSONS_LEAST;
        nodes += kept ? numbers[bucket] : 0;
        numbers[bucket] = kept ? (uint32_t)++model->row_count : 0;
    }
    model->rows = arena_array(&model->arena, model->row_count + 1, sizeof *model->rows);
    for (size_t bucket = 0; bucket < buckets; bucket++)
        if (numbers[bucket])
            model->rows[numbers[bucket] - 1].bucket = (uint32_t)bucket;
    return nodes;
}

static void state_problem(struct weighing *weighing, const struct lessons *lessons, size_t teach,
                          struct classifier *model)
{
    struct feature_node *node = weighing->nodes = array(number_buckets(weighing, lessons, teach, model), sizeof *node);
    weighing->problem = (struct problem){
        .l = (int)teach,
        .n = (int)model->row_count,
        .y = array(teach, sizeof *weighing->problem.y),
        .x = array(teach, sizeof *weighing->problem.x),
        .bias = -1,
    };
    for (size_t i = 0; i < teach; i++) {
        const struct lesson *lesson = &lessons->items[i];
        weighing->problem.y[i] = (double)label_of(model, lesson->label);
        weighing->problem.x[i] = node;
        for (size_t f = 0; f < lesson->features.count; f++) {
            const struct feature *feature = &lesson->features.items[f];
            uint32_t number = weighing->numbers[feature->bucket];
            if (number)
                *node++ = (struct feature_node){ (int)number, feature->value };
        }
        *node++ = (struct feature_node){ .index = -1 };
    }
}

static void be_quiet(const char *text)
{
    (void)text;
}

/* free_and_destroy_model() is due. liblinear takes the lessons in rand()'s order. */
static struct model *solve(const struct problem *problem, int solver, double cost, double epsilon)
{
    struct parameter parameter = { .solver_type = solver, .C = cost, .eps = epsilon };
    set_print_string_function(be_quiet);
    assert(!check_parameter(problem, &parameter));
    srand(SEED);
    return train(problem, &parameter);
}

static double largest(const double *weights, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(weights[i]));
    return most;
}

/* A weight in whole steps; less than half of one is none. */
static int8_t steps_of(const struct classifier *model, double weight)
{
    return (int8_t)lround(weight / model->step);
}

/* Rows that are left without a weight are left out. */
static void take_weights(struct classifier *model, const struct model *solved)
{
    size_t labels = model->label_count, rows = model->row_count, kept = 0;
    size_t *columns = array(labels, sizeof *columns); /* of each label among liblinear's */
    double most = largest(solved->w, rows * labels);
    for (size_t i = 0; i < labels; i++)
        columns[solved->label[i]] = i;
    model->step = most > 0 ? (float)(most / CLASSIFIER_WEIGHT_MAX) : 1;
    for (size_t i = 0; i < rows * labels; i++)
        model->weight_count += steps_of(model, solved->w[i]) != 0;
    model->weights = arena_array(&model->arena, model->weight_count + 1, sizeof *model->weights);
    model->row_count = 0;
    for (size_t row = 0; row < rows; row++) {
        size_t before = kept;
        for (size_t label = 0; label < labels; label++) {
            int8_t steps = steps_of(model, solved->w[row * labels + columns[label]]);
            if (steps)
                model->weights[kept++] = (struct classifier_weight){ (uint16_t)label, steps };
        }
        if (kept > before)
            model->rows[model->row_count++] = (struct classifier_row){ model->rows[row].bucket, (uint32_t)kept };
    }
    free(columns);
}

/* liblinear counts weights and lessons of all labels in an int. */
static int learn_weights(struct classifier *model, const struct lessons *lessons, size_t teach, struct fault *fault)
{
    struct weighing weighing;
    int result = 0;
    state_problem(&weighing, lessons, teach, model);
    size_t most = model->row_count > teach ? model->row_count : teach;
    if (most > INT32_MAX / model->label_count) {
        result = fault_set(fault, -E2BIG, "%zu lessons with %zu features and %zu labels are too many", teach,
                           model->row_count, model->label_count);
    } else {
        struct model *solved = solve(&weighing.problem, MCSVM_CS, WEIGHT_COST, WEIGHT_EPSILON);
        take_weights(model, solved);
        free_and_destroy_model(&solved);
    }
    weighing_finish(&weighing);
    return result;
}

/* ---- the confidence ---- */

/* The features of the regression: the margin, 1, and 1 for the label. */
enum { SIGMOID_MARGIN = 1, SIGMOID_ONE, SIGMOID_LABEL, SIGMOID_NODES = 4 };

struct margins {
    struct problem problem;
    struct feature_node *nodes;
};

/* label_count: of no label. */
static void add_margin(struct margins *margins, const struct classifier *model, double margin, size_t label, bool right)
{
    size_t i = (size_t)margins->problem.l++;
    struct feature_node *node = margins->nodes + i * SIGMOID_NODES;
    margins->problem.x[i] = node;
    margins->problem.y[i] = right ? 1 : -1;
    *node++ = (struct feature_node){ SIGMOID_MARGIN, margin };
    *node++ = (struct feature_node){ SIGMOID_ONE, 1 };
    if (label < model->label_count)
        *node++ = (struct feature_node){ SIGMOID_LABEL + (int)label, 1 };
    *node = (struct feature_node){ .index = -1 };
}

/* What the weights say of lessons that did not teach them; and, so that there is always one right and one wrong, one of each
 * without any margin. */
static void state_margins(struct margins *margins, const struct classifier *model, const struct lesson *lessons,
                          size_t count)
{
    *margins = (struct margins){ .nodes = array((count + 2) * SIGMOID_NODES, sizeof *margins->nodes) };
    margins->problem = (struct problem){
        .n = SIGMOID_LABEL + (int)model->label_count - 1,
        .y = array(count + 2, sizeof *margins->problem.y),
        .x = array(count + 2, sizeof *margins->problem.x),
        .bias = -1,
    };
    add_margin(margins, model, 0, model->label_count, true);
    add_margin(margins, model, 0, model->label_count, false);
    for (size_t i = 0; i < count; i++) {
        struct classifier_choice best[2];
        if (classifier_choose(model, &lessons[i].features, best, 2))
            add_margin(margins, model, best[0].score - best[1].score, best[0].label,
                       strcmp(model->labels[best[0].label].name, lessons[i].label) == 0);
    }
}

static void learn_confidence(struct classifier *model, const struct lesson *lessons, size_t count)
{
    struct margins margins;
    state_margins(&margins, model, lessons, count);
    struct model *solved = solve(&margins.problem, L2R_LR, SIGMOID_COST, SIGMOID_EPSILON);
    double sign = solved->label[0] == 1 ? 1 : -1;
    model->slope = (float)(sign * solved->w[SIGMOID_MARGIN - 1]);
    model->offset = (float)(sign * solved->w[SIGMOID_ONE - 1]);
    for (size_t i = 0; i < model->label_count; i++)
        model->labels[i].offset = (float)(sign * solved->w[SIGMOID_LABEL - 1 + i]);
    free_and_destroy_model(&solved);
    free(margins.problem.x);
    free(margins.problem.y);
    free(margins.nodes);
}

int learn_classifier(const struct lessons *lessons, size_t teach, size_t examine, struct classifier *model,
                     struct fault *fault)
{
    assert(teach + examine <= lessons->count && lessons->count <= INT32_MAX);
    *model = (struct classifier){ .settings = lessons->settings, .documents = (uint32_t)teach };
    int result = find_labels(lessons, teach, model, fault);
    if (!result)
        result = learn_weights(model, lessons, teach, fault);
    if (!result)
        learn_confidence(model, lessons->items + teach, examine);
    else
        classifier_finish(model);
    return result;
}
