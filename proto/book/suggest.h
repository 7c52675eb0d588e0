/* "did you mean": the known name that is nearest to a mistyped one. Inside proto/book only. */
#pragma once

#include <stddef.h>

struct suggestion {
    const char *wrong;
    const char *best; /* NULL: none is near enough */
    size_t distance;
};

void suggestion_start(struct suggestion *suggestion, const char *wrong);
void suggestion_offer(struct suggestion *suggestion, const char *name);
/* "; did you mean 'water'?" or "". `out` holds `size` bytes; returns out. */
const char *suggestion_text(const struct suggestion *suggestion, char *out, size_t size);
