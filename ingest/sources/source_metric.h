/* Counters of one source each: drumtower_x_total{broker="city",outcome="read"}. */
#pragma once

#include "proto/base/metrics.h"
#include "proto/record/codec.h"

/* A counter with one or two labels (label_too NULL: one); the values must be the book's names or our own words. It lives as long as the
 * process, as the list of metrics does. */
struct metric *source_counter(const char *family, const char *help, const char *label, const char *value,
                              const char *label_too, const char *value_too);
/* A gauge with one label; it lives as long. */
struct metric *source_gauge(const char *family, const char *help, const char *label, const char *value);
/* A counter for each name of an enum: an array of desc->count. */
struct metric **source_counters(const char *family, const char *help, const char *label, const char *value,
                                const char *label_too, const struct enum_desc *desc);
