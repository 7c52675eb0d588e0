/* What the subcommands share that look into a data folder: the command line, the district's time, records for a person to read. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "proto/base/args.h"
#include "proto/base/timestamp.h"
#include "proto/record/codec.h"
#include "proto/store/store.h"

struct zone;

enum { LOOK_GO_ON = -1 };

/* LOOK_GO_ON, or the exit code: the help was printed, or what is wrong with the command line was told. `data` (may be NULL): the
 * value of --data, which must have been given. */
int look_parse(const struct arg_program *program, int argc, char **argv, int *operands, const char *const *data);
/* Tells the fault on standard error; returns `status`. */
int look_fail(const struct arg_program *program, int status, const struct fault *fault);

/* The zone that the cases were counted by, as the dispatcher noted it; *zone is NULL (UTC) before its first turn. The days and
 * hours of case_index.h are this zone's from here on; it must live until zone_destroy(). */
int look_zone(struct store *cases, struct zone **zone, struct fault *fault);
/* Local time with its offset; "-" for 0. Returns out. */
const char *look_time(char out[TIMESTAMP_TEXT], const struct zone *zone, int64_t at_ms);

/* Prints words from outside: at most so many bytes, cut at a whole character, on one line that it ends, and without what a terminal would obey. */
#define LOOK_ALL SIZE_MAX
void look_puts(const char *words, size_t most);
/* Prints a record as JSON names it, one field a line behind `indent` spaces, without what is empty; times (…_ms) in local time. */
void look_print_record(const struct record_desc *desc, const void *record, const struct zone *zone, int indent);
/* On one line (0) or indented by that many spaces; takes the reference. */
void look_print_json(json_t *json, int indent);

/* Prints a place in the book ("services.yaml:41") and, where the folder is known (not NULL), what stands in that line. */
void look_print_rule(const char *book_folder, const char *rule);
