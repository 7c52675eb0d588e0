/* What people say: made-up complaints of five services, for what learns from them. */
#pragma once

#include "ingest/enrich/classify/learn.h"

/* 0101 (manhole covers in the west), internal (the same words in the east), 0102 (street lamps), general (rubbish and noise), gone
 * (dogs). All but the last are in the book of test/unit/ingest/book. */
enum { SAYING_SERVICES = 5 };

struct saying {
    const char *service, *area;
    char text[160];
};
/* The n-th one, always the same. */
void saying_make(struct saying *saying, size_t n);
struct document saying_document(const struct saying *saying);
/* Adds `count` of them from the n-th on. */
void sayings_learn(struct lessons *lessons, size_t n, size_t count);
/* Learned from the first 500, examined by the 100 after them. */
void sayings_model(struct classifier *model);
