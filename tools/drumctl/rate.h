/* A rate of indicators.h, for a person. */
#pragma once

#include "proto/store/indicator.h"

struct rate {
    int64_t part, of;
    enum grade grade;
    char text[16]; /* "97.5%"; "-": there is no case to judge by */
};

/* `counts`: by enum measure. */
struct rate rate_of(const int64_t *counts, enum indicator indicator);
/* G, Y, R or a space. */
char rate_mark(enum grade grade);
