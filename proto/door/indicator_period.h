/* Periods of indicators: which week, month, quarter or year a local day is part of. Days as case_local_day() says them. */
#pragma once

#include <stdbool.h>

#include "proto/record/codec.h"
#include "proto/store/case_index.h"

#define PERIODS(X) \
    X(PERIOD, WHOLE, "whole") /* all days that are asked for together */ \
    X(PERIOD, DAY, "day") \
    X(PERIOD, WEEK, "week") /* ISO 8601: from Monday; the first one of a year has its first Thursday */ \
    X(PERIOD, MONTH, "month") \
    X(PERIOD, QUARTER, "quarter") \
    X(PERIOD, YEAR, "year")
ENUM_DECLARE(period, PERIODS)

struct days {
    char from[CASE_DAY_TEXT], to[CASE_DAY_TEXT]; /* both included */
};

/* "2026-01-05", "2026-W02", "2026-01", "2026-Q1", "2026", "" (whole): in order of time as texts, too. */
enum { PERIOD_TEXT = 16 };
void period_name(char out[PERIOD_TEXT], enum period period, const char *day);
/* What of `asked` the period of that day has. */
struct days period_days(enum period period, const char *day, const struct days *asked);

/* Days since 1970-01-01 as such a text. */
void day_text(char out[CASE_DAY_TEXT], int64_t day);
/* The day itself and the number - 1 before it. */
struct days days_until(const char *day, int64_t number);
int64_t days_count(const struct days *days);
/* From texts, both may be NULL or "": then `days` stays as it is. -EINVAL: no days, or the last before the first. */
int days_parse(const char *from, const char *to, struct days *days, struct fault *fault);
