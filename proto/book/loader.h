/* What the files of a book have in common while it is read: sources, problems, references. Inside proto/book only.
 *
 * Each file of the book has a reader (departments.c …) that lets libcyaml make structs of the YAML by a schema, then checks them and
 * writes the book's own. Every reader goes on after a problem, so that one run names them all; a file that could not be read
 * leaves its lookup incomplete, and references into it are then not complained about.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/book/book.h"
#include "proto/book/lookup.h"
#include "proto/book/source.h"

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
    X(BOOK_FILE, CAMERAS, "cameras.yaml")
enum book_file { BOOK_FILES(ENUM_VALUE) BOOK_FILE_COUNT };

/* What the lookup of calendars holds: they keep their code to themselves. */
struct calendar_entry {
    const char *code;
    const struct calendar *calendar;
};

/* A book with what only this folder sees. */
struct loaded {
    struct book book; /* first: a struct book * is a struct loaded * */
    struct arena arena;
    struct zone *zones[BOOK_ZONES_MAX];
    size_t zone_count;
    struct lookup areas, departments, services, calendars, people, cameras;
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
/* Lets libcyaml make the struct of the schema; NULL: problems were reported. Give it back with loader_close(). */
void *loader_open(struct loader *loader, enum book_file file, const cyaml_schema_value_t *schema);
void loader_close(const cyaml_schema_value_t *schema, void *raw);
struct spot loader_spot(const struct loader *loader, enum book_file file);
/* Reads a file that the book names (plain or .gz, ${DRUMTOWER_TEST_DATA} expanded) and adds it to the hash. False: reported
 * at `spot`. */
bool loader_read_named(struct loader *loader, struct spot spot, const char *name, struct buffer *bytes);

/* ---- values ---- */
const char *loader_text(struct loader *loader, const char *text); /* "" for NULL */
struct book_text loader_name(struct loader *loader, const char *zh, const char *en);
void *loader_array(struct loader *loader, size_t count, size_t size);
/* "4 working_hour"; NULL gives UNIT_NONE. */
struct book_limit loader_limit(struct loader *loader, struct spot spot, const char *text,
                               const struct calendar *calendar);
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
void load_district(struct loader *loader);
void load_calendars(struct loader *loader);
void load_stages(struct loader *loader); /* the district's stage limits, once the calendars are there */
void load_departments(struct loader *loader);
void load_areas(struct loader *loader);
void load_services(struct loader *loader);
void load_routing(struct loader *loader);
void load_people(struct loader *loader);
void load_cameras(struct loader *loader);

/* ---- schemas: the rows of libcyaml's tables, for a struct named RAW at the place of use ---- */
#define RAW_TEXT(key) CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER, RAW, key, 1, 1000)
#define RAW_TEXT_OPTIONAL(key) CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, key, 1, 4000)
#define RAW_INT_OPTIONAL(key) CYAML_FIELD_INT(#key, CYAML_FLAG_OPTIONAL, RAW, key)
#define RAW_INT_OR_DEFAULT(key) CYAML_FIELD_INT_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, key)
#define RAW_REAL(key) CYAML_FIELD_FLOAT(#key, CYAML_FLAG_DEFAULT, RAW, key)
#define RAW_REAL_OPTIONAL(key) CYAML_FIELD_FLOAT(#key, CYAML_FLAG_OPTIONAL, RAW, key)
#define RAW_BOOL_OPTIONAL(key) CYAML_FIELD_BOOL(#key, CYAML_FLAG_OPTIONAL, RAW, key)
#define RAW_BOOL_OR_DEFAULT(key) CYAML_FIELD_BOOL_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, key)
#define RAW_ENUM(key, strings) \
    CYAML_FIELD_ENUM(#key, CYAML_FLAG_STRICT, RAW, key, strings, sizeof strings / sizeof *strings)
#define RAW_ENUM_OPTIONAL(key, strings) \
    CYAML_FIELD_ENUM(#key, CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, RAW, key, strings, sizeof strings / sizeof *strings)
#define RAW_FLAGS_OPTIONAL(key, strings) \
    CYAML_FIELD_FLAGS(#key, CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, RAW, key, strings, \
                      sizeof strings / sizeof *strings)
#define RAW_LIST(key, entry) CYAML_FIELD_SEQUENCE(#key, CYAML_FLAG_POINTER, RAW, key, entry, 0, CYAML_UNLIMITED)
#define RAW_LIST_OPTIONAL(key, entry) \
    CYAML_FIELD_SEQUENCE(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, key, entry, 0, CYAML_UNLIMITED)
#define RAW_MAPPING_OPTIONAL(key, fields) \
    CYAML_FIELD_MAPPING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, key, fields)
/* The strings of an X-macro enum table, as values and as bits. */
#define ENUM_STRING(prefix, value, name) { name, prefix##_##value },
#define ENUM_BIT_STRING(prefix, value, name) { name, INT64_C(1) << prefix##_##value },
/* The schema of a file: its keys are the fields of struct RAW. */
#define RAW_FILE(fields) \
    { \
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, RAW, fields) \
    }
/* The schema of a list's entry. */
#define RAW_ENTRY(fields) \
    { \
        CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, RAW, fields) \
    }
extern const cyaml_schema_value_t schema_text; /* an entry of a list of texts */

/* 0 is "none", a word that nothing takes: left out. */
enum { TIER_STRING_COUNT = TIER_GRID };
extern const cyaml_strval_t tier_strings[TIER_STRING_COUNT];

#define WEEKDAYS(X) \
    X(WEEKDAY, MONDAY, "monday") \
    X(WEEKDAY, TUESDAY, "tuesday") \
    X(WEEKDAY, WEDNESDAY, "wednesday") \
    X(WEEKDAY, THURSDAY, "thursday") \
    X(WEEKDAY, FRIDAY, "friday") \
    X(WEEKDAY, SATURDAY, "saturday") \
    X(WEEKDAY, SUNDAY, "sunday")
enum weekday { WEEKDAYS(ENUM_VALUE) WEEKDAY_COUNT };
extern const cyaml_strval_t weekday_strings[WEEKDAY_COUNT];
