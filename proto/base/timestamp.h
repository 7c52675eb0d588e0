/* Timestamps as text: RFC 3339 / ISO 8601, and the proleptic Gregorian calendar behind them.
 * Days are counted from 1970-01-01 (day 0, a Thursday); the conversion is exact for years 1 to 9999.
 */
#pragma once

#include <stdint.h>

enum { TIMESTAMP_TEXT = 40 };
enum { MS_PER_SECOND = 1000, MS_PER_MINUTE = 60 * 1000, MS_PER_HOUR = 3600 * 1000, MS_PER_DAY = 86400 * 1000 };

struct civil_date {
    int year, month, day; /* month 1-12, day 1-31 */
};

int64_t civil_to_days(struct civil_date date);
struct civil_date civil_from_days(int64_t days);
/* 0 = Monday … 6 = Sunday (ISO 8601 order) */
int civil_weekday(int64_t days);

/* "2026-01-05T08:30:00Z" (offset 0) or "2026-01-05T16:30:00+08:00"; fractions of a second are left out when they are 0.
 * `out` holds TIMESTAMP_TEXT bytes. Returns out. */
char *timestamp_format(char *out, int64_t at_ms, int offset_minutes);

/* Accepts date "T" or space time, optional fraction, "Z" or an offset; without an offset `default_offset_minutes` is used.
 * A date alone is midnight. 0, or -EINVAL for anything else (month 13, 25:00, trailing text …). */
int timestamp_parse(const char *text, int default_offset_minutes, int64_t *at_ms);

/* "YYYY-MM-DD" only. */
int civil_date_parse(const char *text, struct civil_date *date);
