#include "ingest/enrich/classify/classifier.h"

#include <math.h>
#include <string.h>

/* No sigmoid's rounding makes a suggestion certain: a threshold of 1 means never. */
static const double CONFIDENCE_MOST = 0.9999;

void classifier_finish(struct classifier *model)
{
    arena_finish(&model->arena);
    *model = (struct classifier){ .label_count = 0 };
}

/* The row of a bucket; row_count where there is none. */
static size_t find_row(const struct classifier *model, uint32_t bucket)
{
    size_t low = 0, high = model->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (model->rows[middle].bucket < bucket)
            low = middle + 1;
        else
            high = middle;
    }
    return low < model->row_count && model->rows[low].bucket == bucket ? low : model->row_count;
}

static size_t row_start(const struct classifier *model, size_t row)
{
    return row ? model->rows[row - 1].end : 0;
}

/* False where the model knows none of the features. */
static bool add_scores(const struct classifier *model, const struct feature_list *features)
{
    bool known = false;
    memset(model->scores, 0, model->label_count * sizeof *model->scores);
    for (size_t i = 0; i < features->count; i++) {
        size_t row = find_row(model, features->items[i].bucket);
        if (row == model->row_count)
            continue;
        double unit = features->items[i].value * model->step;
        for (size_t w = row_start(model, row); w < model->rows[row].end; w++)
            model->scores[model->weights[w].label] += unit * model->weights[w].steps;
        known = true;
    }
    return known;
}

double classifier_confidence(const struct classifier *model, size_t label, double margin)
{
    double confidence = 1 / (1 + exp(-(model->slope * margin + model->offset + model->labels[label].offset)));
    return fmin(fmax(confidence, 1 - CONFIDENCE_MOST), CONFIDENCE_MOST);
}

/* Keeps the choices in order of their scores, the first label of equal ones first. */
static size_t insert(struct classifier_choice *choices, size_t count, size_t most, size_t label, double score)
{
    size_t at = count;
    while (at > 0 && choices[at - 1].score < score)
        at--;
    if (at == most)
        return count;
    size_t kept = count < most ? count : most - 1;
    memmove(choices + at + 1, choices + at, (kept - at) * sizeof *choices);
    choices[at] = (struct classifier_choice){ .label = label, .score = score };
    return kept + 1;
}

/* How much of what the best label leaves over goes to another, before all of it is shared out; 1 for the second best. */
static double share(const struct classifier *model, double score, double second)
{
    return exp(fmax(model->slope, 0) * (score - second));
}

static void tell_confidence(const struct classifier *model, const struct classifier_choice best[2],
                            struct classifier_choice *choices, size_t count)
{
    double second = best[1].score, shares = 0;
    double sure = classifier_confidence(model, best[0].label, best[0].score - second);
    for (size_t label = 0; count > 1 && label < model->label_count; label++)
        shares += label == best[0].label ? 0 : share(model, model->scores[label], second);
    for (size_t i = 0; i < count; i++)
        choices[i].confidence = i == 0 ? sure : (1 - sure) * share(model, choices[i].score, second) / shares;
}

size_t classifier_choose(const struct classifier *model, const struct feature_list *features,
                         struct classifier_choice *choices, size_t most)
{
    struct classifier_choice best[2] = { { 0 } };
    size_t count = 0, bests = 0;
    if (!add_scores(model, features))
        return 0;
    for (size_t label = 0; label < model->label_count; label++) {
        count = insert(choices, count, most, label, model->scores[label]);
        bests = insert(best, bests, 2, label, model->scores[label]);
    }
    tell_confidence(model, best, choices, count);
    return count;
}

double classifier_weight_of(const struct classifier *model, const struct feature *feature, size_t label)
{
    size_t row = find_row(model, feature->bucket);
    if (row == model->row_count)
        return 0;
    for (size_t w = row_start(model, row); w < model->rows[row].end; w++)
        if (model->weights[w].label == label)
            return feature->value * model->step * model->weights[w].steps;
    return 0;
}
