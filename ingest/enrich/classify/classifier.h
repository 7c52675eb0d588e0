/* The model: which label (a service, in ingest) a document most likely has, and how sure that is.
 *
 *   score of a label  the sum of value × weight over the features that the model knows
 *   confidence        of the best label 1 / (1 + e^-(slope × margin + offset + offset of the label)), where margin is its score minus the
 *                     second best's: how often such a one was right among documents that the model had not learned from (Platt's sigmoid
 *                     with a term for each label); below 1 and above 0. The others share what is left of 1, by e^(slope × score).
 *
 * The file (all numbers big-endian, reals as IEEE 754 bits of 32):
 *   8 bytes "DTMODEL1"; u8 bits, shortest, longest (feature_settings); u32 documents learned from;
 *   real slope, offset, step; u16 labels (2 to CLASSIFIER_LABELS_MAX); u32 rows; u32 weights;
 *   each label, in order of bytes:    u8 length (1 to CLASSIFIER_LABEL_BYTES), its UTF-8 bytes, real offset
 *   each row, in order of buckets:    u32 bucket; u16 n (at least 1)
 *                                     n times, in order of labels: u16 label; i8 weight (not 0) in units of `step`
 *   32 bytes: BLAKE2b-256 of all before.
 * There is one file for a model: reading and writing it again gives the same bytes.
 */
#pragma once

#include "ingest/enrich/classify/feature.h"

enum {
    CLASSIFIER_LABELS_MAX = 4096,
    CLASSIFIER_LABEL_BYTES = 64,
    CLASSIFIER_BYTES_MAX = 64 << 20,
    CLASSIFIER_WEIGHT_MAX = 127, /* steps of the largest weight */
};

struct classifier_label {
    const char *name;
    double offset;
};
struct classifier_weight {
    uint16_t label;
    int8_t steps;
};
struct classifier_row {
    uint32_t bucket;
    uint32_t end; /* its weights: from the end of the row before to here */
};

struct classifier {
    struct feature_settings settings;
    uint32_t documents;
    double slope, offset, step;
    struct classifier_label *labels;
    size_t label_count;
    struct classifier_row *rows;
    size_t row_count;
    struct classifier_weight *weights;
    size_t weight_count;
    double *scores;     /* of each label: room for one question at a time */
    struct arena arena; /* of all these */
};

/* Safe on a zeroed struct. */
void classifier_finish(struct classifier *model);

/* -EINVAL names what is wrong with the bytes; the model then needs no classifier_finish(). */
int classifier_decode(struct bytes file, struct classifier *model, struct fault *fault);
void classifier_encode(const struct classifier *model, struct buffer *file);
/* -ENOENT: there is none; -EINVAL as above. */
int classifier_read(const char *path, struct classifier *model, struct fault *fault);

struct classifier_choice {
    size_t label;
    double score, confidence;
};
/* The best `most` labels (of those there are), best first; returns how many: 0 where the model knows nothing of the document. */
size_t classifier_choose(const struct classifier *model, const struct feature_list *features,
                         struct classifier_choice *choices, size_t most);

/* Of the best label, by its margin. */
double classifier_confidence(const struct classifier *model, size_t label, double margin);
/* What a feature adds to a label's score; 0 where the model does not know it. */
double classifier_weight_of(const struct classifier *model, const struct feature *feature, size_t label);
