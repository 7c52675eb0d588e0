/* Features: a document as a sparse vector of unit length over a fixed space of hashed names (the "hashing trick").
 *
 *   words   every run of `shortest` to `longest` characters (code points) of the text, counted. The text is read as: ASCII letters in
 *           lower case, white space as one blank, a blank before and after.
 *   marks   every mark "name=value", and every pair of two "name=value&name=value": a linear model sees no "this kind of trouble in
 *           this area" by itself. Values are read as the text is.
 * A name's bucket is its FNV-1a hash (32 bits, http://www.isthe.com/chongo/tech/comp/fnv/), xor-folded to `bits`. Words and marks each
 * have unit length before they are put together, so that a long text does not drown out the marks.
 */
#pragma once

#include <stdint.h>

#include "ingest/enrich/classify/document.h"

enum {
    FEATURES_BITS_MIN = 10,
    FEATURES_BITS_MAX = 24,
    FEATURES_RUN_MAX = 6,    /* characters of the longest run */
    FEATURES_TEXT_MAX = 400, /* characters that are read of a text */
};

/* Part of a model: a document must be read as those were from which it was learned. */
struct feature_settings {
    uint8_t bits, shortest, longest;
};
#define FEATURE_SETTINGS_DEFAULT \
    { \
        .bits = 20, .shortest = 1, .longest = 3 \
    }

struct feature {
    uint32_t bucket;
    float value;
    /* what it was, for explanations: `length` bytes of features.text from `from` on; or (length 0) the mark `from`, alone (with ==
     * from) or in a pair */
    uint16_t from;
    uint8_t length, with;
};

/* Buckets ascending, each once. */
struct feature_list {
    struct feature *items;
    size_t count;
};

struct features {
    struct buffer text; /* as it was read */
    struct feature_list list;
    size_t capacity;
};

/* Replaces what the struct held; zeroed before first use. */
void features_take(struct features *features, const struct document *document, const struct feature_settings *settings);
void features_finish(struct features *features);
