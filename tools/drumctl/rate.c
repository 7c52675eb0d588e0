#include "tools/drumctl/rate.h"

#include <stdio.h>

struct rate rate_of(const int64_t *counts, enum indicator indicator)
{
    struct rate rate = { counts[indicators[indicator].part], counts[indicators[indicator].of], GRADE_NONE, "-" };
    rate.grade = indicator_grade(indicator, rate.part, rate.of);
    if (rate.of)
        snprintf(rate.text, sizeof rate.text, "%.1f%%", 100.0 * (double)rate.part / (double)rate.of);
    return rate;
}

char rate_mark(enum grade grade)
{
    static const char marks[] = { [GRADE_NONE] = ' ', [GRADE_GREEN] = 'G', [GRADE_YELLOW] = 'Y', [GRADE_RED] = 'R' };
    return marks[grade];
}
