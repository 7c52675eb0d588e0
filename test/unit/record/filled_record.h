/* Records for tests: a value in every field, each another one, two items in every list. */
#pragma once

#include "proto/record/codec.h"

/* `seed` goes on from one record to the next. */
void filled_record(const struct record_desc *desc, void *record, struct arena *arena, int *seed);
