/* The rows of libcyaml's schemas, for a struct that is named RAW at the place of use. Inside proto/book only. */
#pragma once

#include <cyaml/cyaml.h>

#include "proto/book/book.h"
#include "proto/record/event.h"

/* A code or id: the records hold 64 bytes of it (proto/record). */
#define RAW_CODE(key) CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER, RAW, key, 1, 64)
#define RAW_TEXT(key) CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER, RAW, key, 1, 1000)
#define RAW_TEXT_OPTIONAL(key) CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, key, 1, 4000)
#define RAW_INT_OR_DEFAULT(key) CYAML_FIELD_INT_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, key)
/* Whole numbers that may be left out, as a table of X(key, default, lowest, highest): as members of the raw struct, as rows of its schema, and taken (with a
 * loader, at a spot) into the struct that `taken` points at. */
#define NUMBER_MEMBER(key, initial, low, high) int64_t *key;
#define NUMBER_FIELD(key, initial, low, high) RAW_INT_OR_DEFAULT(key),
#define NUMBER_TAKE(key, initial, low, high) taken->key = loader_number(loader, spot, #key, initial, low, high);
#define RAW_REAL(key) CYAML_FIELD_FLOAT(#key, CYAML_FLAG_DEFAULT, RAW, key)
#define RAW_REAL_OPTIONAL(key) CYAML_FIELD_FLOAT(#key, CYAML_FLAG_OPTIONAL, RAW, key)
#define RAW_REAL_OR_DEFAULT(key) CYAML_FIELD_FLOAT_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, key)
#define RAW_BOOL_OPTIONAL(key) CYAML_FIELD_BOOL(#key, CYAML_FLAG_OPTIONAL, RAW, key)
#define RAW_BOOL_OR_DEFAULT(key) CYAML_FIELD_BOOL_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, key)
#define RAW_ENUM(key, strings) \
    CYAML_FIELD_ENUM(#key, CYAML_FLAG_STRICT, RAW, key, strings, sizeof strings / sizeof *strings)
#define RAW_ENUM_OPTIONAL(key, strings) \
    CYAML_FIELD_ENUM(#key, CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, RAW, key, strings, sizeof strings / sizeof *strings)
#define RAW_FLAGS_OPTIONAL(key, strings) \
    CYAML_FIELD_FLAGS(#key, CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, RAW, key, strings, \
                      sizeof strings / sizeof *strings)
#define RAW_FLAGS_OR_DEFAULT(key, strings) \
    CYAML_FIELD_FLAGS_PTR(#key, CYAML_FLAG_STRICT | CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, key, strings, \
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

enum { SOURCE_BIT_COUNT = SOURCE_SYSTEM + 1 };
extern const cyaml_strval_t source_bit_strings[SOURCE_BIT_COUNT];

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
