/* Walks a YAML tree along a libcyaml schema and reports everything that the schema refuses, each with its place. Inside proto/book
 * only. libcyaml itself stops at the first error of a file, and reads `maybe` as true and `010` as eight.
 */
#pragma once

#include "proto/book/loader.h"

/* `what` begins an error about the value as a whole. True where nothing was reported. */
bool lint(struct loader *loader, struct spot spot, const cyaml_schema_value_t *schema, const char *what);
