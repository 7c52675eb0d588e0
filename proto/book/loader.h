/* What the files of a book have in common while it is read: sources, problems, references. Inside proto/book only.
 *
 * Each file of the book has a reader (departments.c …) that lets libcyaml make structs of the YAML by a schema, then checks them and
 * writes the book's own. Every reader goes on after a problem, so that one run names them all; a file that could not be read
 * leaves its lookup incomplete, and references into it are then not complained about.
 */
#pragma once

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/book/book.h"
#include "proto/book/lookup.h"
#include "proto/book/source.h"
#include "proto/book/sources.h"

struct polygons;

enum { BOOK_ZONES_MAX = 16 };

#define BOOK_FILES(X) \
    X(BOOK_FILE, DISTRICT, "district.yaml") \
    X(BOOK_FILE, CALENDARS, "calendars.yaml") \
    X(BOOK_FILE, DEPARTMENTS, "departments.yaml") \
    X(BOOK_FILE, AREAS, "areas.yaml") \
    X(BOOK_FILE, SERVICES, "services.yaml") \
    X(BOOK_FILE, ROUTING, "routing.yaml") \
    X(BOOK_FILE, PEOPLE, "people.yaml") \
    X(BOOK_FILE, CAMERAS, "cameras.yaml") \
    X(BOOK_FILE, WALL, "wall.yaml")       /* optional */ \
    X(BOOK_FILE, SOURCES, "sources.yaml") /* optional */
enum book_file { BOOK_FILES(ENUM_VALUE) BOOK_FILE_COUNT };

/* What the lookup of calendars holds: they keep their code to themselves. */
struct calendar_entry {
    const char *code;
    const struct calendar *calendar;
    const char *at;
};

/* A book with what only this folder sees. */
struct loaded {
    struct book book; /* first: a struct book * is a struct loaded * */
    struct arena arena;
    struct zone *zones[BOOK_ZONES_MAX];
    size_t zone_count;
    struct lookup areas, departments, services, calendars, people, cameras, scenes, sensors;
    struct book_sources sources;
    struct polygons *polygons;
    const char *geojson;
};

struct loader {
    struct loaded *loaded;
    struct book *book;
    struct arena *arena; /* of the book */
    const char *folder;
    void (*report)(void *context, const char *error);
    void *context;
    struct fault *fault; /* takes the first problem */
    size_t problem_count;
    struct source sources[BOOK_FILE_COUNT];
};

/* ---- problems ---- */
void problem(struct loader *loader, struct spot spot, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* For what has no YAML node: a row of a table, a mark of the parser. */
struct place_in_file {
    const char *file;
    size_t line, column; /* from 1; 0: not known */
};
void problem_at(struct loader *loader, struct place_in_file at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "services.yaml:41", in the book's arena. */
const char *loader_rule(struct loader *loader, struct spot spot);

/* ---- files ---- */
/* Is there such a file in the folder? For what a book may leave out. */
bool loader_is_there(const struct loader *loader, enum book_file file);
/* Lets libcyaml make the struct of the schema; NULL: problems were reported. Give it back with loader_close(). */
void *loader_open(struct loader *loader, enum book_file file, const cyaml_schema_value_t *schema);
/* The same for a file that is no part of the book, nor of its version: source->name is in the loader's folder. */
void *loader_open_beside(struct loader *loader, struct source *source, const cyaml_schema_value_t *schema);
void loader_close(const cyaml_schema_value_t *schema, void *raw);
struct spot loader_spot(const struct loader *loader, enum book_file file);
/* Reads a file that the book names (plain or .gz, ${DRUMTOWER_TEST_DATA} expanded) and adds it to the hash. False: reported
 * at `spot`. */
bool loader_read_named(struct loader *loader, struct spot spot, const char *name, struct buffer *bytes);

/* ---- values ---- */
const char *loader_text(struct loader *loader, const char *text); /* "" for NULL */
struct book_text loader_name(struct loader *loader, const char *zh, const char *en);
void *loader_array(struct loader *loader, size_t count, size_t size);
/* The whole number at KEY, `initial` where there is none. */
int64_t loader_number(struct loader *loader, struct spot spot, const char *key, int64_t initial, int64_t low,
                      int64_t high);
/* "4 working_hour"; NULL gives UNIT_NONE. */
struct book_limit loader_limit(struct loader *loader, struct spot spot, const char *text,
                               const struct calendar *calendar);
/* Reports what cannot be part of a topic, an address or a file name. */
void loader_check_id(struct loader *loader, struct spot spot, const char *id);
bool loader_is_id(const char *id);
/* "08:30" → 510; "24:00" is the last one allowed. 0 after a problem. */
int64_t loader_minute(struct loader *loader, struct spot spot, const char *text);
/* An open zone of that name, which lives as long as the book; NULL: reported. */
const struct zone *loader_zone(struct loader *loader, struct spot spot, const char *name);
/* What a limit uses where nothing else is said: the book's first calendar, NULL where there is none. */
const struct calendar *loader_first_calendar(const struct loader *loader);
bool loader_position_ok(struct loader *loader, struct spot spot, double lat, double lon);

/* ---- references: NULL for NULL and, reported, for what is not there ---- */
const struct book_area *loader_area(struct loader *loader, struct spot spot, const char *code);
const struct book_department *loader_department(struct loader *loader, struct spot spot, const char *code);
const struct calendar *loader_calendar(struct loader *loader, struct spot spot, const char *code);
/* The areas of a list; entries that are not there are reported. */
const struct book_area *const *loader_areas(struct loader *loader, struct spot list, char *const *codes, size_t count);
/* For the lookup of a reader's own; `what` is what its entries are. */
const void *loader_refer(struct loader *loader, const struct lookup *lookup, struct spot spot, const char *what,
                         const char *code);
/* Fills the lookup from an array whose structs begin with their code, and reports doubles at KEY of the list's entries;
 * those of structs behind the list's end are their reader's to report. */
void loader_index(struct loader *loader, struct lookup *lookup, const void *items, size_t count, size_t size,
                  struct spot list, const char *key);

/* ---- the readers, in the order in which they run ---- */
void district_load(struct loader *loader);
void calendars_load(struct loader *loader);
void district_load_stages(struct loader *loader); /* the district's stage limits, once the calendars are there */
void departments_load(struct loader *loader);
void areas_load(struct loader *loader);
void services_load(struct loader *loader);
void routing_load(struct loader *loader);
void people_load(struct loader *loader);
void escalations_load(struct loader *loader); /* the district's, once calendars and people are there */
void cameras_load(struct loader *loader);
void scenes_load(struct loader *loader);
void sources_load(struct loader *loader);
