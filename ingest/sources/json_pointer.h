/* JSON pointers (RFC 6901), and what is found at one as text or number. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "proto/base/arena.h"
#include "proto/book/zone.h"

/* NULL where nothing is there; "" is the whole document. */
json_t *json_pointer(json_t *document, const char *pointer);

/* A text as it is, a number as it is written shortest, true and false as words; NULL for null, objects, arrays and NULL. */
const char *json_to_words(const json_t *value, struct arena *arena);
/* A number, a text that is one, true (1) and false (0). */
bool json_to_real(const json_t *value, double *number);
/* Finite decimal numbers only: no hexadecimal, no "nan", nothing behind them but blanks. */
bool text_real(const char *text, double *number);
/* A time: ISO 8601 (without an offset: on the zone's clocks), or a number of seconds or (from 10^11 on) milliseconds since 1970. False for anything else. */
bool text_time(const char *text, const struct zone *zone, int64_t *at_ms);
bool json_to_time(const json_t *value, const struct zone *zone, int64_t *at_ms);
