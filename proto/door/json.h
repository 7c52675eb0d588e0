/* Records as JSON: names and kinds come from the record's table; times in ms stay numbers, enums become their names. */
#pragma once

#include <jansson.h>

#include "proto/record/codec.h"

/* Defaults ("" and 0) are written too, so that a page can rely on every field. New reference. */
json_t *record_to_json(const struct record_desc *desc, const void *record);

/* Fills a record from an object; unknown members are refused by name. Texts live in the arena. */
int record_from_json(const struct record_desc *desc, const json_t *json, struct arena *arena, void *record,
                     struct fault *fault);
