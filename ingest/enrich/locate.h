/* From what a sender said about where and when to a place with its grid and its quality marks (DOMAIN 8.8). */
#pragma once

#include <stdbool.h>

#include "proto/book/book.h"
#include "proto/record/place.h"

/* Sets area and marks of a place whose other fields are set.
 *   no position            NO_POSITION, lat and lon become 0
 *   a geocoder's fallback  FAILED_GEOCODE; no area, so that no grid is flooded with what never happened there
 *   in no area             OUTSIDE */
void locate_place(const struct book *book, bool has_position, struct place *place);

/* Marks a time that cannot be right: more than 5 minutes ahead of the clock, or more than a year old. 0 = not said. */
void locate_time(int64_t happened_at_ms, int64_t received_at_ms, struct place *place);

/* A decimal number of degrees, |value| ≤ limit; false for anything else (empty, trailing text, "nan", hexadecimal). */
bool locate_degrees(const char *text, double limit, double *value);
