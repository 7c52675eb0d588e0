/* drumctl classify: its two halves. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/fault.h"

struct classify_call {
    const char *csv; /* eval */
    int64_t train;
    bool json;
    const char *model, *text, *area, *source, *book; /* explain */
    int64_t most;
};

int classify_eval(const struct classify_call *call, struct fault *fault);
int classify_explain(const struct classify_call *call, struct fault *fault);
