/* Learning: from documents with their labels to a model. The one room of liblinear.
 *
 * Weights by the multi-class support vector machine of Crammer and Singer (seconds where one classifier per label takes minutes); the
 * confidence by a logistic regression over documents that taught no weights. What only one lesson has is left out. The same lessons in
 * the same order give the same model, byte for byte, of one build.
 */
#pragma once

#include "ingest/enrich/classify/classifier.h"

struct lesson {
    const char *label;
    struct feature_list features;
};

/* The confidence is well served with one lesson of so many, the newest. */
enum { LEARN_EXAMINE_PART = 6 };

/* In the order of time. */
struct lessons {
    struct lesson *items;
    size_t count, capacity;
    struct feature_settings settings; /* by which all of them are read */
    struct features scratch;
    struct arena arena;
};

/* Label and document are copied. */
void lessons_add(struct lessons *lessons, const struct document *document, const char *label);
void lessons_finish(struct lessons *lessons); /* safe on a zeroed struct */

/* What is taught: weights from the first `teach` lessons, the confidence from the `examine` after those.
 * -EINVAL: fewer than 2 labels or more than CLASSIFIER_LABELS_MAX; -E2BIG: more than liblinear counts. The model then needs no
 * classifier_finish(). */
int learn_classifier(const struct lessons *lessons, size_t teach, size_t examine, struct classifier *model,
                     struct fault *fault);
